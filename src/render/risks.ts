/**
 * Marks on changes that a reviewer should not overlook: what deletes data, what the API server will refuse, what gives
 * more rights, what stops a workload.
 */
import type { GoValue } from '../go/value.ts'
import type { ChangeType, FieldChange, ObjectName, Risk } from './change.ts'

type Value = ReadonlyMap<string, GoValue>

/** Fields the API server refuses to change, as prefixes of field paths. Kubernetes' own validation is the source. */
const immutable: readonly { kind: string; group: string; path: string; except?: RegExp }[] = [
  { kind: 'Deployment', group: 'apps', path: 'spec.selector' },
  { kind: 'ReplicaSet', group: 'apps', path: 'spec.selector' },
  { kind: 'DaemonSet', group: 'apps', path: 'spec.selector' },
  { kind: 'StatefulSet', group: 'apps', path: 'spec.selector' },
  { kind: 'StatefulSet', group: 'apps', path: 'spec.serviceName' },
  { kind: 'StatefulSet', group: 'apps', path: 'spec.podManagementPolicy' },
  { kind: 'StatefulSet', group: 'apps', path: 'spec.volumeClaimTemplates' },
  { kind: 'Job', group: 'batch', path: 'spec.selector' },
  { kind: 'Job', group: 'batch', path: 'spec.template' },
  { kind: 'Job', group: 'batch', path: 'spec.completionMode' },
  {
    kind: 'Pod',
    group: '',
    path: 'spec',
    except:
      /^spec\.(containers|initContainers)\.\[[^\]]*\]\.image$|^spec\.(activeDeadlineSeconds|tolerations|terminationGracePeriodSeconds)/,
  },
  { kind: 'Service', group: '', path: 'spec.clusterIP' },
  { kind: 'PersistentVolumeClaim', group: '', path: 'spec', except: /^spec\.(resources|volumeAttributesClassName)/ },
  { kind: 'PersistentVolume', group: '', path: 'spec.csi' },
  { kind: 'StorageClass', group: 'storage.k8s.io', path: 'provisioner' },
  { kind: 'StorageClass', group: 'storage.k8s.io', path: 'parameters' },
  { kind: 'StorageClass', group: 'storage.k8s.io', path: 'reclaimPolicy' },
  { kind: 'StorageClass', group: 'storage.k8s.io', path: 'volumeBindingMode' },
  { kind: 'RoleBinding', group: 'rbac.authorization.k8s.io', path: 'roleRef' },
  { kind: 'ClusterRoleBinding', group: 'rbac.authorization.k8s.io', path: 'roleRef' },
  { kind: 'IngressClass', group: 'networking.k8s.io', path: 'spec.controller' },
  { kind: 'CSIDriver', group: 'storage.k8s.io', path: 'spec.attachRequired' },
  { kind: 'CustomResourceDefinition', group: 'apiextensions.k8s.io', path: 'spec.group' },
  { kind: 'CustomResourceDefinition', group: 'apiextensions.k8s.io', path: 'spec.scope' },
  { kind: 'CustomResourceDefinition', group: 'apiextensions.k8s.io', path: 'spec.names.kind' },
  { kind: 'CustomResourceDefinition', group: 'apiextensions.k8s.io', path: 'spec.names.plural' },
  { kind: 'Secret', group: '', path: 'type' },
]

/** The risks of one change to one object. `before` or `after` is undefined for an added or removed object. */
export function risksOf(
  type: ChangeType,
  object: ObjectName,
  fields: readonly FieldChange[],
  before: Value | undefined,
  after: Value | undefined,
): Risk[] {
  if (type === 'removed') return deletion(object)
  const risks: Risk[] = []
  if (type === 'changed') {
    risks.push(...immutableFields(object, fields, before))
    if (isKind(object, 'CustomResourceDefinition')) risks.push(crdChange(fields))
    if (isKind(object, 'PersistentVolumeClaim') || isKind(object, 'PersistentVolume')) {
      risks.push({
        rule: 'changed-volume',
        level: 'medium',
        message: `${object.kind} changes: check what happens to its data`,
      })
    }
  }
  risks.push(...widenedRights(object, type, before, after))
  const replicas = fields.find(f => f.path.join('.') === 'spec.replicas')
  if (replicas !== undefined && replicas.after === 0 && replicas.before !== 0) {
    risks.push({
      rule: 'replicas-to-zero',
      level: 'high',
      message: `replicas ${show(replicas.before)} → 0: the workload stops`,
    })
  }
  return risks
}

function deletion(object: ObjectName): Risk[] {
  if (isKind(object, 'Namespace')) {
    return [{ rule: 'deleted-namespace', level: 'high', message: 'deleting a Namespace deletes everything in it' }]
  }
  if (isKind(object, 'PersistentVolumeClaim') || isKind(object, 'PersistentVolume')) {
    return [{ rule: 'deleted-volume', level: 'high', message: `deleting a ${object.kind} may delete its data` }]
  }
  if (isKind(object, 'CustomResourceDefinition')) {
    return [{ rule: 'deleted-crd', level: 'high', message: 'deleting a CRD deletes every custom resource of its kind' }]
  }
  return [{ rule: 'deleted-object', level: 'medium', message: 'the object is deleted where Argo CD prunes' }]
}

function immutableFields(object: ObjectName, fields: readonly FieldChange[], before: Value | undefined): Risk[] {
  const rules = immutable.filter(r => r.kind === object.kind && r.group === groupOf(object))
  const frozen =
    (object.kind === 'ConfigMap' || object.kind === 'Secret') &&
    groupOf(object) === '' &&
    before?.get('immutable') === true
  const hit = new Set<string>()
  for (const { path } of fields) {
    const dotted = path.join('.')
    const rule = rules.find(r => (dotted === r.path || dotted.startsWith(r.path + '.')) && !r.except?.test(dotted))
    if (rule !== undefined) hit.add(rule.path === 'spec' ? dotted : rule.path)
    else if (frozen && /^(data|binaryData|stringData|immutable)\b/.test(dotted)) hit.add(path[0]!)
  }
  return [...hit].map(path => ({
    rule: 'immutable-field' as const,
    level: 'high' as const,
    message: `${path} of a ${object.kind} is immutable: the object must be deleted and created anew`,
  }))
}

function crdChange(fields: readonly FieldChange[]): Risk {
  const lost = fields.find(f => f.after === undefined && /^spec\.versions\.\[name=[^\]]*\]$/.test(f.path.join('.')))
  if (lost !== undefined) {
    return {
      rule: 'changed-crd',
      level: 'high',
      message: `version ${lost.path.at(-1)!.slice(6, -1)} of the CRD goes away`,
    }
  }
  return { rule: 'changed-crd', level: 'medium', message: 'a CRD changes: its custom resources must still fit' }
}

/** Rights that `after` gives and `before` did not: rules of roles, subjects of bindings. */
function widenedRights(
  object: ObjectName,
  type: ChangeType,
  before: Value | undefined,
  after: Value | undefined,
): Risk[] {
  if (groupOf(object) !== 'rbac.authorization.k8s.io' || after === undefined) return []
  if (object.kind === 'Role' || object.kind === 'ClusterRole') {
    const had = grants(before)
    const added = [...grants(after)].filter(grant => !covered(grant, had))
    if (added.length === 0) return []
    const wild = added.some(grant => grant.includes('*'))
    // A new role is as wide as it is; only wildcards are worth a mark.
    if (type === 'added' && !wild) return []
    const shown = added.slice(0, 3).join(', ') + (added.length > 3 ? ` and ${added.length - 3} more` : '')
    return [{ rule: 'rbac-widened', level: wild ? 'high' : 'medium', message: `gives more rights: ${shown}` }]
  }
  if (object.kind === 'RoleBinding' || object.kind === 'ClusterRoleBinding') {
    const had = subjects(before)
    const added = [...subjects(after)].filter(s => !had.has(s))
    const role = child(after.get('roleRef'), 'name')
    if (added.length === 0 || (type === 'added' && role !== 'cluster-admin')) return []
    return [
      {
        rule: 'rbac-widened',
        level: role === 'cluster-admin' ? 'high' : 'medium',
        message: `gives ${show(role)} to ${added.join(', ')}`,
      },
    ]
  }
  return []
}

/** Rules flattened to `verb group/resource[/name]`. */
function grants(role: Value | undefined): Set<string> {
  const out = new Set<string>()
  for (const rule of list(role?.get('rules'))) {
    const strings = (key: string): string[] => list(child(rule, key)).map(show)
    const names = strings('resourceNames')
    for (const verb of strings('verbs')) {
      for (const url of strings('nonResourceURLs')) out.add(`${verb} ${url}`)
      for (const group of strings('apiGroups')) {
        for (const resource of strings('resources')) {
          const what = group === '' ? resource : `${group}/${resource}`
          for (const name of names.length === 0 ? [''] : names)
            out.add(`${verb} ${what}${name === '' ? '' : ` "${name}"`}`)
        }
      }
    }
  }
  return out
}

function covered(grant: string, had: ReadonlySet<string>): boolean {
  if (had.has(grant)) return true
  const [verb = '', ...rest] = grant.split(' ')
  const what = rest[0] ?? ''
  return had.has(`* ${what}`) || had.has(`${verb} ${what}`) || had.has(`${verb} */*`) || had.has('* */*')
}

function subjects(binding: Value | undefined): Set<string> {
  return new Set(
    list(binding?.get('subjects')).map(s => {
      const namespace = child(s, 'namespace')
      return `${show(child(s, 'kind'))} ${namespace === undefined ? '' : `${show(namespace)}/`}${show(child(s, 'name'))}`
    }),
  )
}

function isKind({ kind }: ObjectName, wanted: string): boolean {
  return kind === wanted
}

function groupOf({ apiVersion }: ObjectName): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}

function list(v: GoValue | undefined): readonly GoValue[] {
  return Array.isArray(v) ? v : []
}

function child(v: GoValue | undefined, key: string): GoValue | undefined {
  return v instanceof Map ? (v as Value).get(key) : undefined
}

function show(v: GoValue | undefined): string {
  return v === undefined ? '(unset)' : String(v)
}
