/**
 * Marks on changes that a reviewer should not overlook: what deletes data, what the API server will refuse, what gives
 * more rights, what stops a workload.
 */
import type { GoValue } from '../go/value.ts'
import type { ChangeType, FieldChange, ObjectName, Risk } from './change.ts'
import { crdReasons } from './crd-risks.ts'
import { sameValue } from './same-value.ts'

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
  { kind: 'Job', group: 'batch', path: 'spec.completions' },
  {
    kind: 'Pod',
    group: '',
    path: 'spec',
    except:
      /^spec\.(containers|initContainers)\.\[[^\]]*\]\.image$|^spec\.(activeDeadlineSeconds|tolerations|terminationGracePeriodSeconds)/,
  },
  { kind: 'Service', group: '', path: 'spec.clusterIP' },
  { kind: 'Service', group: '', path: 'spec.clusterIPs' },
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
  type: Exclude<ChangeType, 'renamed'>,
  object: ObjectName,
  fields: readonly FieldChange[],
  before: Value | undefined,
  after: Value | undefined,
): Risk[] {
  if (type === 'removed') return deletion(object)
  const risks: Risk[] = []
  if (type === 'changed') {
    risks.push(...immutableFields(object, fields, before))
    if (isKind(object, 'CustomResourceDefinition')) risks.push(crdChange(before!, after!))
    if (isKind(object, 'PersistentVolumeClaim') || isKind(object, 'PersistentVolume')) {
      risks.push({
        rule: 'changed-volume',
        level: 'medium',
        message: `${object.kind} changes: check what happens to its data`,
      })
    }
  }
  return [...risks, ...commonRisks(type, object, fields, before, after)]
}

/** The risks of an object under another name: the old one is deleted and a new one made, which shares nothing with it. */
export function renameRisks(
  was: ObjectName,
  object: ObjectName,
  fields: readonly FieldChange[],
  before: Value,
  after: Value,
): Risk[] {
  const risks = deletion(was)
  if (was.namespace !== object.namespace) {
    risks.push({
      rule: 'namespace-changed',
      level: 'high',
      message: `namespace ${was.namespace ?? '(none)'} → ${object.namespace ?? '(none)'}: a new object is made there, what refers to the old one must follow`,
    })
  }
  return [...risks, ...commonRisks('changed', object, fields, before, after)]
}

/** What is a risk in an object, old or new: rights, webhooks, workloads that stop. */
function commonRisks(
  type: 'added' | 'changed',
  object: ObjectName,
  fields: readonly FieldChange[],
  before: Value | undefined,
  after: Value | undefined,
): Risk[] {
  const risks = [...widenedRights(object, type, before, after), ...webhookRisks(object, before, after)]
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
  if (isKind(object, 'Cluster') && groupOf(object) === 'cluster.x-k8s.io') {
    return [{ rule: 'deleted-object', level: 'high', message: 'deleting a Cluster deletes its machines' }]
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

function crdChange(before: Value, after: Value): Risk {
  const reasons = crdReasons(before, after)
  if (reasons.length > 0)
    return { rule: 'changed-crd', level: 'high', message: `the CRD allows less: ${some(reasons)}` }
  return { rule: 'changed-crd', level: 'medium', message: 'a CRD changes: its custom resources must still fit' }
}

/** The first of several, and how many more there are. */
function some(texts: readonly string[]): string {
  return texts.slice(0, 3).join(', ') + (texts.length > 3 ? ` and ${texts.length - 3} more` : '')
}

/** Webhooks whose failure is treated otherwise than before, and new ones whose failure refuses requests. */
function webhookRisks(object: ObjectName, before: Value | undefined, after: Value | undefined): Risk[] {
  if (groupOf(object) !== 'admissionregistration.k8s.io' || !object.kind.endsWith('WebhookConfiguration')) return []
  const policies = (value: Value | undefined): Map<string, string> =>
    new Map(
      list(value?.get('webhooks')).map(hook => [
        show(child(hook, 'name')),
        // admissionregistration.k8s.io/v1, where it is not set.
        show(child(hook, 'failurePolicy') ?? 'Fail'),
      ]),
    )
  const old = policies(before)
  const risks: Risk[] = []
  for (const [name, policy] of policies(after)) {
    const was = old.get(name)
    if (was === policy || (was === undefined && policy !== 'Fail')) continue
    const what =
      policy === 'Fail' ? 'requests are refused while it does not answer' : 'what it checks gets through unchecked'
    const change = was === undefined ? `failurePolicy ${policy}` : `failurePolicy ${was} → ${policy}`
    risks.push({ rule: 'webhook', level: 'medium', message: `webhook ${name}, ${change}: ${what}` })
  }
  return risks
}

/** Rights that `after` gives and `before` did not: rules of roles, subjects of bindings. */
function widenedRights(
  object: ObjectName,
  type: 'added' | 'changed',
  before: Value | undefined,
  after: Value | undefined,
): Risk[] {
  if (groupOf(object) !== 'rbac.authorization.k8s.io' || after === undefined) return []
  if (object.kind === 'Role' || object.kind === 'ClusterRole') {
    const [had, has] = [grants(before), grants(after)]
    if (had === undefined || has === undefined) {
      if (type === 'added' || sameValue(before?.get('rules'), after.get('rules'))) return []
      return [{ rule: 'rbac-widened', level: 'high', message: 'gives too many rights to compare them: look at each' }]
    }
    const added = [...has.values()].filter(grant => !covered(grant, had))
    const escalating = added.filter(isEscalating)
    // A new role is as wide as it is; only what leads further is worth a mark.
    if (added.length === 0 || (type === 'added' && escalating.length === 0)) return []
    const shown = [...escalating, ...added.filter(grant => !isEscalating(grant))].map(shownGrant)
    const level = escalating.length > 0 ? 'high' : 'medium'
    return [{ rule: 'rbac-widened', level, message: `gives more rights: ${some(shown)}` }]
  }
  if (object.kind === 'RoleBinding' || object.kind === 'ClusterRoleBinding') {
    const had = subjects(before)
    const role = child(after.get('roleRef'), 'name')
    const isOther = before !== undefined && !sameValue(child(before.get('roleRef'), 'name'), role)
    const added = [...subjects(after)].filter(subject => isOther || !had.has(subject))
    const isWide = role === 'cluster-admin' || added.some(subject => everybody.test(subject))
    if (added.length === 0 || (type === 'added' && !isWide)) return []
    return [
      {
        rule: 'rbac-widened',
        level: isWide ? 'high' : 'medium',
        message: `gives ${show(role)} to ${some(added)}`,
      },
    ]
  }
  return []
}

/** Groups that everybody is in, or every program of the cluster. */
const everybody = /^(Group|User) (\S*\/)?system:(anonymous|unauthenticated|authenticated|serviceaccounts)$/

/**
 * Whether a right leads to others: wildcards, and what Kubernetes itself warns of
 * (https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks).
 */
function isEscalating({ verb, group, resource }: Grant): boolean {
  if ([verb, group, resource].some(part => part.includes('*'))) return true
  if (['bind', 'escalate', 'impersonate'].includes(verb)) return true
  return verb === 'create' && group === '' && leading.has(resource)
}

/** What can be made of these leads to the rights of others. */
const leading: ReadonlySet<string> = new Set(['serviceaccounts/token', 'pods/exec', 'pods/attach', 'nodes/proxy'])

/** More rights than this are not told one by one. */
const mostGrants = 20_000

/** One right: a verb on a resource (of a group, perhaps of one name), or on a URL. */
interface Grant {
  readonly verb: string
  readonly group: string
  readonly resource: string
  /** "" for each. */
  readonly name: string
}

/** Rules one right at a time, by their keys; undefined where that would be too many. */
function grants(role: Value | undefined): Map<string, Grant> | undefined {
  const out = new Map<string, Grant>()
  const add = (grant: Grant): void => void out.set(keyOf(grant), grant)
  for (const rule of list(role?.get('rules'))) {
    const strings = (key: string): string[] => list(child(rule, key)).map(show)
    const [verbs, groups, resources, urls] = [
      strings('verbs'),
      strings('apiGroups'),
      strings('resources'),
      strings('nonResourceURLs'),
    ]
    const given = strings('resourceNames')
    const names = given.length === 0 ? [''] : given
    const size = verbs.length * (groups.length * resources.length * names.length + urls.length)
    if (out.size + size > mostGrants) return undefined
    for (const verb of verbs) {
      for (const url of urls) add({ verb, group: 'url', resource: url, name: '' })
      for (const group of groups)
        for (const resource of resources) for (const name of names) add({ verb, group, resource, name })
    }
  }
  return out
}

function keyOf({ verb, group, resource, name }: Grant): string {
  return JSON.stringify([verb, group, resource, name])
}

/** `get apps/deployments "web"`. */
function shownGrant({ verb, group, resource, name }: Grant): string {
  const what = group === '' || group === 'url' ? resource : `${group}/${resource}`
  return `${verb} ${what}${name === '' ? '' : ` "${name}"`}`
}

/** Whether a right was there already, by itself or within a wider one. */
function covered(grant: Grant, had: ReadonlyMap<string, Grant>): boolean {
  for (const verb of [grant.verb, '*']) {
    for (const group of [grant.group, '*']) {
      for (const resource of [grant.resource, '*']) {
        for (const name of [grant.name, '']) if (had.has(keyOf({ verb, group, resource, name }))) return true
      }
    }
  }
  return false
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
