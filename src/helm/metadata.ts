/** Chart.yaml: reading, sanitising and checking it (Helm's pkg/chart/metadata.go, dependency.go). */
import { DecapodError } from '../errors.ts'
import { base } from '../go/path.ts'
import { isPrint, quote } from '../go/strconv.ts'
import { isSpace } from '../go/unicode.ts'
import type { GoValue } from '../go/value.ts'
import { isVersion } from '../semver/version.ts'
import type { Dependency, Maintainer, Metadata } from './chart.ts'
import { any, bool, type Decoded, decode, list, map, type Shape, text } from './decode.ts'
import type { Semantics } from './semantics.ts'

/** The fields of Chart.yaml as they were read, before any check; requirements.yaml may add to them. */
export type RawMetadata = ReadonlyMap<string, Decoded>

function metadataShape(goPackage: string): Shape & { kind: 'struct' } {
  const maintainer: Shape = {
    kind: 'struct',
    name: `${goPackage}.Maintainer`,
    pointer: true,
    fields: { name: text, email: text, url: text },
  }
  const dependency: Shape = {
    kind: 'struct',
    name: `${goPackage}.Dependency`,
    pointer: true,
    fields: {
      name: text,
      version: text,
      repository: text,
      condition: text,
      tags: list(text),
      enabled: bool,
      'import-values': list(any),
      alias: text,
    },
  }
  return {
    kind: 'struct',
    name: `${goPackage}.Metadata`,
    fields: {
      name: text,
      home: text,
      sources: list(text),
      version: text,
      description: text,
      keywords: list(text),
      maintainers: list(maintainer),
      icon: text,
      apiVersion: text,
      condition: text,
      tags: text,
      appVersion: text,
      deprecated: bool,
      annotations: map(text),
      kubeVersion: text,
      dependencies: list(dependency),
      type: text,
    },
  }
}

/** What Chart.yaml is read into. */
export const metadataShapes: Readonly<Record<Semantics, Shape & { kind: 'struct' }>> = {
  3: metadataShape('chart'),
  4: metadataShape('v2'),
} as const

/** Reads a document into metadata, over what an earlier one gave. Throws GoError for a mismatch of types. */
export function decodeMetadata(value: GoValue, semantics: Semantics, into?: RawMetadata): RawMetadata {
  return decode(value, metadataShapes[semantics], into)
}

/** Sanitises and checks metadata. Throws DecapodError CHART_INVALID with Helm's text (`validation: …`). */
export function checkMetadata(raw: RawMetadata, file: string): Metadata {
  const fail = (message: string): DecapodError =>
    new DecapodError('CHART_INVALID', `validation: ${message}`, { at: { file } })
  const string = (field: string): string => (raw.get(field) as string | undefined) ?? ''
  const clean = (field: string): string => sanitize(string(field))
  const strings = (field: string): string[] | undefined =>
    (raw.get(field) as readonly string[] | undefined)?.map(sanitize)

  const name = clean('name')
  const version = string('version')
  const apiVersion = string('apiVersion') === '' ? 'v1' : string('apiVersion')
  const type = string('type')
  if (name === '') throw fail('chart.metadata.name is required')
  if (name === '.' || name === '..') throw fail(`chart.metadata.name ${quote(name)} is not allowed`)
  if (name !== base(name)) throw fail(`chart.metadata.name ${quote(name)} is invalid`)
  if (version === '') throw fail('chart.metadata.version is required')
  if (!isVersion(version)) throw fail(`chart.metadata.version ${quote(version)} is invalid`)
  if (!['', 'application', 'library'].includes(type)) {
    throw fail('chart.metadata.type must be application or library')
  }
  return {
    name,
    home: clean('home'),
    sources: strings('sources'),
    version,
    description: clean('description'),
    keywords: strings('keywords'),
    maintainers: maintainersOf(raw, fail),
    icon: clean('icon'),
    apiVersion,
    condition: clean('condition'),
    tags: clean('tags'),
    appVersion: clean('appVersion'),
    deprecated: raw.get('deprecated') === true,
    annotations: raw.get('annotations') as ReadonlyMap<string, string> | undefined,
    kubeVersion: clean('kubeVersion'),
    dependencies: dependenciesOf(raw, fail),
    type,
  }
}

function maintainersOf(raw: RawMetadata, fail: (message: string) => DecapodError): Maintainer[] | undefined {
  return structs(raw, 'maintainers')?.map(entry => {
    if (entry === null) throw fail('maintainers must not contain empty or null nodes')
    const clean = (field: string): string => sanitize((entry.get(field) as string | undefined) ?? '')
    return { name: clean('name'), email: clean('email'), url: clean('url') }
  })
}

function dependenciesOf(raw: RawMetadata, fail: (message: string) => DecapodError): Dependency[] | undefined {
  const seen = new Set<string>()
  return structs(raw, 'dependencies')?.map(entry => {
    if (entry === null) throw fail('dependencies must not contain empty or null nodes')
    const string = (field: string): string => (entry.get(field) as string | undefined) ?? ''
    const dependency: Dependency = {
      name: sanitize(string('name')),
      version: sanitize(string('version')),
      repository: sanitize(string('repository')),
      condition: sanitize(string('condition')),
      tags: ((entry.get('tags') as readonly string[] | undefined) ?? []).map(sanitize),
      importValues: ((entry.get('import-values') as readonly GoValue[] | undefined) ?? []).map(
        (item): GoValue => toFloats(item),
      ),
      alias: string('alias'),
      ...(entry.get('enabled') === true ? { enabled: true } : {}),
    }
    if (dependency.alias !== '' && !/^[a-zA-Z0-9_-]+$/.test(dependency.alias)) {
      throw fail(`dependency ${quote(dependency.name)} has disallowed characters in the alias`)
    }
    const key = dependency.alias === '' ? dependency.name : dependency.alias
    if (seen.has(key)) throw fail(`more than one dependency with name or alias ${quote(key)}`)
    seen.add(key)
    return dependency
  })
}

function structs(raw: RawMetadata, field: string): readonly (ReadonlyMap<string, Decoded> | null)[] | undefined {
  return raw.get(field) as readonly (ReadonlyMap<string, Decoded> | null)[] | undefined
}

/** Every kind of space becomes a blank; what does not print goes. */
function sanitize(value: string): string {
  if (/^[\x20-\x7e]*$/.test(value)) return value
  let out = ''
  for (const rune of value) {
    if (isSpace(rune)) out += ' '
    else if (isPrint(rune.codePointAt(0)!)) out += rune
  }
  return out
}

/** Free-form data holds every number as a float64. */
function toFloats(value: GoValue): GoValue {
  if (typeof value === 'bigint') return Number(value)
  if (Array.isArray(value)) return value.map(toFloats)
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, toFloats(item as GoValue)]))
  return value
}
