/** Whether decapod and helm gave the same answer to one command line. */

/** What a process or a render gave. */
export interface Answer {
  readonly ok: boolean
  readonly stdout: Buffer
  readonly stderr: string
  /** True where warnings lack what helm's loggers put before them. */
  readonly isPlain?: boolean
}

export type Verdict =
  | 'equal'
  | 'equal after masking'
  | 'other output'
  | 'same error'
  | 'other error'
  | 'helm fails, decapod does not'
  | 'decapod fails, helm does not'

/** `detail` is there where the answers differ; `warnings` where what they say besides does. */
export interface Comparison {
  readonly verdict: Verdict
  readonly detail?: string
  readonly warnings?: string
}

/**
 * Compares standard output byte for byte, success, and messages: helm's error must be the first thing that decapod prints
 * of its own, and warnings the same lines in any order, for much of helm walks maps. `again` runs helm once more, to see
 * what it does not give twice.
 */
export async function compareAnswers(ours: Answer, theirs: Answer, again: () => Promise<Answer>): Promise<Comparison> {
  if (ours.ok !== theirs.ok) {
    const verdict = theirs.ok ? 'decapod fails, helm does not' : 'helm fails, decapod does not'
    return { verdict, detail: indented((theirs.ok ? ours : theirs).stderr.slice(0, 600), theirs.ok ? '+' : '-') }
  }
  const answer = theirs.ok ? await compareOutput(ours, theirs, again) : await compareErrors(ours, theirs, again)
  const warnings = await compareWarnings(ours.stderr, theirs, again)
  return warnings === undefined ? answer : { ...answer, warnings }
}

async function compareErrors(ours: Answer, theirs: Answer, again: () => Promise<Answer>): Promise<Comparison> {
  const got = ours.stderr.slice(Math.max(0, ours.stderr.search(/^Error: /m)))
  const isSame = (error: string): boolean =>
    got.startsWith(`${error}\n`) || linesOf(error).every(line => linesOf(got).includes(line))
  const first = parts(theirs.stderr)[0]
  if (isSame(first)) return { verdict: 'same error' }
  for (let i = 0; i < 5; i++) {
    const second = parts((await again()).stderr)[0]
    if (isSame(second)) return { verdict: 'same error' }
    // Texts that list the keys of a map have them in any order.
    const mine = got.slice(0, Math.max(first.length, second.length))
    if (second !== first && sorted(first) === sorted(second) && sorted(mine) === sorted(first)) {
      return { verdict: 'same error' }
    }
  }
  return {
    verdict: 'other error',
    detail: `${indented(first.slice(0, 600), '-')}\n${indented(got.slice(0, 600), '+')}`,
  }
}

async function compareOutput(ours: Answer, theirs: Answer, again: () => Promise<Answer>): Promise<Comparison> {
  if (ours.stdout.equals(theirs.stdout)) return { verdict: 'equal' }
  const [got, first] = [ours.stdout.toString('latin1'), theirs.stdout.toString('latin1')]
  const answers = [first]
  for (let i = 0; i < 5; i++) {
    const next = (await again()).stdout.toString('latin1')
    // Any two of helm's answers may be like ours: where a chart holds another twice, it takes either.
    const others = answers.filter(other => other !== next)
    if (next === got && others.length > 0) return { verdict: 'equal after masking' }
    for (const other of others) {
      // Where helm's own answers differ in order alone, any order is right.
      if (equalMasked(got, other, next) || (sorted(other) === sorted(next) && sorted(got) === sorted(other))) {
        return { verdict: 'equal after masking' }
      }
    }
    answers.push(next)
  }
  return { verdict: 'other output', detail: firstDifference(got, first) }
}

/** The lines that differ; what helm says before it fails depends on the order of Go's maps, so it may say more the next time. */
async function compareWarnings(
  ours: string,
  theirs: Answer,
  again: () => Promise<Answer>,
): Promise<string | undefined> {
  const linesOfLog = (stderr: string): readonly string[] =>
    theirs.isPlain === true
      ? parts(stderr)[1]
          .filter(isWarning)
          .flatMap(line => linesOf(message(line)))
      : parts(stderr)[1]
  const got = linesOfLog(ours)
  const first = linesOfLog(theirs.stderr)
  const inOrder = (lines: readonly string[]): string => [...lines].sort().join('\n')
  for (let i = 0, warnings = first; i < 5; i++, warnings = linesOfLog((await again()).stderr)) {
    if (inOrder(got) === inOrder(warnings)) return undefined
  }
  const missing = first.filter(line => !got.includes(line))
  const extra = got.filter(line => !first.includes(line))
  const show = (lines: readonly string[], sign: string): string[] =>
    lines.slice(0, 8).map(line => `  ${sign} ${line.slice(0, 200)}`)
  return [...show(missing, '-'), ...show(extra, '+')].join('\n')
}

const indented = (text: string, sign: string): string =>
  linesOf(text)
    .map(line => `  ${sign} ${line}`)
    .join('\n')

/** The error, which is last and may have many lines, and the lines before it. */
function parts(stderr: string): [error: string, warnings: readonly string[]] {
  const at = stderr.search(/^Error: /m)
  const before = at === -1 ? stderr : stderr.slice(0, at)
  return [at === -1 ? '' : stderr.slice(at).trimEnd(), linesOf(before)]
}

const linesOf = (text: string): string[] => text.split('\n').filter(line => line.trim() !== '')

/** Helm 4 also logs the error that it then prints; its packages alone do not at every place. */
const isWarning = (line: string): boolean =>
  !/^level=ERROR /.test(line) && !/^chart dependencies processing failed /.test(line)

/** "coalesce.go:237: …" of Helm 3; `level=WARN msg="…" key=value` of Helm 4. */
function message(line: string): string {
  const plain = line.replace(/^[a-z_]+\.go:\d+: /, '')
  const match = /^(?:time=\S+ )?level=\w+ msg=("(?:[^"\\]|\\.)*"|\S+)(.*)$/.exec(plain)
  if (match === null) return plain
  const text = match[1]!.startsWith('"') ? (JSON.parse(match[1]!) as string) : match[1]!
  return text + match[2]!
}

const sorted = (text: string): string =>
  text
    .split(/[\s,']+/)
    .sort()
    .join('\n')

/**
 * Whether an output is one that helm could have given: equal where two runs of helm agree; where they do not, equal up to
 * where they part. Blocks between PEM marks count as one line, since keys differ in length.
 */
export function equalMasked(got: string, first: string, second: string): boolean {
  const lines = (text: string): string[] =>
    text.replace(/-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----/g, '-----$1-----').split('\n')
  const [a, b, c] = [lines(got), lines(first), lines(second)]
  if (a.length !== b.length || b.length !== c.length) return false
  return a.every((line, i) => {
    if (b[i] === c[i]) return line === b[i]
    let common = 0
    while (b[i]![common] === c[i]![common]) common++
    // The runs may agree by chance in the first characters of a random word.
    const word = /[A-Za-z0-9+/=]*$/.exec(b[i]!.slice(0, common))![0].length
    return line.startsWith(b[i]!.slice(0, common - word))
  })
}

/** The first lines that differ, with a few around them: `-` is what helm gave. */
export function firstDifference(got: string, want: string): string {
  const [a, b] = [got.split('\n'), want.split('\n')]
  const differs = a.findIndex((line, i) => line !== b[i])
  const at = differs === -1 ? a.length : differs
  const from = Math.max(0, at - 4)
  const show = (lines: string[], sign: string): string =>
    lines
      .slice(from, at + 6)
      .map(line => `  ${sign} ${line.slice(0, 200)}`)
      .join('\n')
  return `  line ${at + 1}\n${show(b, '-')}\n${show(a, '+')}`
}
