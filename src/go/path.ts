/** Go's package path: slash-separated paths, lexically. path/filepath is the same on Linux. */

/** path.Clean: the shortest equivalent path; "." for an empty one. */
export function clean(path: string): string {
  if (path === '') return '.'
  // Most paths are clean.
  if (!/\/\/|(?:^|\/)\.|.\/$/.test(path)) return path
  const rooted = path.startsWith('/')
  const out: string[] = []
  for (const element of path.split('/')) {
    if (element === '' || element === '.') continue
    if (element !== '..') out.push(element)
    else if (out.length > 0 && out.at(-1) !== '..') out.pop()
    else if (!rooted) out.push('..')
  }
  const joined = out.join('/')
  if (rooted) return `/${joined}`
  return joined === '' ? '.' : joined
}

/** path.Base: the last element, trailing slashes removed; "." for an empty path, "/" for slashes only. */
export function base(path: string): string {
  if (path === '') return '.'
  let end = path.length
  while (end > 0 && path[end - 1] === '/') end--
  if (end === 0) return '/'
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end)
}

/** path.Dir: all but the last element, cleaned. */
export function dir(path: string): string {
  return clean(path.slice(0, path.lastIndexOf('/') + 1))
}

/** path.Ext: from the last dot of the last element on, or "". */
export function ext(path: string): string {
  const dot = path.lastIndexOf('.')
  return dot > path.lastIndexOf('/') ? path.slice(dot) : ''
}

/** path.IsAbs. */
export function isAbs(path: string): boolean {
  return path.startsWith('/')
}

/** path.Join: non-empty elements with slashes between, cleaned; "" when all are empty. */
export function join(...elements: string[]): string {
  const joined = elements.filter(e => e !== '').join('/')
  return joined === '' ? '' : clean(joined)
}
