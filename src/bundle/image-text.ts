/** Images in free text: arguments, environment, configuration files. What is found here is a candidate, never more. */
import { hasRegistry, tryParseReference } from './reference.ts'

/** Whether the name of a field, flag or variable says that its value is an image. */
export function namesImage(name: string): boolean {
  return /(?:^|[._-])image(?:[._-]?(?:name|ref|reference))?$|[a-z0-9]Image(?:Name|Ref|Reference)?$|^image(?:Name|Ref|Reference)$|(?:^|_)IMAGE(?:_|$)/.test(
    name,
  )
}

/** Whether a text is a reference by its looks alone: a path, and a tag that is no port, or a digest. */
export function isImageLike(text: string): boolean {
  if (text.length > longest || !text.includes('/')) return false
  const reference = tryParseReference(text)
  if (reference === undefined || isFile(reference.path)) return false
  const { tag, digest } = reference
  if (digest !== undefined) return true
  if (tag === undefined) return false
  if (hasRegistry(text)) return true
  // `namespace/service:3306` and `key/value:word` look alike.
  return /^(?:v?\d[\w.-]*|latest|stable|main|master|nightly|edge)$/.test(tag) && !/^\d+$/.test(tag)
}

/** Whether a text is a reference, given that its name says so: a path or a tag is enough. */
export function isNamedImage(text: string): boolean {
  if (text.length > longest || !/[/:]/.test(text)) return false
  const reference = tryParseReference(text)
  return reference !== undefined && !isFile(reference.path)
}

/** The images in a longer text, by where they stand. */
export function imageTexts(text: string): { readonly start: number; readonly length: number }[] {
  if (text.length > searched || !/[a-z0-9][/:][a-z0-9]/i.test(text)) return []
  const found = new Map<number, number>()
  for (const match of text.matchAll(word)) {
    const skipped = scheme.exec(match[0])?.[0].length ?? 0
    const part = match[0].slice(skipped)
    if (isImageLike(part)) found.set(match.index + skipped, part.length)
  }
  // `image: x`, `"image": "x"`, `--image=x`, `someImage = 'x'`
  for (const match of text.matchAll(named)) {
    const value = match[2]!
    const start = match.index + match[0].length - value.length
    if (!found.has(start) && namesImage(match[1]!) && isNamedImage(value)) found.set(start, value.length)
  }
  return [...found].map(([start, length]) => ({ start, length })).sort((a, b) => a.start - b.start)
}

/** How some tools write that something lies in a registry. */
const scheme = /^(?:docker|oci):\/\//
/** What a reference may consist of, not inside a longer word, and not where a template fills something in. */
const word = /(?<![\w./:@$}-])[A-Za-z0-9][A-Za-z0-9._:/@-]*[A-Za-z0-9](?![{$(])/g
const named =
  /(?<![\w.-])([\w.-]{0,80}image(?:[-_]?(?:name|ref))?)["']?\s{0,4}[:=]\s{0,4}["']?([a-z0-9][A-Za-z0-9._:/@-]{0,300}[A-Za-z0-9])(?=["'\s,;)}\]]|$)/gi

/** Longest text that is searched; a ConfigMap cannot be longer. */
const searched = 1 << 20
/** Longest reference. */
const longest = 512

/** Pictures, disks and documents have paths too. */
function isFile(path: string): boolean {
  return /\.(?:png|svg|jpe?g|gif|ico|webp|iso|qcow2|img|raw|vmdk|ova|html?|ya?ml|json|sh|py|go|md|txt|tgz|gz|xz|zip)$/.test(
    path,
  )
}
