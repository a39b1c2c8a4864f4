/** path/filepath's Match on Unix: shell patterns in which nothing but "/" itself matches a "/". */

/** Thrown text of a malformed pattern, as Go's filepath.ErrBadPattern. */
const badPattern = 'syntax error in pattern'

/**
 * Whether a name matches a pattern of literals, `?`, `*`, `[a-z]`, `[^a-z]` and `\` escapes. Throws Error with Go's text
 * for a pattern that is malformed as far as it had to be read.
 */
export function matchPath(pattern: string, name: string): boolean {
  let rest = [...pattern]
  let text = [...name]
  next: while (rest.length > 0) {
    const { star, chunk, after } = scanChunk(rest)
    rest = after
    if (star && chunk.length === 0) return !text.includes('/')
    // A chunk that ends the pattern must also end the name, or a star before it may still stretch.
    const tail = matchChunk(chunk, text)
    if (tail !== undefined && (tail.length === 0 || rest.length > 0)) {
      text = tail
      continue
    }
    if (star) {
      for (let i = 0; i < text.length && text[i] !== '/'; i++) {
        const later = matchChunk(chunk, text.slice(i + 1))
        if (later === undefined || (rest.length === 0 && later.length > 0)) continue
        text = later
        continue next
      }
    }
    return false
  }
  return text.length === 0
}

/** Splits off the stars at the front and the part up to the next star outside a class. */
function scanChunk(pattern: readonly string[]): { star: boolean; chunk: string[]; after: string[] } {
  let start = 0
  while (pattern[start] === '*') start++
  let inClass = false
  let end = start
  for (; end < pattern.length; end++) {
    const ch = pattern[end]
    if (ch === '\\') {
      if (end + 1 < pattern.length) end++
    } else if (ch === '[') inClass = true
    else if (ch === ']') inClass = false
    else if (ch === '*' && !inClass) break
  }
  return { star: start > 0, chunk: pattern.slice(start, end), after: pattern.slice(end) }
}

/** What remains of the text after the chunk, or undefined; the chunk is read to its end so that errors show. */
function matchChunk(chunk: readonly string[], text: readonly string[]): string[] | undefined {
  let failed = false
  let at = 0
  let i = 0
  while (i < chunk.length) {
    failed ||= at >= text.length
    const ch = chunk[i]!
    if (ch === '[') {
      const rune: string = failed ? '' : text[at++]!
      i++
      const negated = chunk[i] === '^'
      if (negated) i++
      let matched = false
      for (let ranges = 0; ; ranges++) {
        if (chunk[i] === ']' && ranges > 0) {
          i++
          break
        }
        let low: string
        ;[low, i] = classRune(chunk, i)
        let high = low
        if (chunk[i] === '-') [high, i] = classRune(chunk, i + 1)
        const code = rune.codePointAt(0) ?? -1
        matched ||= low.codePointAt(0)! <= code && code <= high.codePointAt(0)!
      }
      failed ||= matched === negated
    } else if (ch === '?') {
      if (!failed) failed = text[at++] === '/'
      i++
    } else {
      if (ch === '\\') i++
      if (i >= chunk.length) throw new Error(badPattern)
      if (!failed) failed = chunk[i] !== text[at++]
      i++
    }
  }
  return failed ? undefined : text.slice(at)
}

/** A character of a class, perhaps escaped, and where the next one starts. The class must go on after it. */
function classRune(chunk: readonly string[], at: number): [string, number] {
  let i = at
  if (i >= chunk.length || chunk[i] === '-' || chunk[i] === ']') throw new Error(badPattern)
  if (chunk[i] === '\\') i++
  if (i + 1 >= chunk.length) throw new Error(badPattern)
  return [chunk[i]!, i + 1]
}
