/** `.Chart`: Chart.yaml as templates see it, a struct in Helm 3 and a map in Helm 4. */
import { type GoDict, GoMap, type GoObject, GoSlice, type GoValue } from '../go/value.ts'
import type { Metadata } from './chart.ts'
import type { ChartNode, DependencyEntry } from './node.ts'
import type { Semantics } from './semantics.ts'
import { GoStruct } from './struct.ts'

/** The value of `.Chart` for a chart of a render. */
export function chartObject(node: ChartNode, semantics: Semantics): GoValue {
  const metadata: Metadata = { ...node.chart.metadata, name: node.name }
  const isRoot = node.parent === undefined
  return semantics === 4
    ? chartMap(metadata, node.metadata.entries, isRoot)
    : chartStruct(metadata, node.metadata.entries, isRoot)
}

function chartStruct(metadata: Metadata, entries: DependencyEntry[] | undefined, isRoot: boolean): GoObject {
  const fields: Record<string, GoValue> = {
    Name: metadata.name,
    Home: metadata.home,
    Sources: slice('string', metadata.sources),
    Version: metadata.version,
    Description: metadata.description,
    Keywords: slice('string', metadata.keywords),
    Maintainers: slice(
      '*chart.Maintainer',
      metadata.maintainers?.map(
        ({ name, email, url }) =>
          new GoStruct(
            '*chart.Maintainer',
            { Name: name, Email: email, URL: url },
            { kind: 'ptr', omitEmpty: true, tags: { Name: 'name', Email: 'email', URL: 'url' } },
          ),
      ),
    ),
    Icon: metadata.icon,
    APIVersion: metadata.apiVersion,
    Condition: metadata.condition,
    Tags: metadata.tags,
    AppVersion: metadata.appVersion,
    Deprecated: metadata.deprecated,
    Annotations: annotations(metadata),
    KubeVersion: metadata.kubeVersion,
    Dependencies: slice('*chart.Dependency', entries?.map(dependencyStruct)),
    Type: metadata.type,
  }
  const inner = new GoStruct('chart.Metadata', fields, {
    omitEmpty: true,
    tags: {
      Name: 'name',
      Home: 'home',
      Sources: 'sources',
      Version: 'version',
      Description: 'description',
      Keywords: 'keywords',
      Maintainers: 'maintainers',
      Icon: 'icon',
      APIVersion: 'apiVersion',
      Condition: 'condition',
      Tags: 'tags',
      AppVersion: 'appVersion',
      Deprecated: 'deprecated',
      Annotations: 'annotations',
      KubeVersion: 'kubeVersion',
      Dependencies: 'dependencies',
      Type: 'type',
    },
  })
  return new GoStruct(
    'struct { chart.Metadata; IsRoot bool }',
    { Metadata: inner, IsRoot: isRoot },
    { embedded: 'Metadata' },
  )
}

function dependencyStruct(entry: DependencyEntry): GoObject {
  return new GoStruct(
    '*chart.Dependency',
    dependencyFields(entry, slice('string', some(entry.tags)), slice('interface {}', some(entry.importValues))),
    {
      kind: 'ptr',
      omitEmpty: true,
      // These two are written even when they are empty.
      always: ['Name', 'Repository'],
      tags: {
        Name: 'name',
        Version: 'version',
        Repository: 'repository',
        Condition: 'condition',
        Tags: 'tags',
        Enabled: 'enabled',
        ImportValues: 'import-values',
        Alias: 'alias',
      },
    },
  )
}

function dependencyFields(entry: DependencyEntry, tags: GoValue, importValues: GoValue): Record<string, GoValue> {
  return {
    Name: entry.name,
    Version: entry.version,
    Repository: entry.repository,
    Condition: entry.condition,
    Tags: tags,
    Enabled: entry.enabled,
    ImportValues: importValues,
    Alias: entry.alias,
  }
}

/** Helm 4 walks the struct by reflection: lists become []interface{}, structs maps. */
function chartMap(metadata: Metadata, entries: DependencyEntry[] | undefined, isRoot: boolean): GoDict {
  return new Map<string, GoValue>([
    ['Name', metadata.name],
    ['Home', metadata.home],
    ['Sources', [...(metadata.sources ?? [])]],
    ['Version', metadata.version],
    ['Description', metadata.description],
    ['Keywords', [...(metadata.keywords ?? [])]],
    [
      'Maintainers',
      (metadata.maintainers ?? []).map(
        ({ name, email, url }) => new Map(Object.entries({ Name: name, Email: email, URL: url })),
      ),
    ],
    ['Icon', metadata.icon],
    ['APIVersion', metadata.apiVersion],
    ['Condition', metadata.condition],
    ['Tags', metadata.tags],
    ['AppVersion', metadata.appVersion],
    ['Deprecated', metadata.deprecated],
    ['Annotations', annotations(metadata)],
    ['KubeVersion', metadata.kubeVersion],
    [
      'Dependencies',
      (entries ?? []).map(
        entry => new Map(Object.entries(dependencyFields(entry, [...entry.tags], [...entry.importValues]))),
      ),
    ],
    ['Type', metadata.type],
    ['IsRoot', isRoot],
  ])
}

/** A slice of a type; nil where Chart.yaml has no such list. */
function slice(elem: string, items: readonly GoValue[] | undefined): GoSlice {
  return items === undefined ? GoSlice.nil(elem) : GoSlice.make(elem, items)
}

function some<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items
}

function annotations(metadata: Metadata): GoMap {
  const map = new GoMap('map[string]string', 'string', metadata.annotations ?? [])
  map.isNil = metadata.annotations === undefined
  return map
}
