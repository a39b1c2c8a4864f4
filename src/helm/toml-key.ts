/** How BurntSushi/toml writes keys and strings (meta.go, encode.go). */

/** A dotted key; parts that are not bare are quoted. */
export function formatKey(path: readonly string[]): string {
  return path.map(formatKeyPart).join('.')
}

/** One part of a key. */
export function formatKeyPart(part: string): string {
  return /^[A-Za-z0-9_-]+$/.test(part) ? part : quoteString(part)
}

const short: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
}

/** A basic string. */
export function quoteString(s: string): string {
  const escaped = s.replace(/["\\\x00-\x1f\x7f]/g, c => {
    return short[c] ?? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  return `"${escaped}"`
}
