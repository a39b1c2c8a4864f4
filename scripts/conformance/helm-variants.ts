/** Command lines of `helm template` for a chart that nobody wrote values for: made up from a seed, the same on every machine. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DecapodError } from '../../src/errors.ts'
import type { GoDict, GoValue } from '../../src/go/value.ts'
import { parseValues } from '../../src/helm/values-file.ts'

/** The arguments of one rendering, and what was written for it. */
export interface Run {
  readonly name: string
  readonly args: readonly string[]
}

/** What to try on each chart. */
export interface Plan {
  /** The directory that chart paths start from. */
  readonly dir: string
  /** Where values files may be written. */
  readonly scratch: string
  /** At most so many values files that the chart brings. */
  readonly files: number
  /** At most so many kinds of made-up values, of the chart's own choice. */
  readonly variants: number
  readonly seed: string
}

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

let filesWritten = 0

/** The defaults, values files of the chart, then made-up ones, each with flags drawn for it. */
export function* runsOf({ dir, scratch, files, variants, seed }: Plan, chart: string): Iterable<Run> {
  const base = ['template', 'release-name', chart]
  yield { name: 'defaults', args: [...base, '--kube-version', '1.31.0', '--include-crds'] }
  const draw = new Draw(`${seed} ${chart}`)
  const isDirectory = statSync(join(dir, chart)).isDirectory()
  const beside = isDirectory ? valuesFiles(join(dir, chart)).map(file => join(chart, file)) : []
  for (const file of draw.chance(50) ? beside.slice(0, files) : beside.slice(-files)) {
    yield { name: 'values file', args: [...base, '-f', file, ...flags(draw)] }
  }
  const subject: Subject = {
    values: isDirectory ? defaultsOf(join(dir, chart)) : new Map<string, GoValue>(),
    templates: isDirectory ? templatesOf(join(dir, chart)) : [],
    draw,
    written: text => {
      const path = join(scratch, `values-${filesWritten++}.yaml`)
      writeFileSync(path, text)
      return path
    },
  }
  const kinds = [...variantKinds]
  for (let left = Math.min(variants, kinds.length); left > 0; left--) {
    const [[name, make]] = kinds.splice(draw.number(kinds.length), 1) as [(typeof variantKinds)[number]]
    const args = make(subject)
    if (args !== undefined) yield { name, args: [...base, ...args, ...flags(draw)] }
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// What the chart has

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

/** The values of a chart, and those of the charts below it under their names, where it says nothing of them itself. */
function defaultsOf(chart: string, depth = 0): GoDict {
  const values: GoDict = new Map(readDefaults(join(chart, 'values.yaml')))
  const below = join(chart, 'charts')
  if (depth > 2 || !statSync(below, { throwIfNoEntry: false })?.isDirectory()) return values
  for (const name of readdirSync(below).sort()) {
    if (!existsSync(join(below, name, 'Chart.yaml'))) continue
    const own = values.get(name)
    const sub = defaultsOf(join(below, name), depth + 1)
    if (own instanceof Map) values.set(name, new Map([...sub, ...(own as GoDict)]))
    else if (own === undefined) values.set(name, sub)
  }
  return values
}

function readDefaults(file: string): GoDict {
  try {
    return parseValues(readFileSync(file, 'utf8'), file, 3)
  } catch (error) {
    if (error instanceof DecapodError || 'code' in (error as object)) return new Map()
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

// ---------------------------------------------------------------------------------------------------------------------
// Flags

const kubeVersions = ['1.20.0', '1.25.3', 'v1.31.0', '1.35', 'v1.28.9-gke.100', '1.16', 'v1.33.1+k3s1', '1.19.0-0']
const apiVersions = [
  'monitoring.coreos.com/v1',
  'networking.k8s.io/v1/Ingress',
  'policy/v1/PodDisruptionBudget,autoscaling/v2/HorizontalPodAutoscaler',
  'cert-manager.io/v1',
  'cert-manager.io/v1/Certificate',
  'route.openshift.io/v1',
  'route.openshift.io/v1/Route,security.openshift.io/v1',
  'gateway.networking.k8s.io/v1/HTTPRoute',
  'monitoring.coreos.com/v1/ServiceMonitor,monitoring.coreos.com/v1/PrometheusRule',
  'batch/v1beta1/CronJob',
  'policy/v1beta1/PodSecurityPolicy',
]

function flags(draw: Draw): string[] {
  const args = ['--kube-version', draw.of(kubeVersions)]
  while (draw.chance(30)) args.push('-a', draw.of(apiVersions))
  if (draw.chance(50)) args.push('-n', draw.of(['prod', 'kube-system', 'default', 'a-rather-long-name-of-a-namespace']))
  for (const flag of ['--include-crds', '--skip-tests', '--no-hooks', '--is-upgrade', '--skip-schema-validation']) {
    if (draw.chance(20)) args.push(flag)
  }
  return args
}

// ---------------------------------------------------------------------------------------------------------------------
// Values

interface Subject {
  readonly values: GoDict
  readonly templates: readonly string[]
  readonly draw: Draw
  readonly written: (text: string) => string
}

type Variant = (subject: Subject) => string[] | undefined

const variantKinds: readonly (readonly [name: string, make: Variant])[] = [
  ['filled', subject => fileOf(subject, 60, filled)],
  ['flipped', subject => fileOf(subject, 30, flip)],
  ['nulls', subject => fileOf(subject, 8, () => null)],
  ['types', subject => fileOf(subject, 6, otherType)],
  ['one type', subject => fileOf(subject, Math.max(1, 120 / leaves(subject.values).length), otherType)],
  ['spellings', spelled],
  ['set', ({ values, draw }) => sets('--set', some(values, draw, 5), leaf => setText(leaf.value, draw))],
  ['all enabled', ({ values }) => sets('--set', leaves(values).filter(isSwitch), () => 'true')],
  ['set of many kinds', manyKinds],
  ['files in conflict', inConflict],
  ['globals', globals],
  ['subcharts', subcharts],
  ['show only', showOnly],
]

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

const isSwitch = ({ path, value }: Leaf): boolean => /enable|create|install/i.test(path.at(-1)!) && value === false

function some(values: GoDict, draw: Draw, most: number): Leaf[] {
  const all = leaves(values)
  return Array.from({ length: Math.min(all.length, most) }, () => draw.of(all))
}

const setKey = (path: readonly string[]): string => path.map(key => key.replace(/[.,=[\]\\]/g, c => `\\${c}`)).join('.')

function sets(flag: string, chosen: readonly Leaf[], text: (leaf: Leaf) => string): string[] | undefined {
  if (chosen.length === 0) return undefined
  return chosen.slice(0, 80).flatMap(leaf => [flag, `${setKey(leaf.path)}=${text(leaf)}`])
}

function setText(value: GoValue, draw: Draw): string {
  return draw
    .of(['null', 'true', 'false', '0', '1', '{a,b}', 'x=y', '1.5', '1e6', '', 'text', `${String(value)}`.slice(0, 9)])
    .replace(/[\n]/g, ' ')
}

/** --set and its four relatives together, with lists, indices, escapes and a few mistakes. */
function manyKinds({ values, draw, written }: Subject): string[] | undefined {
  const chosen = some(values, draw, 6)
  if (chosen.length === 0) return undefined
  return chosen.flatMap(({ path, value }) => {
    const key = setKey(path)
    switch (draw.number(12)) {
      case 0:
        return ['--set-string', `${key}=${setText(value, draw)}`]
      case 1:
        return [
          '--set-json',
          `${key}=${draw.of(['{"a":{"b":1}}', '[1,"2",null]', '"x"', 'null', '1.0', '1e3', 'true'])}`,
        ]
      case 2:
        return ['--set-literal', `${key}=${draw.of(['a,b', '{x}', 'a\\,b', ' x ', '', 'null', '12', '[0]'])}`]
      case 3:
        return ['--set-file', `${key}=${written(draw.of(['text\n', 'a: b\n{{ .Release.Name }}', '', '007']))}`]
      case 4:
        return ['--set', `${key}[${draw.number(3)}]=${setText(value, draw)}`]
      case 5:
        return ['--set', `${key}[0].name=${draw.of(['x', 'y'])},${key}[0].value=${setText(value, draw)}`]
      case 6:
        return ['--set', `${key}.more.deep=${setText(value, draw)}`]
      case 7:
        return ['--set', `${key}={${draw.of(['', 'a', 'a,b', '1,true,null', 'a\\,b,c'])}}`]
      case 8:
        return ['--set', `${key}=a\\,b,${setKey(path.slice(0, 1))}\\.x=1`]
      case 9:
        return ['--set', `${key}=null`, '--set', `${key}=${setText(value, draw)}`]
      case 10:
        return [
          '--set-json',
          `{"${path[0]!.replace(/["\\]/g, '')}":${draw.of(['null', '{}', '{"x":[]}', '3', '"s"'])}}`,
        ]
      default:
        return ['--set', draw.of([key, `${key}.`, `${key}=`, `${key}[x]=1`, `=${key}`, `${key}=1,`, `${key}[0][1]=z`])]
    }
  })
}

/** A values file in which some of the chart's values are others. */
function fileOf(
  { values, draw, written }: Subject,
  percent: number,
  change: (value: GoValue, draw: Draw) => unknown,
): string[] | undefined {
  const chosen = changed(values, draw, percent, change)
  return chosen === undefined ? undefined : ['-f', written(chosen)]
}

function changed(
  values: GoDict,
  draw: Draw,
  percent: number,
  change: (value: GoValue, draw: Draw) => unknown,
): string | undefined {
  const out: Record<string, unknown> = Object.create(null) as Record<string, unknown>
  for (const { path, value } of leaves(values)) {
    if (draw.number(1000) >= percent * 10) continue
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
  return Object.keys(out).length === 0 ? undefined : JSON.stringify(out, undefined, 1)
}

/** Files that give a value different kinds, then flags over them. */
function inConflict({ values, draw, written }: Subject): string[] | undefined {
  const texts = [
    changed(values, draw, 40, filled),
    changed(values, draw, 4, otherType),
    changed(values, draw, 4, otherType),
    changed(values, draw, 3, () => null),
  ].filter(text => text !== undefined)
  if (texts.length === 0) return undefined
  const files = texts.flatMap(text => ['-f', written(text)])
  return draw.chance(30) ? [...files, '-f', written(draw.of(['', '# nothing\n', '{}', '---\n', 'null\n']))] : files
}

const globalValues = [
  'global: null\n',
  'global: {}\n',
  'global: text\n',
  'global: [a]\n',
  'global:\n  imageRegistry: registry.example\n  imagePullSecrets: [a, b]\n  storageClass: fast\n',
  'global:\n  imagePullSecrets:\n  - name: a\n  domain: example.org\n  env: {A: "1"}\n',
  'global:\n  security:\n    allowInsecureImages: true\n  postgresql:\n    auth: {password: x, database: y}\n',
  'global:\n  labels: {team: a}\n  annotations: {note: b}\n  nodeSelector: null\n',
]

function globals({ values, draw, written }: Subject): string[] {
  const args = ['-f', written(draw.of(globalValues))]
  for (const name of values.keys()) {
    if (values.get(name) instanceof Map && draw.chance(10)) {
      args.push('--set', `${setKey([name])}.global${draw.of(['=null', '.x=1', '={a}', '.imageRegistry=r'])}`)
    }
  }
  return args
}

/** Whole tables, such as the values of subcharts, go, become something else, or lose a key. */
function subcharts({ values, draw, written }: Subject): string[] | undefined {
  const tables = [...values].filter(([, value]) => value instanceof Map && value.size > 0) as [string, GoDict][]
  if (tables.length === 0) return undefined
  const lines = Array.from({ length: Math.min(3, tables.length) }, () => {
    const [name, table] = draw.of(tables)
    const key = draw.of([...table.keys()])
    const to = draw.of(['null', '~', '{}', '[]', '"x"', '{"k": null}', '{"k": {"k": null}}'])
    const inside = `${JSON.stringify(name)}: {${JSON.stringify(key)}: ${to}}\n`
    return draw.chance(70) ? inside : `${JSON.stringify(name)}: ${draw.of(['null', '{}', 'false', 'enabled'])}\n`
  })
  return ['-f', written([...new Set(lines)].join(''))]
}

const spellings = [
  '0x1F',
  '0o17',
  '017',
  '1_000',
  '1e3',
  '.5',
  '+1',
  '-0',
  '1.0',
  '12345678901234567890',
  '9007199254740993',
  '.inf',
  'yes',
  'off',
  'Null',
  '2024-01-02',
  '2024-01-02T03:04:05Z',
  '12:30:45',
  '!!str 12',
  '!!float 3',
  '!!binary aGk=',
  '"a\\tb\\u00e9"',
  "'it''s'",
  '|\nline\n\nmore',
  '>-\nfolded\ntext',
  '|+\nkept\n\n',
  '&a [x, y]',
  '{a: 1, a: 2}',
  '{1: x, true: y, null: z}',
  '[ , ]',
  '- x',
  '@x',
  '\tx',
]

/** YAML that says scalars in unusual ways, now and then wrong ones. */
function spelled({ values, draw, written }: Subject): string[] | undefined {
  const scalars = leaves(values).filter(({ value }) => value !== null && typeof value !== 'object')
  if (scalars.length === 0) return undefined
  const texts = new Map<string, string>()
  for (let i = 0; i < 3; i++) {
    const { path } = draw.of(scalars)
    const spelling = draw.of(draw.chance(10) ? spellings.slice(-4) : spellings.slice(0, -4))
    const block = path.map((key, depth) => `${'  '.repeat(depth)}${JSON.stringify(key)}:`).join('\n')
    const deep = '  '.repeat(path.length)
    texts.set(path[0]!, `${block} ${spelling.replace(/\n(?=.)/g, `\n${deep}`)}\n`)
  }
  const breaks = draw.chance(20) ? '\r\n' : '\n'
  return ['-f', written(`${draw.chance(20) ? '\ufeff' : ''}${[...texts.values()].join('')}`.replaceAll('\n', breaks))]
}

function showOnly({ draw, templates }: Subject): string[] | undefined {
  if (templates.length === 0) return undefined
  const pattern = draw.of([
    ...templates,
    'templates/*',
    'templates/*/*',
    'charts/*/templates/*.yaml',
    'templates/[a-m]*',
  ])
  return ['-s', draw.of(templates), '--show-only', pattern]
}

const flip = (value: GoValue): unknown => (typeof value === 'boolean' ? !value : undefined)

function otherType(value: GoValue, draw: Draw): unknown {
  const others = [
    'text',
    '12',
    7,
    1234567,
    0.5,
    true,
    '',
    {},
    [],
    ['a', 1],
    { a: 'b' },
    null,
    1e21,
    -1,
    [{ name: 'n' }],
  ]
  const other = draw.of(others)
  return typeof other === typeof value ? undefined : other
}

/** What is empty by default gets something; the rest stays. */
function filled(value: GoValue, draw: Draw): unknown {
  if (value === false) return draw.chance(70) ? true : undefined
  if (value === '') return draw.of(['some-text', 'a: b', '{{ .Release.Name }}-x', '1.2.3'])
  if (value === null) return draw.of(['x', 3, true, ['a'], { a: 'b' }, undefined])
  if (Array.isArray(value) && value.length === 0) return draw.of([['a'], [{ name: 'x', value: 'y' }], [1, 2]])
  if (value instanceof Map && value.size === 0)
    return draw.of([{ a: 'b' }, { 'k.e/y': '{{ .Release.Name }}', n: 5 }, { x: { y: true } }])
  return undefined
}
