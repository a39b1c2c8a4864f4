/** Override keys: paths with dots. */

/** Splits an override's key at its dots; `\.` is a literal dot, any other backslash is itself. */
export function splitPath(key: string): string[] {
  if (!key.includes('\\.')) return key.split('.')
  const parts: string[] = []
  let part = ''
  for (let i = 0; i < key.length; i++) {
    if (key[i] === '\\' && key[i + 1] === '.') {
      part += '.'
      i++
    } else if (key[i] === '.') {
      parts.push(part)
      part = ''
    } else part += key[i]
  }
  parts.push(part)
  return parts
}

/** Writes path parts as an override's key. */
export function joinParts(parts: readonly string[]): string {
  return parts.map(escapePart).join('.')
}

/** One part of a path as an override's key writes it. */
export function escapePart(part: string): string {
  return part.replaceAll('.', '\\.')
}
