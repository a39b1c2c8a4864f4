/** Chart.lock (requirements.lock for apiVersion v1): the versions `helm dependency update` chose, and for which Chart.yaml. */
import { createHash } from 'node:crypto'
import { DecapodError } from '../errors.ts'
import { encodeJson } from '../go/json.ts'
import type { GoValue } from '../go/value.ts'
import { parseValue } from '../yaml/values.ts'
import type { ChartFile, Dependency, Metadata } from './chart.ts'

export interface LockedDependency {
  readonly name: string
  readonly repository: string
  readonly version: string
}

export interface ChartLock {
  /** `sha256:` and hex digits, over Chart.yaml's dependencies and the locked ones. */
  readonly digest: string
  readonly dependencies: readonly LockedDependency[]
}

/** Reads a lock file. Throws CHART_INVALID for one of another shape; `label` is the chart's path for a person. */
export function readChartLock(file: ChartFile, label: string): ChartLock {
  const at = { file: `${label}/${file.name}` }
  const value = parseValue(Buffer.from(file.data).toString('utf8'), { file: at.file, dialect: 'sigs' })
  const fields = value instanceof Map ? (value as ReadonlyMap<string, GoValue>) : new Map<string, GoValue>()
  const list = fields.get('dependencies')
  const dependencies = (Array.isArray(list) ? list : []).map(entry => {
    if (!(entry instanceof Map))
      throw new DecapodError('CHART_INVALID', `${file.name} lists what is no dependency`, { at })
    const text = (key: string): string => {
      const field = (entry as ReadonlyMap<string, GoValue>).get(key)
      return typeof field === 'string' ? field : ''
    }
    return { name: text('name'), repository: text('repository'), version: text('version') }
  })
  const digest = fields.get('digest')
  return { digest: typeof digest === 'string' ? digest : '', dependencies }
}

/**
 * Whether a lock was made for these dependencies: Manager.Build in pkg/downloader/manager.go. For apiVersion v1 what
 * Helm 2 computed counts too.
 */
export function isLockInSync(metadata: Metadata, lock: ChartLock): boolean {
  const wanted = metadata.dependencies ?? []
  const resolved = wanted.map(dependency => withoutAlias(dependency, lock))
  if (lockDigest(resolved, lock.dependencies) === lock.digest) return true
  return metadata.apiVersion === 'v1' && sha256(`{"dependencies":[${wanted.map(encode).join(',')}]}`) === lock.digest
}

/** HashReq in internal/resolver/resolver.go: the digest that Chart.lock carries. */
export function lockDigest(wanted: readonly Dependency[], locked: readonly LockedDependency[]): string {
  return sha256(`[[${wanted.map(encode).join(',')}],[${locked.map(encode).join(',')}]]`)
}

/** Helm replaces `@name` by the repository's URL before it hashes; the lock has that URL. */
function withoutAlias(dependency: Dependency, lock: ChartLock): Dependency {
  if (!isAlias(dependency.repository)) return dependency
  const locked = lock.dependencies.find(({ name }) => name === dependency.name)
  return locked === undefined ? dependency : { ...dependency, repository: locked.repository }
}

/** A repository by the name that `helm repo add` gave it. */
export function isAlias(repository: string): boolean {
  return repository.startsWith('@') || repository.startsWith('alias:')
}

/** json.Marshal of chart.Dependency: fields in the struct's order, empty ones left out but for name and repository. */
function encode(dependency: LockedDependency & Partial<Dependency>): string {
  const { name, version, repository, condition = '', tags = [], importValues = [], alias = '' } = dependency
  const fields: [key: string, value: GoValue][] = [['name', name]]
  if (version !== '') fields.push(['version', version])
  fields.push(['repository', repository])
  if (condition !== '') fields.push(['condition', condition])
  if (tags.length > 0) fields.push(['tags', [...tags]])
  if (dependency.enabled) fields.push(['enabled', true])
  if (importValues.length > 0) fields.push(['import-values', [...importValues]])
  if (alias !== '') fields.push(['alias', alias])
  return `{${fields.map(([key, value]) => `"${key}":${encodeJson(value, { escapeHtml: true })}`).join(',')}}`
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
