/** Splitting the paths of field specs, replacements and vars (kyaml/utils/pathsplitter.go). */

/** Splits at a delimiter that a backslash escapes; a leading delimiter is ignored. */
export function splitPath(path: string, delimiter: string): string[] {
  let parts = path.split(delimiter)
  if (parts.length > 1 && parts[0] === '') parts = parts.slice(1)
  const out = [parts[0]!]
  for (const part of parts.slice(1)) {
    const last = out.length - 1
    if (out[last]!.endsWith('\\')) out[last] = out[last]!.slice(0, -1) + delimiter + part
    else out.push(part)
  }
  return out
}

/**
 * Splits likewise, but what stands in brackets stays one part: `[name=a.b]` keeps its brackets (an element of a list),
 * `[a.b/c]` loses them (a key).
 */
export function splitBracketedPath(path: string, delimiter: string): string[] {
  const out: string[] = []
  const parts = splitPath(path, delimiter)
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!
    if (!part.startsWith('[') || part.endsWith(']')) {
      out.push(part)
      continue
    }
    let whole = part
    while (i < parts.length - 1) {
      whole += delimiter + parts[++i]!
      if (parts[i]!.endsWith(']')) break
    }
    out.push(whole.includes('=') ? whole : whole.replace(/^[[\]]+|[[\]]+$/g, ''))
  }
  return out
}
