/**
 * `npm run bench -- helm --dir DIR`: the time for the real charts of helm-corpus.json, in one process, beside one
 * `helm template` per release (--helm) and beside Helm's Go library in one process (--oracle, test/oracle built).
 */
import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { parseArgs } from 'node:util'
import { roomForThreads } from '../../src/io/processors.ts'
import { type CorpusRun, releaseRenderer } from './helm-release.ts'
import { ReleaseThreads } from './helm-threads.ts'

const usage = `usage: npm run bench -- helm --dir DIR [options]

  --dir DIR      the charts, as assemble_charts.py lays them out
  --corpus FILE  the record of runs (default: ../shared/conformance/helm-corpus.json)
  --helm PATH    measure this helm beside it, one process per release
  --oracle PATH  measure Helm's Go library beside it: test/oracle, built
  --sites N      sites that share the charts (default: 20)
  --threads N    threads that share these sites, beside one (default: as many as render would start)
  --every N      only every Nth run (default: 1)
  --trace        also with tracing of the values that templates read, warm, beside the same without
`

/** Milliseconds of each run, in the order of the corpus. */
type Times = readonly number[]

export async function run(args: string[]): Promise<number> {
  const { values: given } = parseArgs({
    args,
    options: {
      dir: { type: 'string' },
      corpus: { type: 'string', default: resolve('../shared/conformance/helm-corpus.json') },
      helm: { type: 'string' },
      oracle: { type: 'string' },
      sites: { type: 'string', default: '20' },
      threads: { type: 'string', default: String(roomForThreads()) },
      every: { type: 'string', default: '1' },
      trace: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { dir } = given
  if (given.help || dir === undefined) {
    console.log(usage)
    return given.help ? 0 : 2
  }
  const { runs: all } = JSON.parse(readFileSync(given.corpus, 'utf8')) as { runs: CorpusRun[] }
  const runs = all.filter((_, i) => i % Number(given.every) === 0)
  const sites = Number(given.sites)
  const count = Number(given.threads)

  console.log(`${runs.length} releases`)
  const library = given.oracle === undefined ? undefined : new Library(given.oracle)
  const own: number[] = []
  const shared: number[] = []
  const onThreads: number[] = []
  const inLibrary: number[] = []
  const processes: number[] = []
  const untraced: number[] = []
  const traced: number[] = []
  const makesKeys = new Set<CorpusRun>()
  const decapod = releaseRenderer(dir, makesKeys)
  // One release after the other by all of them, so that what else the machine does meets all alike.
  for (const release of runs) {
    own.push(timed(() => decapod(release, 0)))
    if (library !== undefined) inLibrary.push(await library.render(dir, release))
    if (given.helm !== undefined) processes.push(timed(() => runHelm(given.helm!, dir, release)))
    // The first site is the one above.
    const others = timed(() => {
      for (let site = 1; site < sites; site++) decapod(release, site)
    })
    shared.push(own.at(-1)! + others)
    if (given.trace) {
      untraced.push(timed(() => decapod(release, 0)))
      traced.push(timed(() => decapod(release, 0, () => {})))
    }
  }
  library?.close()
  const peak = Math.round(process.resourceUsage().maxRSS / 1024)
  // Afterwards: threads have memory of their own.
  if (count > 1) {
    const threads = new ReleaseThreads(count, dir, runs, sites)
    for (const index of runs.keys()) onThreads.push(timed(() => threads.render(index)))
  }

  const print = (chosen: (run: CorpusRun) => boolean): void => {
    const of = (times: Times): Times => times.filter((_, i) => chosen(runs[i]!))
    report('decapod, one process', of(own))
    report(`decapod, one process, ${sites} sites`, of(shared))
    if (count > 1) report(`decapod, ${count} threads, ${sites} sites`, of(onThreads))
    if (given.trace) {
      report('decapod, warm', of(untraced))
      report('decapod, warm, traced', of(traced))
      ratio('traced / not traced', total(of(traced)) / total(of(untraced)))
    }
    if (library !== undefined) {
      report("Helm's Go library, one process", of(inLibrary))
      ratio('Go library / decapod', total(of(inLibrary)) / total(of(own)))
    }
    if (given.helm !== undefined) {
      report('one helm process per release', of(processes))
      ratio('processes / decapod', total(of(processes)) / total(of(own)))
      const forSites = total(of(processes)) * sites
      ratio(`processes / decapod, ${sites} sites`, forSites / total(of(shared)))
      if (count > 1) ratio(`processes / decapod, ${sites} sites, ${count} threads`, forSites / total(of(onThreads)))
    }
  }
  print(() => true)
  console.log(`peak memory of the one process ${peak} MB`)
  if (makesKeys.size > 0) {
    // RSA keys and bcrypt take anybody their time, and hide what the engines take.
    console.log(`\n${runs.length - makesKeys.size} releases that make no keys and hash no passwords`)
    print(release => !makesKeys.has(release))
  }
  return 0
}

function runHelm(helm: string, dir: string, { chart, values, set }: CorpusRun): void {
  const args = ['template', 'release-name', join(dir, chart), '--include-crds', '--kube-version', '1.31.0']
  if (values !== null) args.push('-f', join(dir, values))
  for (const line of set ?? []) args.push('--set', line)
  try {
    execFileSync(helm, args, { maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    // As above.
  }
}

/** Helm's Go library in a process that stays: the oracle, which measures each answer itself. */
class Library {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #answers: AsyncIterator<string>

  constructor(oracle: string) {
    this.#child = spawn(oracle, { stdio: ['pipe', 'pipe', 'ignore'] })
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async render(dir: string, { chart, values, set }: CorpusRun): Promise<number> {
    const question = {
      id: '',
      kind: 'chart',
      dir: resolve(dir, chart),
      valueFiles: values === null ? [] : [resolve(dir, values)],
      set: set ?? [],
      kubeVersion: '1.31.0',
      includeCrds: true,
    }
    this.#child.stdin.write(`${JSON.stringify(question)}\n`)
    const answer = await this.#answers.next()
    return (JSON.parse(answer.value as string) as { millis: number }).millis
  }

  close(): void {
    this.#child.stdin.end()
  }
}

function timed(work: () => void): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

function total(times: Times): number {
  return times.reduce((sum, time) => sum + time, 0)
}

function report(name: string, times: Times): void {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number): string => `${sorted[Math.floor((sorted.length - 1) * share)]!.toFixed(1)} ms`
  const mean = `${(total(times) / times.length).toFixed(1)} ms`
  const seconds = `${(total(times) / 1000).toFixed(1)} s`.padStart(9)
  console.log(`${name.padEnd(36)}${seconds}  mean ${mean}, median ${at(0.5)}, 95 % ${at(0.95)}, most ${at(1)}`)
}

function ratio(name: string, value: number): void {
  console.log(`  ${name}: ${value.toFixed(1)} x`)
}
