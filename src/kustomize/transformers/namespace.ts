/** `namespace`: puts every namespaced resource, and what refers to it, into a namespace (api/filters/namespace). */
import { DecapodError } from '../../errors.ts'
import { stringScalar, type YamlNode } from '../../yaml/node.ts'
import type { Transformer } from '../context.ts'
import { fail, wrapError } from '../fail.ts'
import { applyFieldSpec, type FieldSpec, FieldSpecs, fieldSpec, setScalar } from '../fieldspec.ts'
import { expectKind, isMissingOrNull, isNilOrEmpty, setField, textOf } from '../nodes.ts'
import type { Resource } from '../resource.ts'

/** Which subjects of role bindings follow: those named "default", all service accounts, or none. */
export type SubjectMode = 'defaultOnly' | 'allServiceAccounts' | 'none'

export interface NamespaceOptions {
  readonly namespace: string
  readonly fieldSpecs: readonly FieldSpec[]
  readonly unsetOnly: boolean
  readonly setRoleBindingSubjects: SubjectMode
}

const metadataNamespace = fieldSpec('metadata/namespace', true)

export function namespaceTransformer(options: NamespaceOptions): Transformer {
  const set = setNamespace(options)
  return (map, { showsOrigins }) => {
    if (options.namespace === '') return
    for (const resource of map.resources) {
      // Helm was told the namespace, and knows better where its objects belong.
      if (resource.isEmpty || resource.helmGenerated) continue
      resource.storePreviousId()
      set(resource)
      const same = map.withCurrentId(resource.curId())
      if (same.length !== 1) {
        fail(
          'RESOURCE_CONFLICT',
          `namespace transformation produces ID conflict: [${same.map(r => r.toJson(showsOrigins)).join(' ')}]`,
          {
            notes: same.flatMap(r => (r.origin?.path ? [`${r.orgId()} comes from ${r.origin.path}`] : [])),
          },
        )
      }
    }
  }
}

/** Sets the namespace of one resource: the filter that ValueAddTransformer shares. */
export function setNamespace(options: NamespaceOptions): (resource: Resource) => void {
  const { namespace } = options
  const specs = options.fieldSpecs.filter(spec => spec.path !== 'metadata/namespace')
  const forCore = new FieldSpecs(specs)
  // A Namespace of another API group keeps its name.
  const forOthers = new FieldSpecs(specs.filter(spec => spec.path !== 'metadata/name'))
  const set = (node: YamlNode): void => {
    if (options.unsetOnly && node.kind === 'scalar' && !isNilOrEmpty(node) && node.value !== '') return
    setScalar(node, namespace, '!!str')
  }
  return resource => {
    const { kind, apiVersion } = resource
    if (!resource.curId().clusterScoped) applyFieldSpec(resource, metadataNamespace, { set, create: 'scalar' })
    const isBinding = kind === 'RoleBinding' || kind === 'ClusterRoleBinding'
    if (isBinding) setSubjects(resource, options)
    const fields = isBinding
      ? new FieldSpecs(specs.filter(s => !(s.path === 'subjects/namespace' && /^(Cluster)?RoleBinding$/.test(s.kind))))
      : apiVersion === 'v1'
        ? forCore
        : forOthers
    try {
      fields.apply(resource, { set, create: 'scalar', createTag: '!!str' })
    } catch (error) {
      const isNoScalar =
        error instanceof DecapodError && /wrong node kind: expected \w+ but got (Map|Seq)/.test(error.message)
      throw wrapError(
        isNoScalar ? 'namespace field specs must target scalar nodes' : 'namespace transformation failed',
        error,
      )
    }
    resource.touched()
  }
}

function setSubjects(
  resource: Resource,
  { namespace, setRoleBindingSubjects: mode, unsetOnly }: NamespaceOptions,
): void {
  const subjects = resource.node.get('subjects')
  if (mode === 'none' || isMissingOrNull(subjects)) return
  try {
    expectKind(subjects!, 'seq')
    if (subjects!.kind !== 'seq') return
    for (const subject of subjects!.items) {
      expectKind(subject, 'map')
      if (subject.kind !== 'map') continue
      const chosen =
        mode === 'defaultOnly'
          ? textOf(subject.get('name')) === 'default'
          : textOf(subject.get('kind')) === 'ServiceAccount'
      if (!chosen || (unsetOnly && textOf(subject.get('namespace')) !== '')) continue
      setField(subject, 'namespace', stringScalar(namespace))
    }
  } catch (error) {
    throw wrapError('setting namespace on (cluster)role binding subjects', error)
  }
}
