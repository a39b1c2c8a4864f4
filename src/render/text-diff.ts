/** Which lines of a text changed: the shortest edit by Myers' algorithm, bounded, so that a hostile text costs no more. */

export interface LineEdit {
  readonly mark: ' ' | '-' | '+'
  readonly line: string
}

/** More edits than this are not aligned line by line: the changed middle is shown as removed and added. */
const mostEdits = 400

/** The edit from `before` to `after`, unchanged lines included. */
export function diffLines(before: readonly string[], after: readonly string[]): LineEdit[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  const most = Math.min(before.length, after.length) - start
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  const old = before.slice(start, before.length - end)
  const now = after.slice(start, after.length - end)
  return [
    ...marked(' ', before.slice(0, start)),
    ...(shortestEdit(old, now) ?? [...marked('-', old), ...marked('+', now)]),
    ...marked(' ', before.slice(before.length - end)),
  ]
}

function marked(mark: LineEdit['mark'], lines: readonly string[]): LineEdit[] {
  return lines.map(line => ({ mark, line }))
}

/** E. Myers, "An O(ND) Difference Algorithm", 1986: furthest points per diagonal, one snapshot per edit for the way back. */
function shortestEdit(a: readonly string[], b: readonly string[]): LineEdit[] | undefined {
  const limit = Math.min(a.length + b.length, mostEdits)
  const offset = limit + 1
  const furthest = new Int32Array(2 * limit + 3)
  const history: Int32Array[] = []
  for (let edits = 0; edits <= limit; edits++) {
    history.push(furthest.slice(offset - edits - 1, offset + edits + 2))
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && furthest[offset + k - 1]! < furthest[offset + k + 1]!)
      let x = down ? furthest[offset + k + 1]! : furthest[offset + k - 1]! + 1
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++
      furthest[offset + k] = x
      if (x >= a.length && x - k >= b.length) return wayBack(a, b, history)
    }
  }
  return undefined
}

/** The edit read from its end; `history[d]` holds the diagonals -d-1 … d+1 before the d-th edit. */
function wayBack(a: readonly string[], b: readonly string[], history: readonly Int32Array[]): LineEdit[] {
  const edits: LineEdit[] = []
  let [x, y] = [a.length, b.length]
  for (let d = history.length - 1; d >= 0; d--) {
    const row = history[d]!
    const at = (k: number): number => row[k + d + 1]!
    const k = x - y
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1))
    const fromX = d === 0 ? 0 : down ? at(k + 1) : at(k - 1)
    const fromY = d === 0 ? 0 : fromX - (down ? k + 1 : k - 1)
    while (x > fromX && y > fromY && a[x - 1] === b[y - 1]) {
      edits.push({ mark: ' ', line: a[x - 1]! })
      x--
      y--
    }
    if (d === 0) break
    if (down) edits.push({ mark: '+', line: b[--y]! })
    else edits.push({ mark: '-', line: a[--x]! })
  }
  return edits.reverse()
}
