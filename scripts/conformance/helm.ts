/**
 * `npm run conformance -- helm --dir DIR`: renders real charts and compares with what `helm template` prints. DIR is what
 * assemble_charts.py laid out; the recorded checksums are those of helm-corpus.json beside it.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DecapodError } from '../../src/errors.ts'
import { toBytes } from '../../src/go/value.ts'
import type { Chart } from '../../src/helm/chart.ts'
import { formatManifest, helmMessage } from '../../src/helm/format.ts'
import { loggedLine } from '../../src/helm/log-line.ts'
import { renderChart } from '../../src/helm/render.ts'
import type { Semantics } from '../../src/helm/semantics.ts'
import { mergeUserValues } from '../../src/helm/user-values.ts'
import { machinePorts } from '../../src/io/clock.ts'
import { readLocalChart } from '../../src/io/local-chart.ts'
import { type Answer, compareAnswers, type Verdict as LiveVerdict } from './helm-compare.ts'
import { programJudge } from './helm-judges.ts'

const usage = `usage: npm run conformance -- helm --dir DIR [options]

  --dir DIR        the charts, as assemble_charts.py lays them out
  --corpus FILE    the record of runs (default: ../shared/conformance/helm-corpus.json)
  --semantics 3|4  the Helm to be equal to (default: 3)
  --helm PATH      compare with this helm, live; random content is compared too, after masking
  --only TEXT      only runs whose chart or values contain TEXT
  --ahead N        processes of it at once (default 2)
  --diff           print the first differing lines (with --helm)
`

/** One recorded rendering. */
interface CorpusRun {
  readonly chart: string
  readonly values: string | null
  readonly set?: readonly string[]
  readonly ok: boolean
  readonly sha256?: string
  readonly deterministic?: boolean
  readonly error?: string
  readonly helm4?: { readonly sha256?: string; readonly error?: string }
}

/** What a rendering gave: its output, or the message of its failure. */
type Outcome = { readonly out: string; readonly warnings: readonly string[] } | { readonly error: string }

type Verdict = LiveVerdict | 'random, not compared' | 'different'

interface Settings {
  readonly dir: string
  readonly semantics: Semantics
}

export async function run(args: string[]): Promise<number> {
  const { values: given } = parseArgs({
    args,
    options: {
      dir: { type: 'string' },
      corpus: { type: 'string', default: resolve('../shared/conformance/helm-corpus.json') },
      semantics: { type: 'string', default: '3' },
      helm: { type: 'string' },
      only: { type: 'string', default: '' },
      ahead: { type: 'string', default: '2' },
      diff: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (given.help || given.dir === undefined || !['3', '4'].includes(given.semantics)) {
    console.log(usage)
    return given.help ? 0 : 2
  }
  const settings: Settings = { dir: given.dir, semantics: Number(given.semantics) as Semantics }
  const { runs } = JSON.parse(readFileSync(given.corpus, 'utf8')) as { runs: CorpusRun[] }
  const counts = new Map<Verdict, number>()
  const started = performance.now()
  const render = renderer(settings)
  const chosen = runs.filter(recorded => nameOf(recorded).includes(given.only))
  const ask = given.helm === undefined ? undefined : liveJudge(given.helm, settings)
  const asked: Promise<Answer>[] = []
  let stopped = false
  process.on('SIGTERM', () => {
    stopped = true
  })
  for (const [i, recorded] of chosen.entries()) {
    if (stopped) break
    // Helm works on the next runs while this one is rendered here.
    while (ask !== undefined && asked.length < Math.min(Number(given.ahead), chosen.length - i)) {
      asked.push(ask(chosen[i + asked.length]!))
    }
    const got = render(recorded)
    const { verdict, detail } =
      ask === undefined
        ? judge(recorded, got, settings)
        : await compareAnswers(answerOf(got, settings), await asked.shift()!, () => ask(recorded))
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
    if (!agreeing.has(verdict)) {
      console.log(`${verdict}: ${nameOf(recorded)}`)
      if (detail !== undefined && (ask === undefined || given.diff)) console.log(detail)
    }
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  const peak = Math.round(process.resourceUsage().maxRSS / 1024)
  const judged = [...counts.values()].reduce((sum, n) => sum + n, 0)
  const how = ask === undefined ? 'recorded' : 'live'
  console.log(
    `\nHelm ${settings.semantics}, ${how}, ${judged} of ${chosen.length} runs, ${seconds} s, ${peak} MB at most`,
  )
  for (const [verdict, n] of counts) console.log(`${String(n).padStart(6)}  ${verdict}`)
  return [...counts.keys()].every(verdict => agreeing.has(verdict)) ? 0 : 1
}

const agreeing = new Set<Verdict>(['equal', 'same error', 'equal after masking', 'random, not compared'])

const nameOf = ({ chart, values, set }: CorpusRun): string => [chart, values ?? '', ...(set ?? [])].join(' ').trim()

/** Renders runs in this process; a chart is loaded once for the runs that follow each other. */
function renderer({ dir, semantics }: Settings): (recorded: CorpusRun) => Outcome {
  let loaded: { path: string; chart: Chart } | undefined
  const ports = machinePorts()
  return ({ chart: path, values, set }) => {
    try {
      if (loaded?.path !== path) loaded = { path, chart: readLocalChart(join(dir, path), { semantics, label: path }) }
      const files = values === null ? [] : [{ file: values, text: readFileSync(join(dir, values), 'utf8') }]
      const rendered = renderChart(loaded.chart, {
        values: mergeUserValues({ files, set: set ?? [] }, semantics),
        kubeVersion: '1.31.0',
        semantics,
        ports,
      })
      return { out: formatManifest(rendered, { semantics, includeCrds: true }), warnings: rendered.warnings }
    } catch (error) {
      if (!(error instanceof DecapodError)) {
        console.log(`a defect: ${path} ${values ?? ''}`)
        return { error: String((error as Error).stack) }
      }
      return { error: helmMessage(error, semantics) }
    }
  }
}

function judge(recorded: CorpusRun, got: Outcome, settings: Settings): { verdict: Verdict; detail: string } {
  const answer = settings.semantics === 4 && recorded.helm4 !== undefined ? recorded.helm4 : recorded
  if (answer.error !== undefined) {
    const shown = 'error' in got ? cut(got.error, settings.dir) : '(no error)'
    const isSame = shown.startsWith(cut(answer.error, settings.dir)) || sameLines(shown, answer.error)
    return { verdict: isSame ? 'same error' : 'different', detail: `  want ${answer.error}\n  got  ${shown}` }
  }
  if ('error' in got) return { verdict: 'different', detail: `  failed: ${got.error}` }
  if (recorded.deterministic === false) return { verdict: 'random, not compared', detail: '' }
  const sum = createHash('sha256').update(toBytes(got.out)).digest('hex')
  return { verdict: sum === answer.sha256 ? 'equal' : 'different', detail: '  other bytes' }
}

/** Messages are recorded up to 300 characters and without the directory. */
function cut(message: string, dir: string): string {
  return message.replaceAll(`${resolve(dir)}/`, '').slice(0, 300)
}

/** The violations of a schema come in random order, so what was recorded may be cut anywhere. */
function sameLines(got: string, want: string): boolean {
  if (!want.startsWith("values don't meet the specifications")) return false
  return got.split('\n').slice(0, 2).join('\n') === want.split('\n').slice(0, 2).join('\n')
}

/** Asks helm, with charts named as the render names them. */
function liveJudge(helm: string, { dir }: Settings): (recorded: CorpusRun) => Promise<Answer> {
  const ask = programJudge(helm, resolve(dir))
  return async ({ chart, values, set }) => {
    const args = ['template', 'release-name', chart, '--namespace', 'default', '--include-crds']
    args.push('--kube-version', '1.31.0')
    if (values !== null) args.push('-f', values)
    for (const line of set ?? []) args.push('--set', line)
    return (await ask(args))!
  }
}

function answerOf(got: Outcome, { dir, semantics }: Settings): Answer {
  if ('out' in got) {
    const stderr = got.warnings.map(warning => `${loggedLine(warning, semantics)}\n`).join('')
    return { ok: true, stdout: Buffer.from(toBytes(got.out)), stderr }
  }
  const stderr = `Error: ${got.error.replaceAll(`${resolve(dir)}/`, '')}\n`
  return { ok: false, stdout: Buffer.alloc(0), stderr }
}
