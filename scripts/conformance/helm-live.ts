/**
 * `npm run conformance -- helm-live --dir DIR --helm3 PATH --helm4 PATH`: runs `decapod template` and the real helm on every
 * chart below DIR, with values and flags made up from a seed, and compares standard output, messages and success.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { main } from '../../src/cli/main.ts'
import { DecapodError } from '../../src/errors.ts'
import type { GoDict, GoValue } from '../../src/go/value.ts'
import { parseValues } from '../../src/helm/values-file.ts'
import { type Answer, compareAnswers, type Verdict } from './helm-compare.ts'
import { type Judge, Oracle, programJudge } from './helm-judges.ts'

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
  --diff           print the first differing lines
`

/** The arguments of one rendering, and what was written for it. */
interface Run {
  readonly name: string
  readonly args: readonly string[]
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
  const majors: { semantics: string; judge: Judge }[] = []
  if (given.helm3 !== undefined) majors.push({ semantics: '3', judge: programJudge(given.helm3, dir) })
  else if (oracle !== undefined) majors.push({ semantics: '3', judge: oracle.judge(3) })
  if (given.helm4 !== undefined) majors.push({ semantics: '4', judge: programJudge(given.helm4, dir) })
  else if (oracle !== undefined) majors.push({ semantics: '4', judge: oracle.judge(4) })
  const counts = new Map<string, Map<Verdict, number>>(majors.map(({ semantics }) => [semantics, new Map()]))
  const charts = chartsBelow(dir, '')
    .filter(chart => chart.includes(given.only))
    .filter((_, i) => i % Number(given.every) === Number(given.from))
  const scratch = mkdtempSync(join(tmpdir(), 'helm-live-'))
  let runs = 0
  let done = 0
  let stopped = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopped = true
    })
  }
  try {
    for (const chart of charts) {
      if (stopped) break
      done++
      if (done % 50 === 0) console.error(`${done} of ${charts.length} charts, ${runs} runs`)
      for (const one of runsOf(dir, chart, scratch, Number(given.files), Number(given.variants), given.seed)) {
        runs++
        for (const { semantics, judge } of majors) {
          const asked = judge(one.args)
          const ours = await runDecapod(one.args, semantics, dir)
          const theirs = await asked
          if (theirs === undefined) continue
          const { verdict, detail } = await compareAnswers(ours, theirs, async () => (await judge(one.args)) ?? theirs)
          const count = counts.get(semantics)!
          count.set(verdict, (count.get(verdict) ?? 0) + 1)
          if (detail === undefined) continue
          console.log(`Helm ${semantics}: ${verdict}: ${one.name}: ${one.args.join(' ')}`)
          if (given.diff) console.log(detail)
        }
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
    oracle?.stop()
  }
  for (const { semantics } of majors) {
    console.log(`\nHelm ${semantics}: ${done} charts, ${runs} runs`)
    for (const [verdict, n] of counts.get(semantics)!) console.log(`${String(n).padStart(7)}  ${verdict}`)
  }
  return 0
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

// ---------------------------------------------------------------------------------------------------------------------
// Renderings to try

/** Draws from a seed, the same for the same words on every machine. */
class Draw {
  #state: number

  constructor(seed: string) {
    this.#state = createHash('sha256').update(seed).digest().readUInt32LE(0)
  }

  /** Below n. */
  number(n: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0
    return Math.floor((this.#state / 2 ** 32) * n)
  }

  chance(percent: number): boolean {
    return this.number(100) < percent
  }

  of<T>(list: readonly T[]): T {
    return list[this.number(list.length)]!
  }
}

function* runsOf(
  dir: string,
  chart: string,
  scratch: string,
  files: number,
  variants: number,
  seed: string,
): Iterable<Run> {
  const base = ['template', 'release-name', chart]
  yield { name: 'defaults', args: [...base, '--kube-version', '1.31.0', '--include-crds'] }
  const draw = new Draw(`${seed} ${chart}`)
  const isDirectory = statSync(join(dir, chart)).isDirectory()
  const beside = isDirectory ? valuesFiles(join(dir, chart)).map(file => join(chart, file)) : []
  for (const file of draw.chance(50) ? beside.slice(0, files) : beside.slice(-files)) {
    yield { name: 'values file', args: [...base, '-f', file, ...flags(draw)] }
  }
  const values = isDirectory ? defaultsOf(join(dir, chart, 'values.yaml')) : new Map<string, GoValue>()
  const templates = isDirectory ? templatesOf(join(dir, chart)) : []
  let file = 0
  const written = (text: string): string => {
    const path = join(scratch, `values-${file++}.yaml`)
    writeFileSync(path, text)
    return path
  }
  for (const [name, make] of variantKinds.slice(0, variants)) {
    const args = make(values, draw, written, templates)
    if (args !== undefined) yield { name, args: [...base, ...args, ...flags(draw)] }
  }
}

/** Values files that a chart brings along: ci/*.yaml, values-*.yaml, examples. */
function valuesFiles(chart: string): string[] {
  const found: string[] = []
  for (const folder of ['', 'ci', 'examples', 'tests', 'test-values']) {
    const path = join(chart, folder)
    if (!existsSync(path) || !statSync(path).isDirectory()) continue
    for (const name of readdirSync(path).sort()) {
      if (!/\.ya?ml$/.test(name) || (folder === '' && !/values/i.test(name)) || name === 'values.yaml') continue
      if (name !== 'Chart.yaml' && statSync(join(path, name), { throwIfNoEntry: false })?.isFile() === true)
        found.push(join(folder, name))
    }
  }
  return found
}

function defaultsOf(file: string): GoDict {
  try {
    return parseValues(readFileSync(file, 'utf8'), file, 3)
  } catch (error) {
    if (error instanceof DecapodError || (error as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
    throw error
  }
}

function templatesOf(chart: string): string[] {
  const path = join(chart, 'templates')
  if (!existsSync(path) || !statSync(path).isDirectory()) return []
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter(name => /\.ya?ml$/.test(name) && !name.includes('/_'))
    .sort()
    .map(name => `templates/${name}`)
}

const kubeVersions = ['1.20.0', '1.25.3', 'v1.31.0', '1.35', 'v1.28.9-gke.100']
const apiVersions = [
  'monitoring.coreos.com/v1',
  'networking.k8s.io/v1/Ingress',
  'policy/v1/PodDisruptionBudget,autoscaling/v2/HorizontalPodAutoscaler',
  'cert-manager.io/v1',
  'route.openshift.io/v1',
  'gateway.networking.k8s.io/v1/HTTPRoute',
]

function flags(draw: Draw): string[] {
  const args = ['--kube-version', draw.of(kubeVersions)]
  while (draw.chance(30)) args.push('-a', draw.of(apiVersions))
  if (draw.chance(50)) args.push('-n', draw.of(['prod', 'kube-system', 'default']))
  for (const flag of ['--include-crds', '--skip-tests', '--no-hooks', '--is-upgrade', '--skip-schema-validation']) {
    if (draw.chance(20)) args.push(flag)
  }
  return args
}

interface Leaf {
  readonly path: readonly string[]
  readonly value: GoValue
}

/** All values that are no tables with something in them, and those tables as well. */
function leaves(values: GoDict, path: readonly string[] = []): Leaf[] {
  return [...values].flatMap(([key, value]) => {
    const own = { path: [...path, key], value }
    return value instanceof Map && value.size > 0 ? [own, ...leaves(value as GoDict, own.path)] : [own]
  })
}

type Variant = (
  values: GoDict,
  draw: Draw,
  written: (text: string) => string,
  templates: readonly string[],
) => string[] | undefined

const variantKinds: readonly (readonly [name: string, make: Variant])[] = [
  ['filled', (values, draw, written) => fileOf(values, draw, written, 60, filled)],
  ['flipped', (values, draw, written) => fileOf(values, draw, written, 30, flip)],
  ['nulls', (values, draw, written) => fileOf(values, draw, written, 8, () => null)],
  ['types', (values, draw, written) => fileOf(values, draw, written, 6, otherType)],
  [
    'set',
    (values, draw) => {
      const all = leaves(values)
      const some = Array.from({ length: Math.min(all.length, 5) }, () => draw.of(all))
      return sets(some, leaf => setText(leaf.value, draw))
    },
  ],
  ['all enabled', values => sets(leaves(values).filter(isSwitch), () => 'true')],
  [
    'show only',
    (_, draw, _written, templates) =>
      templates.length === 0
        ? undefined
        : ['-s', draw.of(templates), '--show-only', draw.of([...templates, 'templates/*'])],
  ],
]

const isSwitch = ({ path, value }: Leaf): boolean => /enable|create|install/i.test(path.at(-1)!) && value === false

function sets(some: readonly Leaf[], text: (leaf: Leaf) => string): string[] | undefined {
  if (some.length === 0) return undefined
  const escaped = (key: string): string => key.replace(/[.,=[\\]/g, c => `\\${c}`)
  return some.slice(0, 80).flatMap(leaf => ['--set', `${leaf.path.map(escaped).join('.')}=${text(leaf)}`])
}

function setText(value: GoValue, draw: Draw): string {
  return draw
    .of(['null', 'true', 'false', '0', '1', '{a,b}', 'x=y', '1.5', '1e6', '', 'text', `${String(value)}`.slice(0, 9)])
    .replace(/[\n]/g, ' ')
}

/** A values file in which some of the chart's values are others. */
function fileOf(
  values: GoDict,
  draw: Draw,
  written: (text: string) => string,
  percent: number,
  change: (value: GoValue, draw: Draw) => unknown,
): string[] | undefined {
  const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const { path, value } of leaves(values)) {
    if (!draw.chance(percent)) continue
    const to = change(value, draw)
    if (to === undefined) continue
    let at = out
    for (const key of path.slice(0, -1)) {
      const next = at[key]
      at = (
        typeof next === 'object' && next !== null && !Array.isArray(next) ? next : (at[key] = Object.create(null))
      ) as Record<string, unknown>
    }
    at[path.at(-1)!] = to
  }
  // JSON is YAML.
  return Object.keys(out).length === 0 ? undefined : ['-f', written(JSON.stringify(out, undefined, 1))]
}

const flip = (value: GoValue): unknown => (typeof value === 'boolean' ? !value : undefined)

function otherType(value: GoValue, draw: Draw): unknown {
  const others = ['text', '12', 7, 1234567, 0.5, true, '', {}, [], ['a', 1], { a: 'b' }, null]
  const other = draw.of(others)
  return typeof other === typeof value ? undefined : other
}

/** What is empty by default gets something; the rest stays. */
function filled(value: GoValue, draw: Draw): unknown {
  if (value === false) return draw.chance(70) ? true : undefined
  if (value === '') return draw.of(['some-text', 'a: b', '{{ .Release.Name }}-x', '1.2.3'])
  if (Array.isArray(value) && value.length === 0) return draw.of([['a'], [{ name: 'x', value: 'y' }], [1, 2]])
  if (value instanceof Map && value.size === 0)
    return draw.of([{ a: 'b' }, { 'k.e/y': '{{ .Release.Name }}', n: 5 }, { x: { y: true } }])
  return undefined
}

// ---------------------------------------------------------------------------------------------------------------------
// Running

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
