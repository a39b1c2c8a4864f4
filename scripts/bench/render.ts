/**
 * `npm run bench -- render`: the whole program as a user starts it, on the workspace of this repository and on
 * decapod-reference (--dir). Each figure is the best of several rounds, for what else the machine does only adds.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { arch, cpus, loadavg, platform, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { diskTree } from '../../src/io/fs.ts'
import { composeSiteGroup } from '../../src/render/compose.ts'
import { valuesOf } from '../../src/render/inflate.ts'
import { parseConfig } from '../../src/site/config.ts'
import type { Release } from '../../src/site/releases.ts'
import { loadWorkspace, type Root } from '../../src/site/workspace.ts'
import { stringifyValue } from '../../src/yaml/stringify.ts'

const usage = `usage: npm run bench -- render [options]

  --workspace DIR  the workspace of this repository (default: .)
  --dir DIR        decapod-reference, as materialise.py lays it out
  --helm PATH      measure this helm beside it: one process per release of decapod-reference
  --sites LIST     how many sites share the charts, for the growth (default: 1,20,200)
  --rounds N       how often each is measured; the best counts (default: 5)
`

const program = resolve(import.meta.dirname, '../../src/cli/bin.js')

/** One workspace as it is measured: its render command, and a value of it that can be changed. */
interface Subject {
  readonly name: string
  readonly cwd: string
  readonly args: readonly string[]
  readonly values: { readonly file: string; readonly pattern: RegExp; readonly text: (n: number) => string }
}

interface Figures {
  readonly cold: Taken
  readonly same: Taken
  readonly changed: Taken
  readonly uncached: Taken
  readonly peak: number
}

/** Milliseconds by the clock, and of the processor where the system tells: the second hardly knows of other work. */
interface Taken {
  readonly wall: number
  readonly cpu: number | undefined
}

export async function run(args: string[]): Promise<number> {
  const { values: given } = parseArgs({
    args,
    options: {
      workspace: { type: 'string', default: '.' },
      dir: { type: 'string' },
      helm: { type: 'string' },
      sites: { type: 'string', default: '1,20,200' },
      rounds: { type: 'string', default: '5' },
      help: { type: 'boolean', default: false },
    },
  })
  const rounds = Number(given.rounds)
  const counts = given.sites.split(',').map(Number)
  if (given.help || !(rounds >= 1) || counts.some(count => !(count >= 1))) {
    console.log(usage)
    return given.help ? 0 : 2
  }
  const temporary = mkdtempSync(join(tmpdir(), 'decapod-bench-'))
  try {
    console.log(
      `${machine()}\nseconds by the clock (of the processor, helper threads included), the least of several rounds\n`,
    )
    startUp(rounds)
    const workspace = copyWorkspace(resolve(given.workspace), join(temporary, 'workspace'))
    const subjects = [workspace]
    if (given.dir !== undefined) subjects.push(copyReference(resolve(given.dir), join(temporary, 'reference')))
    else console.log('decapod-reference is not measured: name it with --dir\n')
    printSubjects(subjects.map(subject => ({ subject, figures: measure(subject, temporary, rounds) })))
    if (given.dir !== undefined && given.helm !== undefined) printHelm(given.helm, resolve(given.dir), temporary)
    printGrowth(resolve(given.workspace), counts, temporary, rounds)
    return 0
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

function machine(): string {
  const [cpu] = cpus()
  const load = loadavg()[0]!.toFixed(1)
  return `${cpus().length} x ${cpu?.model ?? arch()}, ${platform()}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}, load ${load}`
}

/** Milliseconds of processor that processes started here have taken (proc(5): cutime and cstime in hundredths). */
function childTime(): number | undefined {
  if (!existsSync('/proc/self/stat')) return undefined
  const fields = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return 10 * (Number(fields[13]) + Number(fields[14]))
}

function timed(work: () => void): Taken {
  const before = childTime()
  const start = performance.now()
  work()
  const wall = performance.now() - start
  const after = childTime()
  return { wall, cpu: before === undefined || after === undefined ? undefined : after - before }
}

/** Runs decapod. Sites with failures that are their charts' own exit with 1. */
function time(args: readonly string[], cwd: string, cache: string): void {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd,
    env: { ...process.env, DECAPOD_CACHE: cache },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0 && status !== 1) throw new Error(stderr)
}

/** The most memory that a run takes, in MB: the process tells it at its end. */
function peakOf(args: readonly string[], cwd: string, cache: string): number {
  const main = `import{isMainThread}from'node:worker_threads';if(isMainThread)`
  const tell = `data:text/javascript,import{writeSync}from'node:fs';${main}process.on('exit',()=>writeSync(3,String(process.resourceUsage().maxRSS)))`
  const { output } = spawnSync(process.execPath, ['--import', tell, program, ...args], {
    cwd,
    env: { ...process.env, DECAPOD_CACHE: cache },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  })
  return Number(output[3]) / 1024
}

/** The least of several rounds; `prepare` is not measured. */
function best(rounds: number, work: () => void, prepare: () => void = () => {}): Taken {
  const taken = Array.from({ length: rounds }, () => {
    prepare()
    return timed(work)
  })
  const cpu = taken.flatMap(({ cpu: own }) => (own === undefined ? [] : [own]))
  return { wall: Math.min(...taken.map(({ wall }) => wall)), cpu: cpu.length === 0 ? undefined : Math.min(...cpu) }
}

function seconds({ wall, cpu }: Taken): string {
  return `${(wall / 1000).toFixed(2)} s${cpu === undefined ? '' : ` (${(cpu / 1000).toFixed(2)})`}`
}

function startUp(rounds: number): void {
  const node = best(4 * rounds, () => void spawnSync(process.execPath, ['-e', '0'])).wall
  const version = best(4 * rounds, () => time(['--version'], '.', '')).wall
  console.log(`start-up: node -e 0 ${node.toFixed(0)} ms, decapod --version ${version.toFixed(0)} ms\n`)
}

/** How many caches and outputs were begun, and how often values were edited. */
let begun = 0
let edits = 0

function measure(subject: Subject, temporary: string, rounds: number): Figures {
  const { cwd } = subject
  let cache = ''
  let args: readonly string[] = []
  // Others each time: ext4 looks for a new file among those that were deleted in the last five seconds, one by one, and
  // nobody deletes a thousand files right before a render.
  const fresh = (): void => {
    begun++
    cache = join(temporary, `cache-${begun}`)
    args = [...subject.args, '--out', join(temporary, `out-${begun}`)]
  }
  fresh()
  const peak = peakOf(args, cwd, cache)
  const cold = best(rounds, () => time(args, cwd, cache), fresh)
  // Twice, so that what is random has its last render.
  for (let i = 0; i < 2; i++) time(args, cwd, cache)
  // What was written just now is not yet trusted by its times.
  settle()
  const same = best(2 * rounds, () => time(args, cwd, cache))
  const edit = (): void => {
    change(subject, ++edits)
    settle()
  }
  const changed = best(rounds, () => time(args, cwd, cache), edit)
  const uncached = best(rounds, () => time([...args, '--no-cache'], cwd, cache))
  return { cold, same, changed, uncached, peak }
}

function settle(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2_100)
}

function change({ values }: Subject, n: number): void {
  const text = readFileSync(values.file, 'utf8')
  const changed = text.replace(values.pattern, values.text(n))
  if (changed === text) throw new Error(`${values.file} has no ${String(values.pattern)}`)
  writeFileSync(values.file, changed)
}

/** Base, sites and settings of a workspace, to be rendered and changed elsewhere. */
function copyWorkspace(from: string, to: string): Subject {
  for (const name of ['decapod.yaml', 'decapod.lock', 'base', 'sites', 'vendor']) {
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name), { recursive: true })
  }
  return {
    name: 'the workspace',
    cwd: to,
    args: ['render', '--all', '--quiet'],
    values: retention(join(to, 'sites/site-x/lma/site-values.yaml'), /retention: \d+d/),
  }
}

function copyReference(from: string, to: string): Subject {
  for (const name of ['base', 'sites']) cpSync(join(from, name), join(to, name), { recursive: true })
  return {
    name: 'decapod-reference',
    cwd: to,
    args: [
      ...['render', 'decapod-reference', '--quiet', '--charts', from, '--kube-version', '1.24.0'],
      ...['--placeholders', 'off', '--keep-going'],
    ],
    values: retention(join(to, 'sites/decapod-reference/lma/site-values.yaml'), /(?<=prometheusSpec\.)retention: \d+d/),
  }
}

/** How long Prometheus keeps its data: one value that one release of a site uses. */
function retention(file: string, pattern: RegExp): Subject['values'] {
  return { file, pattern, text: n => `retention: ${100 + n}d` }
}

function printSubjects(rows: readonly { readonly subject: Subject; readonly figures: Figures }[]): void {
  const line = (name: string, cells: readonly string[]): void =>
    console.log(name.padEnd(34) + cells.map(cell => cell.padStart(20)).join(''))
  const times = (of: (figures: Figures) => Taken): string[] => rows.map(({ figures }) => seconds(of(figures)))
  line(
    '',
    rows.map(({ subject }) => subject.name),
  )
  line(
    'cold: no cache, no output',
    times(f => f.cold),
  )
  line(
    'without the cache, over its output',
    times(f => f.uncached),
  )
  line(
    'nothing changed',
    times(f => f.same),
  )
  line(
    'one value changed',
    times(f => f.changed),
  )
  line(
    'most memory, cold',
    rows.map(({ figures }) => `${figures.peak.toFixed(0)} MB`),
  )
  console.log('')
}

/** The same releases with the same values, each by a helm of its own. */
function printHelm(helm: string, dir: string, temporary: string): void {
  const root = (name: string): Root => ({ tree: diskTree(join(dir, name)), label: name })
  const workspace = loadWorkspace(parseConfig(undefined, '', []).settings, {
    project: root('.'),
    base: root('base'),
    sites: root('sites'),
  })
  const charts = new Map(Object.entries(JSON.parse(readFileSync(join(dir, 'charts.json'), 'utf8')) as object))
  const releases: Release[] = []
  for (const site of workspace.sites.filter(({ name }) => name === 'decapod-reference')) {
    for (const group of site.groups) {
      const placeholders = { ...workspace.config.placeholders, mode: 'off' as const }
      releases.push(...composeSiteGroup(workspace, site, group, { placeholders }).releases)
    }
  }
  const file = join(temporary, 'values.yaml')
  let wall = 0
  let cpu = 0
  let failed = 0
  for (const { name, namespace, chart, ...release } of releases) {
    const key = chart.kind === 'helm' ? `${chart.repository} ${chart.chart} ${chart.version}` : ''
    const path = charts.get(key) ?? charts.get(key.replace(' ', '/ '))
    if (typeof path !== 'string') throw new Error(`charts.json has no "${key}"`)
    writeFileSync(file, stringifyValue(valuesOf({ name, namespace, chart, ...release })))
    const taken = timed(() => {
      try {
        const flags = ['--namespace', namespace, '--kube-version', '1.24.0', '-f', file]
        execFileSync(helm, ['template', name, join(dir, path), ...flags], { maxBuffer: 1 << 30, stdio: 'pipe' })
      } catch {
        failed++
      }
    })
    wall += taken.wall
    cpu += taken.cpu ?? 0
  }
  console.log(`a helm process for each of ${releases.length} releases (${failed} fail): ${seconds({ wall, cpu })}\n`)
}

/** The workspace's first site many times over: all share its charts. */
function printGrowth(from: string, counts: readonly number[], temporary: string, rounds: number): void {
  console.log('sites that share charts            cold   nothing changed   one value changed   most memory')
  for (const count of counts) {
    const to = join(temporary, `fleet-${count}`)
    const subject = copyWorkspace(from, to)
    const one = join(temporary, 'one-site')
    cpSync(join(to, 'sites/site-x'), one, { recursive: true })
    rmSync(join(to, 'sites'), { recursive: true })
    for (let i = 0; i < count; i++) {
      cpSync(one, join(to, 'sites', `site-${String(i).padStart(4, '0')}`), { recursive: true })
    }
    const values = retention(join(to, 'sites/site-0000/lma/site-values.yaml'), /retention: \d+d/)
    // Beside one thread as many as it starts by itself, for one site none.
    for (const jobs of count > 1 ? [['--jobs', '1'], []] : [[]]) {
      const fleet = { ...subject, values, args: [...subject.args, ...jobs] }
      const { cold, same, changed, peak } = measure(fleet, temporary, count < 10 ? rounds : 1)
      console.log(
        `${count}${jobs.length > 0 ? ', --jobs 1' : ''}`.padEnd(23) +
          seconds(cold).padStart(16) +
          seconds(same).padStart(18) +
          seconds(changed).padStart(20) +
          `${peak.toFixed(0)} MB`.padStart(14),
      )
    }
    rmSync(to, { recursive: true, force: true })
  }
}
