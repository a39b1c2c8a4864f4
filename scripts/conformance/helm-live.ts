/**
 * `npm run conformance -- helm-live --dir DIR --helm3 PATH --helm4 PATH`: runs `decapod template` and the real helm on every
 * chart below DIR, with values and flags made up from a seed, and compares standard output, messages and success.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { main } from '../../src/cli/main.ts'
import { type Answer, type Comparison, compareAnswers, type Verdict } from './helm-compare.ts'
import { type Judge, Oracle, programJudge } from './helm-judges.ts'
import { type Run, runsOf } from './helm-variants.ts'

const usage = `usage: npm run conformance -- helm-live --dir DIR [--helm3 PATH] [--helm4 PATH] [options]

  --dir DIR        directories with charts, at any depth; archives (.tgz) that lie beside them count too
  --helm3 PATH     compare --semantics 3 with this helm
  --helm4 PATH     compare --semantics 4 with this one
  --oracle PATH    compare both with test/oracle, built: cheaper, but says nothing about --show-only and flags
  --only TEXT      only charts whose path contains TEXT
  --every N        every Nth chart, from the one that --from counts (default 1)
  --from N         (default 0)
  --files N        at most N values files of each chart (default 6)
  --variants N     at most N renderings with made-up values and flags (default 6)
  --seed N         (default 1)
  --ahead N        questions that helm works on while decapod answers (default 4)
  --diff           print the first differing lines
`

/** One Helm to be equal to, and how often we were. */
interface Major {
  readonly semantics: string
  readonly judge: Judge
  readonly verdicts: Map<Verdict, number>
  otherWarnings: number
  unanswered: number
}

/** A command line that the judges have been asked. */
interface Asked {
  readonly run: Run
  readonly answers: readonly Promise<Answer | undefined>[]
}

export async function run(args: string[]): Promise<number> {
  const { values: given } = parseArgs({
    args,
    options: {
      dir: { type: 'string' },
      helm3: { type: 'string' },
      helm4: { type: 'string' },
      oracle: { type: 'string' },
      only: { type: 'string', default: '' },
      every: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
      files: { type: 'string', default: '6' },
      variants: { type: 'string', default: '6' },
      seed: { type: 'string', default: '1' },
      ahead: { type: 'string', default: '4' },
      diff: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (given.help || given.dir === undefined || (given.helm3 ?? given.helm4 ?? given.oracle) === undefined) {
    console.log(usage)
    return given.help ? 0 : 2
  }
  const dir = resolve(given.dir)
  const oracle = given.oracle === undefined ? undefined : new Oracle(resolve(given.oracle), dir)
  const majors: Major[] = []
  for (const [semantics, helm] of [['3', given.helm3] as const, ['4', given.helm4] as const]) {
    const judge = helm === undefined ? oracle?.judge(semantics === '3' ? 3 : 4) : programJudge(helm, dir)
    if (judge !== undefined) majors.push({ semantics, judge, verdicts: new Map(), otherWarnings: 0, unanswered: 0 })
  }
  const charts = chartsBelow(dir, '')
    .filter(chart => chart.includes(given.only))
    .filter((_, i) => i % Number(given.every) === Number(given.from))
  const scratch = mkdtempSync(join(tmpdir(), 'helm-live-'))
  const plan = { dir, scratch, files: Number(given.files), variants: Number(given.variants), seed: given.seed }
  let runs = 0
  let done = 0
  let stopped = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopped = true
    })
  }
  const waiting: Asked[] = []
  const settle = async (): Promise<void> => {
    const { run, answers } = waiting.shift()!
    runs++
    for (const [i, major] of majors.entries()) {
      const ours = await runDecapod(run.args, major.semantics, dir)
      const theirs = await answers[i]
      if (theirs === undefined) {
        major.unanswered++
        continue
      }
      count(
        major,
        run,
        await compareAnswers(ours, theirs, async () => (await major.judge(run.args)) ?? theirs),
        given.diff,
      )
    }
  }
  try {
    for (const chart of charts) {
      if (stopped) break
      for (const run of runsOf(plan, chart)) {
        waiting.push({ run, answers: majors.map(({ judge }) => judge(run.args)) })
        if (waiting.length * majors.length > Number(given.ahead)) await settle()
      }
      done++
      if (done % 50 === 0) console.error(`${done} of ${charts.length} charts, ${runs} runs`)
    }
    while (waiting.length > 0) await settle()
  } finally {
    rmSync(scratch, { recursive: true, force: true })
    oracle?.stop()
  }
  for (const major of majors) console.log(figures(major, done, runs))
  return majors.some(({ verdicts }) => verdicts.has('other output')) ? 1 : 0
}

function count(major: Major, run: Run, { verdict, detail, warnings }: Comparison, diff: boolean): void {
  major.verdicts.set(verdict, (major.verdicts.get(verdict) ?? 0) + 1)
  if (warnings !== undefined) major.otherWarnings++
  for (const [what, text] of [
    [verdict, detail],
    ['other warnings', warnings],
  ]) {
    if (text === undefined) continue
    console.log(`Helm ${major.semantics}: ${what}: ${run.name}: ${run.args.join(' ')}`)
    if (diff) console.log(text)
  }
}

/** Standard output, success and messages, each counted by itself. */
function figures({ semantics, verdicts, otherWarnings, unanswered }: Major, charts: number, runs: number): string {
  const of = (verdict: Verdict): number => verdicts.get(verdict) ?? 0
  return [
    `\nHelm ${semantics}: ${charts} charts, ${runs} runs${unanswered === 0 ? '' : `, ${unanswered} of them not answered`}`,
    `  output of successful runs: ${of('equal')} equal, ${of('equal after masking')} equal after masking, ${of('other output')} different`,
    `  failures of both: ${of('same error')} in the same words, ${of('other error')} in others`,
    `  success: ${of('decapod fails, helm does not')} fail here alone, ${of('helm fails, decapod does not')} in helm alone`,
    `  warnings: ${otherWarnings} others`,
  ].join('\n')
}

/** Paths of charts below a directory. What lies inside a chart is not looked at, and libraries cannot be rendered. */
function chartsBelow(root: string, path: string): string[] {
  const metadata = join(root, path, 'Chart.yaml')
  if (existsSync(metadata)) return /^type: *["']?library/m.test(readFileSync(metadata, 'utf8')) ? [] : [path]
  const entries = readdirSync(join(root, path), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  return entries.flatMap(entry => {
    const below = join(path, entry.name)
    if (entry.isDirectory()) return chartsBelow(root, below)
    return entry.isFile() && entry.name.endsWith('.tgz') ? [below] : []
  })
}

async function runDecapod(args: readonly string[], semantics: string, cwd: string): Promise<Answer> {
  const out: Buffer[] = []
  let stderr = ''
  const code = await main([...args, '--semantics', semantics], {
    stdout: text => void out.push(Buffer.from(text as string)),
    stderr: text => {
      stderr += text
    },
    env: { HOME: '/nonexistent' },
    cwd,
    terminal: false,
    outTerminal: false,
    columns: 80,
    sourceLine: () => undefined,
  })
  return { ok: code === 0, stdout: Buffer.concat(out), stderr }
}
