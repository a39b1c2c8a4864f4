/**
 * Differential fuzzing against Helm's own packages (test/oracle). Each case is a question made from a seed; both majors
 * are asked. Results, error texts and what is logged must be equal to the byte.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type Answer, answer, type Question, sameAnswer } from '../../test/support/answer.ts'
import { callCase } from './helm/calls.ts'
import { chartCase } from './helm/charts.ts'
import { expressionCase } from './helm/expressions.ts'
import { filesCase } from './helm/files.ts'
import { askOracle } from './helm/oracle.ts'
import { setCase } from './helm/set.ts'
import { versionCase } from './helm/versions.ts'
import { writeCase } from './helm/writes.ts'
import { yamlCase } from './helm/yaml.ts'
import { Random } from './random.ts'

const modes = {
  expressions: expressionCase,
  calls: callCase,
  yaml: yamlCase,
  writes: writeCase,
  charts: chartCase,
  set: setCase,
  versions: versionCase,
  files: filesCase,
} satisfies Record<string, (random: Random) => Question>
type Mode = keyof typeof modes

const usage = `usage: npm run fuzz -- helm --oracle PATH [options]

  --oracle PATH  test/oracle, built: (cd test/oracle && go build -o PATH .)
  --runs N       cases (default: 20000)
  --seed N       the first of their seeds (default: 1)
  --mode NAME    only ${Object.keys(modes).join(', ')}
  --only REGEXP  calls of functions with such names only
  --show N       differences to print (default: 10)
  --record FILE  add the cases that differ to a table of test/conformance/helm
  --keep FILE    add every case that has a lasting answer and is not large
  --again FILE   ask the questions of a table anew, and rewrite its answers
`

/** A line of a table of test/conformance/helm: a question, Helm 3's answer, and Helm 4's where it differs. */
export type Recorded = Question & Answer & { readonly helm4?: Answer }

export async function run(args: string[]): Promise<number> {
  const { values: given } = parseArgs({
    args,
    options: {
      oracle: { type: 'string' },
      runs: { type: 'string', default: '20000' },
      seed: { type: 'string', default: '1' },
      mode: { type: 'string' },
      only: { type: 'string' },
      show: { type: 'string', default: '10' },
      record: { type: 'string' },
      keep: { type: 'string' },
      again: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const { oracle } = given
  if (given.help || oracle === undefined) {
    console.log(usage)
    return given.help ? 0 : 2
  }
  if (given.again !== undefined) {
    const questions = readTable(given.again).map(questionOf)
    writeTable(given.again, judge(oracle, questions).flatMap(record))
    return 0
  }
  if (given.mode !== undefined && !Object.hasOwn(modes, given.mode)) throw new Error(`no mode ${given.mode}`)
  const chosen = given.mode === undefined ? (Object.keys(modes) as Mode[]) : [given.mode as Mode]
  const only = given.only === undefined ? undefined : new RegExp(given.only)
  const first = Number(given.seed)
  const end = first + Number(given.runs)
  const counts = { equal: 0, errors: 0, passed: 0, different: 0 }
  const recorded: Recorded[] = []
  for (let seed = first; seed < end; ) {
    const seeds = Array.from({ length: Math.min(1000, end - seed) }, () => seed++)
    const questions = seeds.map(one => {
      const mode = chosen[one % chosen.length]!
      return mode === 'calls' ? callCase(new Random(one), only) : modes[mode](new Random(one))
    })
    judge(oracle, questions).forEach((judged, i) => {
      if (judged.verdicts.every(verdict => verdict === 'passed')) counts.passed++
      else if (judged.verdicts.includes('different')) {
        if (counts.different++ < Number(given.show)) console.log(report(seeds[i]!, judged))
        if (given.record !== undefined) recorded.push(...record(judged))
      } else {
        counts.equal++
        if (judged.want[0]?.error !== undefined) counts.errors++
      }
      if (given.keep !== undefined) recorded.push(...record(judged).filter(isSmall))
    })
  }
  const file = given.record ?? given.keep
  if (file !== undefined) writeTable(file, [...(existsSync(file) ? readTable(file) : []), ...recorded])
  const { equal, errors, passed, different } = counts
  console.log(
    `${given.mode ?? 'all modes'}: ${end - first} cases from seed ${first}: ${equal} equal (${errors} of them errors), ` +
      `${different} different, ${passed} without a lasting answer`,
  )
  return different === 0 ? 0 : 1
}

/** A question with the answers of both sides, for Helm 3 and 4. */
interface Judged {
  readonly question: Question
  readonly want: readonly [Answer | undefined, Answer | undefined]
  readonly got: readonly [Answer, Answer]
  readonly verdicts: readonly ('equal' | 'different' | 'passed')[]
}

function judge(oracle: string, questions: readonly Question[]): Judged[] {
  const want3 = askOracle(oracle, questions, 3)
  const want4 = askOracle(oracle, questions, 4)
  return questions.map((question, i) => {
    const want = [want3[i], want4[i]] as const
    const got = [ours(question, 3), ours(question, 4)] as const
    const verdicts = got.map((ours, major) => {
      const theirs = want[major]
      if (theirs === undefined || !isLasting(theirs)) return 'passed'
      if (sameAnswer(question, ours, { warnings: [], ...theirs })) return 'equal'
      return isDeliberate(ours, theirs) || answersOtherwise(oracle, question, theirs, major) ? 'passed' : 'different'
    })
    return { question, want, got, verdicts }
  })
}

/** Whether Go's own answer is another on another try: the order of a map. */
function answersOtherwise(oracle: string, question: Question, first: Answer, major: number): boolean {
  const tries = askOracle(oracle, Array<Question>(12).fill(question), major === 0 ? 3 : 4)
  return tries.some(answer => told(answer) !== told(first))
}

/** Where the clock is asked, Go's answer differs from run to run. */
const clock = 'the clock was asked'

function ours(question: Question, major: 3 | 4): Answer {
  return answer(question, major, {
    now: () => {
      throw new Error(clock)
    },
  })
}

/** Go answers with an address of memory here and there; those differ from run to run. */
function isLasting(answer: Answer): boolean {
  return !/0x[0-9a-f]{7,}|Capabilities|4361706162696c6974696573|%!\w\(string=\):\d{10,}/i.test(JSON.stringify(answer))
}

/**
 * What differs on purpose: passwords of URLs do not stand in messages, there are limits, and gobwas/glob, which takes
 * runes for bytes here and there, is not followed to where it panics.
 */
function isDeliberate(got: Answer, want: Answer): boolean {
  if (want.error?.includes('error calling Glob: runtime error: slice bounds') === true) return true
  if (got.error === undefined) return false
  if (got.error.startsWith('LIMIT_EXCEEDED') || got.error.includes(clock)) return true
  return got.error === want.error?.replaceAll('http://u:p@', 'http://***@')
}

function record({ question, want, verdicts }: Judged): Recorded[] {
  const [three, four] = want
  if (three === undefined || four === undefined || verdicts.includes('passed')) return []
  return [{ ...question, ...three, ...(JSON.stringify(three) === JSON.stringify(four) ? {} : { helm4: four }) }]
}

/** Tables are read by people too. */
function isSmall(recorded: Recorded): boolean {
  return JSON.stringify(recorded).length < 10_000
}

function questionOf(recorded: Recorded): Question {
  const { want: _1, wantBase64: _2, error: _3, warnings: _4, helm4: _5, ...question } = recorded
  return question
}

function readTable(file: string): Recorded[] {
  return JSON.parse(readFileSync(file, 'utf8')) as Recorded[]
}

/** One case to a line; none twice. */
function writeTable(file: string, cases: readonly Recorded[]): void {
  const lines = new Set(cases.map(one => JSON.stringify(one)))
  writeFileSync(file, `[\n${[...lines].join(',\n')}\n]\n`)
}

function report(seed: number, { question, want, got, verdicts }: Judged): string {
  const { template, files, ...rest } = question
  const texts = Object.entries(files ?? {}).map(([path, text]) => `# ${path}\n${text}`)
  const lines = [`=== seed ${seed} ${JSON.stringify(rest)}`, ...texts, ...(template === undefined ? [] : [template])]
  verdicts.forEach((verdict, major) => {
    if (verdict !== 'different') return
    const [theirs, ours] = differing(told(want[major]), told(got[major]))
    lines.push(`--- want ${major + 3}: ${theirs}`, `--- got  ${major + 3}: ${ours}`)
  })
  return lines.join('\n')
}

/** Two texts from a little before where they begin to differ. */
function differing(a: string, b: string): [string, string] {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  const from = Math.max(0, at - 60)
  const cut = (text: string): string => `${from > 0 ? '…' : ''}${text.slice(from, from + 400)}`
  return [cut(a), cut(b)]
}

function told(answer: Answer | undefined): string {
  return JSON.stringify({ ...answer, warnings: [...(answer?.warnings ?? [])].sort() })
}
