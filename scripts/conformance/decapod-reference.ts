/**
 * One real site of the original system, compared file by file with what the original rendered:
 * `npm run conformance -- decapod-reference --dir DIR`, DIR as conformance/materialise.py writes it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { DecapodError } from '../../src/errors.ts'
import type { GoValue } from '../../src/go/value.ts'
import { chartReader } from '../../src/io/charts.ts'
import { machinePorts } from '../../src/io/clock.ts'
import { diskTree } from '../../src/io/fs.ts'
import { composeSiteGroup } from '../../src/render/compose.ts'
import { valuesOf } from '../../src/render/inflate.ts'
import { crdDirectory } from '../../src/render/output.ts'
import { renderSite, type SiteResult } from '../../src/render/pipeline.ts'
import { parseConfig } from '../../src/site/config.ts'
import { selectUnits } from '../../src/site/plan.ts'
import { loadWorkspace, type Root, type Workspace } from '../../src/site/workspace.ts'
import { parseValues } from '../../src/yaml/values.ts'

/** A place in an object: map keys and list indexes. */
type Path = readonly (string | number)[]

interface Change {
  readonly path: Path
  readonly encoding?: 'base64'
  readonly remove?: boolean
  readonly correct?: unknown
  readonly lines?: readonly { readonly line: number; readonly original: string[]; readonly correct: string[] }[]
}

interface Deviation {
  readonly file: string
  readonly reason: string
  readonly correct?: 'absent'
  readonly changes?: readonly Change[]
  readonly alsoRandom?: boolean
}

interface RandomFile {
  readonly file: string
  readonly places: readonly { readonly path: Path; readonly encoding?: 'base64'; readonly linePrefixes?: string[] }[]
}

interface ReferenceRelease {
  readonly group: string
  readonly app: string
  readonly mode: 'template' | 'crds'
  readonly expected: { readonly dir: string; readonly files: number } | null
  readonly absent?: { readonly why: string; readonly helmError?: string; readonly wouldRender?: readonly string[] }
  readonly random: readonly RandomFile[]
  readonly deviations: readonly Deviation[]
}

interface Reference {
  readonly site: string
  readonly original: { readonly kubeVersion: string }
  readonly counts: { readonly releases: number; readonly files: number }
  readonly releases: readonly ReferenceRelease[]
}

type ValuesReference = Readonly<Record<string, { readonly correct: unknown }>>

const usage = `usage: npm run conformance -- decapod-reference --dir DIR [--data DIR] [--verbose]
  --dir DIR    base, sites, charts, charts.json and expected, as materialise.py lays them out
  --data DIR   holds decapod-reference.json and decapod-reference-values.json (default: ../shared/conformance)`

/** Renders, compares and prints the figures. 0: all as it should be. */
export function run(args: string[]): number {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: 'string' },
      data: { type: 'string', default: '../shared/conformance' },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || values.dir === undefined) {
    console.error(usage)
    return values.help ? 0 : 2
  }
  const dir = resolve(values.dir)
  if (!isReference(dir)) {
    console.error(`${values.dir} does not hold base, sites, charts.json and expected: materialise.py lays them out`)
    return 2
  }
  const reference = readJson<Reference>(join(values.data, 'decapod-reference.json'))
  const wantedValues = readJson<ValuesReference>(join(values.data, 'decapod-reference-values.json'))
  const workspace = openReference(dir)

  const merged = compareValues(workspace, reference.site, wantedValues)
  print(`values   ${merged.equal} of ${Object.keys(wantedValues).length} releases merge as they should`)
  for (const line of merged.wrong) print(`         ${line}`)

  const started = performance.now()
  const result = renderReference(workspace, reference, dir)
  const seconds = ((performance.now() - started) / 1000).toFixed(2)
  const files = new Comparison(dir, reference, result)
  files.compare()
  const { equal, random, listed, wrong, missing, extra } = files
  print(`releases ${result.apps.length} of ${reference.counts.releases}, rendered in ${seconds} s`)
  print(`files    ${equal} equal, ${random} random and equal once masked, ${listed} as listed`)
  print(`         ${wrong.length} wrong, ${missing.length} missing, ${extra.length} extra`)
  for (const line of [...wrong, ...missing, ...extra].slice(0, values.verbose ? undefined : 40))
    print(`         ${line}`)
  const lost = compareLost(reference, result)
  print('lost by the original:')
  for (const line of lost.lines) print(`         ${line}`)
  const counted = equal + random + listed === reference.counts.files
  const clean = wrong.length + missing.length + extra.length === 0
  return merged.wrong.length === 0 && counted && clean && lost.ok ? 0 : 1
}

function print(line: string): void {
  console.log(line)
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T
}

/** A workspace over the directories that materialise.py writes. */
function openReference(dir: string): Workspace {
  const config = parseConfig(undefined, 'decapod.yaml', []).settings
  const root = (name: string): Root => ({ tree: diskTree(join(dir, name)), label: join(dir, name) })
  return loadWorkspace(config, { project: root('.'), base: root('base'), sites: root('sites') })
}

/** The merge alone: the values of every release against the recorded ones. */
function compareValues(
  workspace: Workspace,
  siteName: string,
  wanted: ValuesReference,
): { equal: number; wrong: string[] } {
  const [selection] = selectUnits(workspace, [siteName], false)
  const wrong: string[] = []
  const seen = new Set<string>()
  let equal = 0
  for (const { group } of selection!.groups) {
    const composed = composeSiteGroup(workspace, selection!.site, group, { placeholders: { mode: 'off', markers: [] } })
    for (const error of composed.errors) wrong.push(`${group.name}: ${error.message}`)
    for (const release of composed.releases) {
      const name = `${group.name}/${release.app}`
      seen.add(name)
      if (canonical(plain(valuesOf(release))) === canonical(wanted[name]?.correct)) equal++
      else wrong.push(name)
    }
  }
  for (const name of Object.keys(wanted)) if (!seen.has(name)) wrong.push(`${name} is missing`)
  return { equal, wrong }
}

function renderReference(workspace: Workspace, reference: Reference, dir: string): SiteResult {
  const [selection] = selectUnits(workspace, [reference.site], false)
  const settings = { kubeVersion: reference.original.kubeVersion, placeholders: 'warn', format: undefined } as const
  return renderSite(workspace, selection!, settings, {
    chart: chartReader({ directories: [{ dir, label: dir }] }),
    helm: () => machinePorts(),
  })
}

/** Every expected file against what was rendered. */
class Comparison {
  equal = 0
  random = 0
  listed = 0
  readonly wrong: string[] = []
  readonly missing: string[] = []
  readonly extra: string[] = []
  private readonly expectedDir: string
  private readonly reference: Reference
  private readonly files: ReadonlyMap<string, Uint8Array>

  constructor(dir: string, reference: Reference, result: SiteResult) {
    this.expectedDir = join(dir, 'expected')
    this.reference = reference
    this.files = result.files
  }

  compare(): void {
    for (const release of this.reference.releases) {
      if (release.expected === null) continue
      const expected = readdirSync(join(this.expectedDir, release.expected.dir)).sort()
      if (release.mode === 'crds') for (const file of expected) this.compareCrds(release, file)
      else this.compareRelease(release, expected)
    }
    this.findExtra()
  }

  /** Every rendered file has a counterpart, or is a CRD in its group's directory, which that snapshot left out. */
  private findExtra(): void {
    const releases = new Map(this.reference.releases.map(r => [`${r.group}/${r.app}`, r] as const))
    for (const path of this.files.keys()) {
      const [group = '', app = '', file = ''] = path.split('/')
      if (app === crdDirectory(group) && file.startsWith('CustomResourceDefinition_')) continue
      const release = releases.get(`${group}/${app}`)
      // What the original lost is compared apart.
      if (release?.expected === null) continue
      const absent = release?.deviations.some(d => d.file === file && d.correct === 'absent') === true
      const dir = release?.mode === 'template' ? release.expected.dir : undefined
      if (dir === undefined || absent || !existsSync(join(this.expectedDir, dir, file))) this.extra.push(path)
    }
  }

  private compareRelease(release: ReferenceRelease, expected: readonly string[]): void {
    const dir = `${release.group}/${release.app}`
    const absent = new Set(release.deviations.filter(d => d.correct === 'absent').map(d => d.file))
    for (const file of expected) {
      const bytes = this.files.get(`${dir}/${file}`)
      if (absent.has(file)) {
        if (bytes === undefined) this.listed++
      } else if (bytes === undefined) this.missing.push(`${dir}/${file}`)
      else this.compareFile(release, file, bytes)
    }
  }

  private compareFile(release: ReferenceRelease, file: string, bytes: Uint8Array): void {
    const path = join(this.expectedDir, release.expected!.dir, file)
    const [want, ...more] = documents(readFileSync(path, 'utf8'))
    const [got, ...others] = documents(Buffer.from(bytes).toString('utf8'))
    const random = release.random.find(r => r.file === file)
    const deviation = release.deviations.find(d => d.file === file)
    for (const change of deviation?.changes ?? []) applyChange(want, change)
    for (const place of random?.places ?? []) for (const data of [want, got]) mask(data, place)
    if (more.length + others.length > 0 || canonical(want) !== canonical(got)) {
      this.wrong.push(`${release.group}/${release.app}/${file}`)
    } else if (random !== undefined) this.random++
    else if (deviation !== undefined) this.listed++
    else this.equal++
  }

  /** The original copied the chart's files; here each object has a file of its own, anywhere in the group. */
  private compareCrds(release: ReferenceRelease, file: string): void {
    const name = `${release.group}/${release.app}/${file}`
    const wanted = documents(readFileSync(join(this.expectedDir, release.expected!.dir, file), 'utf8'))
    let verdict: 'equal' | 'wrong' | 'missing' = 'equal'
    for (const want of wanted) {
      const id = `${String(at(want, ['kind']))}_${String(at(want, ['metadata', 'name']))}.yaml`
      const found = [...this.files].filter(([path]) => path.startsWith(`${release.group}/`) && path.endsWith(`/${id}`))
      const same = found.some(
        ([, bytes]) => canonical(documents(Buffer.from(bytes).toString('utf8'))[0]) === canonical(want),
      )
      if (!same) verdict = found.length === 0 ? 'missing' : 'wrong'
    }
    if (verdict === 'equal') this.equal++
    else this[verdict].push(name)
  }
}

/** The releases that the original lost in silence: two fail with their cause, one renders. */
function compareLost(reference: Reference, result: SiteResult): { ok: boolean; lines: string[] } {
  const lines: string[] = []
  let ok = true
  for (const { group, app, expected, absent } of reference.releases) {
    if (expected !== null) continue
    const errors = result.failures.filter(f => f.group === group && f.app === app).map(f => f.error)
    if (absent?.wouldRender !== undefined) {
      const got = [...result.files.keys()].filter(path => path.startsWith(`${group}/${app}/`)).map(p => p.split('/')[2])
      const same = canonical(got.sort()) === canonical([...absent.wouldRender].sort())
      ok &&= same && errors.length === 0
      lines.push(`${app}: ${same ? '' : 'not '}the ${absent.wouldRender.length} files it should have`)
    } else {
      ok &&= errors.length > 0 && errors.every(error => isHelmsCause(error, absent?.helmError ?? ''))
      const [error] = errors
      lines.push(
        error === undefined
          ? `${app}: no failure reported`
          : `${app}: ${error.at?.file}:${error.at?.line}:${error.at?.column}: ${error.message}`,
      )
    }
  }
  const others = result.failures.filter(f => !reference.releases.some(r => r.expected === null && r.app === f.app))
  for (const { group, app, error } of others) lines.push(`unexpected: ${group}/${app}: ${error.message}`)
  return { ok: ok && others.length === 0, lines }
}

/** Whether an error has the innermost cause of Helm's message: the text after the last `>: `. */
function isHelmsCause(error: DecapodError, helmError: string): boolean {
  const cause = helmError.slice(helmError.lastIndexOf('>: ') + 3)
  return cause !== '' && error.message.includes(cause.split(': ').at(-1)!)
}

function documents(text: string): unknown[] {
  return parseValues(text, { file: 'compared' })
    .filter(value => value !== null)
    .map(plain)
}

/** Plain data without prototypes. */
function plain(value: GoValue): unknown {
  if (value instanceof Map) {
    const object = Object.create(null) as Record<string, unknown>
    for (const [key, item] of value as Map<string, GoValue>) object[key] = plain(item)
    return object
  }
  return Array.isArray(value) ? value.map(plain) : value
}

/** JSON with sorted keys. */
function canonical(data: unknown): string {
  return JSON.stringify(data, (_, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

type Container = Record<string | number, unknown>

function at(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((node, part) => (node as Container | undefined)?.[part], data)
}

function parentOf(data: unknown, path: Path): Container {
  return at(data, path.slice(0, -1)) as Container
}

/** Makes of what the original rendered what a correct merge gives. */
function applyChange(data: unknown, change: Change): void {
  const parent = parentOf(data, change.path)
  const key = change.path.at(-1)!
  if (change.remove === true) delete parent[key]
  else if (change.lines !== undefined)
    parent[key] = withText(parent[key], change.encoding, t => applyLines(t, change.lines!))
  else if (change.encoding === 'base64') parent[key] = Buffer.from(String(change.correct)).toString('base64')
  else parent[key] = change.correct
}

function applyLines(text: string, changes: NonNullable<Change['lines']>): string {
  const lines = text.split('\n')
  // From the end, so that line numbers stay right.
  for (const { line, original, correct } of [...changes].sort((a, b) => b.line - a.line)) {
    lines.splice(line - 1, original.length, ...correct)
  }
  return lines.join('\n')
}

function withText(value: unknown, encoding: 'base64' | undefined, edit: (text: string) => string): string {
  const text = encoding === 'base64' ? Buffer.from(String(value), 'base64').toString('utf8') : String(value)
  const edited = edit(text)
  return encoding === 'base64' ? Buffer.from(edited).toString('base64') : edited
}

/** Takes a random place out of the comparison: the value, or the lines that begin so. */
function mask(data: unknown, { path, encoding, linePrefixes }: RandomFile['places'][number]): void {
  const parent = parentOf(data, path)
  const key = path.at(-1)!
  if (parent?.[key] === undefined) return
  if (linePrefixes === undefined) {
    parent[key] = 'masked'
    return
  }
  const isMasked = (line: string): boolean => linePrefixes.some(prefix => line.startsWith(prefix))
  parent[key] = withText(parent[key], encoding, text =>
    text
      .split('\n')
      .map(line => (isMasked(line) ? 'masked' : line))
      .join('\n'),
  )
}

/** Whether a directory holds what materialise.py writes. */
function isReference(dir: string): boolean {
  return ['base', 'sites', 'charts.json', 'expected'].every(name => existsSync(join(dir, name)))
}
