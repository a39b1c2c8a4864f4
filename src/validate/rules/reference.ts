/** Names of objects in objects: whether what they name is there. */
import { isNull, textOf, type YamlMap, type YamlNode } from '../../yaml/node.ts'
import type { Report, Rule } from '../finding.ts'
import { field, groupOf, mapOf, type SiteObject, type SiteObjects } from '../objects.ts'
import { containersOf, elements, podOf } from '../pods.ts'

/** A name of another object. */
interface Reference {
  readonly group: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
  /** A key of a ConfigMap or a Secret that must be there. */
  readonly key?: string | undefined
  readonly node: YamlNode
  readonly path: string
}

/** ConfigMaps, Secrets, Services and the like that something needs and nothing in the site brings. */
export const reference: Rule = {
  name: 'reference',
  summary: 'names of ConfigMaps, Secrets, Services, ServiceAccounts, Roles … that nothing in the site brings',
  severity: 'warning',
  check(site, report) {
    const made = madeSecrets(site)
    for (const object of site.objects) {
      for (const found of referencesOf(object)) checkReference(site, object, found, made, report)
    }
  },
}

function checkReference(
  site: SiteObjects,
  object: SiteObject,
  { group, kind, name, namespace, key, node, path }: Reference,
  made: ReadonlySet<string>,
  report: Report,
): void {
  if (name === '' || isGiven(kind, name)) return
  const [found] = site.find(object, group, kind, name, namespace)
  if (found === undefined) {
    if (kind === 'Secret' && made.has(`${object.target} ${namespace} ${name}`)) return
    const where = namespace === '' || namespace === object.namespace ? '' : ` in namespace ${namespace}`
    report(
      object,
      node,
      path,
      `nothing in the site brings the ${kind} "${name}"${where}`,
      elsewhere(site, object, group, kind, name),
    )
    return
  }
  if (key === undefined) return
  const keys = ['data', 'binaryData', 'stringData'].flatMap(part => mapOf(found.node.get(part))?.pairs ?? [])
  if (keys.some(pair => textOf(pair.key) === key)) return
  // What is empty is filled in the cluster, by a job or a controller.
  if (keys.length === 0) return
  report(
    object,
    node,
    path,
    `${kind} "${name}" has no key "${key}"`,
    `${found.file} has ${keys
      .map(pair => textOf(pair.key))
      .slice(0, 6)
      .join(', ')}`,
  )
}

/** The same name in another namespace is most often what was meant. */
function elsewhere(
  site: SiteObjects,
  object: SiteObject,
  group: string,
  kind: string,
  name: string,
): string | undefined {
  const other = site.objects.find(
    ({ apiVersion, kind: k, name: n, target }) =>
      k === kind && n === name && groupOf(apiVersion) === group && target === object.target,
  )
  return other === undefined || other.namespace === object.namespace
    ? undefined
    : `there is one in namespace ${other.namespace} (${other.file})`
}

/** What every cluster has. */
function isGiven(kind: string, name: string): boolean {
  if (kind === 'ServiceAccount') return name === 'default'
  if (kind === 'ConfigMap') return name === 'kube-root-ca.crt'
  if (kind !== 'ClusterRole' && kind !== 'Role') return false
  return (
    name.startsWith('system:') ||
    ['cluster-admin', 'admin', 'edit', 'view'].includes(name) ||
    name === 'extension-apiserver-authentication-reader'
  )
}

/** Secrets that controllers make of other objects: `cluster namespace name`. */
function madeSecrets(site: SiteObjects): Set<string> {
  const made = new Set<string>()
  for (const { kind, apiVersion, node, name, namespace, target } of site.objects) {
    const names: Readonly<Record<string, () => (string | undefined)[]>> = {
      'bitnami.com SealedSecret': () => [textOf(field(node, 'spec', 'template', 'metadata', 'name')) ?? name],
      'external-secrets.io ExternalSecret': () => [textOf(field(node, 'spec', 'target', 'name')) ?? name],
      'cert-manager.io Certificate': () => [textOf(field(node, 'spec', 'secretName'))],
      'secrets.hashicorp.com VaultStaticSecret': () => [textOf(field(node, 'spec', 'destination', 'name'))],
      'secrets.hashicorp.com VaultDynamicSecret': () => [textOf(field(node, 'spec', 'destination', 'name'))],
      'isindir.github.com SopsSecret': () =>
        elements(field(node, 'spec', 'secretTemplates'), '').map(({ node: one }) => textOf(one.get('name'))),
    }
    for (const secret of names[`${groupOf(apiVersion)} ${kind}`]?.() ?? []) {
      if (secret !== undefined) made.add(`${target} ${namespace} ${secret}`)
    }
  }
  return made
}

function referencesOf(object: SiteObject): Reference[] {
  return [...podReferences(object), ...(own[`${groupOf(object.apiVersion)} ${object.kind}`]?.(object) ?? [])]
}

/** One reference by a field that is a name, where it is given. */
function byName(
  { namespace }: SiteObject,
  kind: string,
  node: YamlNode | undefined,
  path: string,
  more: { readonly group?: string; readonly namespace?: string; readonly key?: string | undefined } = {},
): Reference[] {
  const name = textOf(node)
  if (node === undefined || name === undefined || isNull(node)) return []
  return [{ group: '', kind, namespace, ...more, name, node, path }]
}

function isOptional(node: YamlMap): boolean {
  return textOf(node.get('optional')) === 'true'
}

/** `configMapKeyRef`, `secretRef` and their like: name, key, optional. */
function sourceOf(object: SiteObject, kind: string, node: YamlNode | undefined, path: string): Reference[] {
  if (node?.kind !== 'map' || isOptional(node)) return []
  return byName(object, kind, node.get('name'), `${path}.name`, { key: textOf(node.get('key')) })
}

function podReferences(object: SiteObject): Reference[] {
  const pod = podOf(object)
  if (pod === undefined) return []
  const { spec, path } = pod
  const found: Reference[] = []
  for (const name of ['serviceAccountName', 'serviceAccount']) {
    found.push(...byName(object, 'ServiceAccount', spec.get(name), `${path}.${name}`))
  }
  for (const { node, path: at } of elements(spec.get('imagePullSecrets'), `${path}.imagePullSecrets`)) {
    found.push(...byName(object, 'Secret', node.get('name'), `${at}.name`))
  }
  for (const { node, path: at } of elements(spec.get('volumes'), `${path}.volumes`)) {
    found.push(...volumeReferences(object, node, at))
    for (const { node: part, path: inner } of elements(
      field(node, 'projected', 'sources'),
      `${at}.projected.sources`,
    )) {
      found.push(...sourceOf(object, 'ConfigMap', part.get('configMap'), `${inner}.configMap`))
      found.push(...sourceOf(object, 'Secret', part.get('secret'), `${inner}.secret`))
    }
  }
  for (const container of containersOf(pod)) {
    for (const { node, path: at } of elements(container.node.get('env'), `${container.path}.env`)) {
      const from = node.get('valueFrom')
      found.push(...sourceOf(object, 'ConfigMap', field(from, 'configMapKeyRef'), `${at}.valueFrom.configMapKeyRef`))
      found.push(...sourceOf(object, 'Secret', field(from, 'secretKeyRef'), `${at}.valueFrom.secretKeyRef`))
    }
    for (const { node, path: at } of elements(container.node.get('envFrom'), `${container.path}.envFrom`)) {
      found.push(...sourceOf(object, 'ConfigMap', node.get('configMapRef'), `${at}.configMapRef`))
      found.push(...sourceOf(object, 'Secret', node.get('secretRef'), `${at}.secretRef`))
    }
  }
  return found
}

function volumeReferences(object: SiteObject, volume: YamlMap, path: string): Reference[] {
  const secret = volume.get('secret')
  const claim = volume.get('persistentVolumeClaim')
  return [
    ...sourceOf(object, 'ConfigMap', volume.get('configMap'), `${path}.configMap`),
    ...(secret?.kind === 'map' && !isOptional(secret)
      ? byName(object, 'Secret', secret.get('secretName'), `${path}.secret.secretName`)
      : []),
    ...byName(object, 'PersistentVolumeClaim', field(claim, 'claimName'), `${path}.persistentVolumeClaim.claimName`),
  ]
}

/** What kinds name besides pods. */
const own: Readonly<Record<string, (object: SiteObject) => Reference[]>> = {
  'apps StatefulSet': object =>
    byName(object, 'Service', field(object.node, 'spec', 'serviceName'), 'spec.serviceName'),
  'networking.k8s.io Ingress': ingressReferences,
  'autoscaling HorizontalPodAutoscaler': object => {
    const target = field(object.node, 'spec', 'scaleTargetRef')
    const group = groupOf(textOf(field(target, 'apiVersion')) ?? '')
    const kind = textOf(field(target, 'kind')) ?? ''
    // What an operator scales is its own affair.
    if (group !== 'apps') return []
    return byName(object, kind, field(target, 'name'), 'spec.scaleTargetRef.name', { group })
  },
  'rbac.authorization.k8s.io RoleBinding': bindingReferences,
  'rbac.authorization.k8s.io ClusterRoleBinding': bindingReferences,
  'admissionregistration.k8s.io MutatingWebhookConfiguration': webhookReferences,
  'admissionregistration.k8s.io ValidatingWebhookConfiguration': webhookReferences,
  'apiregistration.k8s.io APIService': object =>
    serviceReference(object, field(object.node, 'spec', 'service'), 'spec.service'),
}

function ingressReferences(object: SiteObject): Reference[] {
  const found: Reference[] = []
  const backend = (node: YamlNode | undefined, path: string): void => {
    found.push(...byName(object, 'Service', field(node, 'service', 'name'), `${path}.service.name`))
  }
  const spec = object.node.get('spec')
  backend(field(spec, 'defaultBackend'), 'spec.defaultBackend')
  for (const { node: rule, path } of elements(field(spec, 'rules'), 'spec.rules')) {
    for (const { node, path: at } of elements(field(rule, 'http', 'paths'), `${path}.http.paths`)) {
      // Annotations of the AWS controller stand in for Services.
      if (textOf(field(node, 'backend', 'service', 'port', 'name')) !== 'use-annotation') {
        backend(node.get('backend'), `${at}.backend`)
      }
    }
  }
  // cert-manager makes the Secrets of annotated Ingresses.
  const annotations = mapOf(field(object.node, 'metadata', 'annotations'))
  const isIssued = annotations?.pairs.some(({ key }) =>
    /^(cert-manager\.io\/(cluster-)?issuer|kubernetes\.io\/tls-acme)$/.test(textOf(key) ?? ''),
  )
  if (isIssued === true) return found
  for (const { node, path } of elements(field(spec, 'tls'), 'spec.tls')) {
    found.push(...byName(object, 'Secret', node.get('secretName'), `${path}.secretName`))
  }
  return found
}

function bindingReferences(object: SiteObject): Reference[] {
  const role = object.node.get('roleRef')
  const kind = textOf(field(role, 'kind')) ?? ''
  const group = 'rbac.authorization.k8s.io'
  const namespace = kind === 'ClusterRole' ? '' : object.namespace
  return byName(object, kind, field(role, 'name'), 'roleRef.name', { group, namespace })
}

function webhookReferences(object: SiteObject): Reference[] {
  return elements(object.node.get('webhooks'), 'webhooks').flatMap(({ node, path }) =>
    serviceReference(object, field(node, 'clientConfig', 'service'), `${path}.clientConfig.service`),
  )
}

function serviceReference(object: SiteObject, node: YamlNode | undefined, path: string): Reference[] {
  const namespace = textOf(field(node, 'namespace'))
  return namespace === undefined ? [] : byName(object, 'Service', field(node, 'name'), `${path}.name`, { namespace })
}
