/**
 * The default field specs: where names, labels, images and references stand in the kinds of Kubernetes
 * (api/internal/konfig/builtinpluginconsts). A table of facts, oddities included: ReplicationController is missing
 * from the referrers of ConfigMap and Secret, the CronJob's nfs path is wrong, IngressClass names a group that no
 * object has.
 */
import { type FieldSpec, fieldSpec, sortFieldSpecs } from './fieldspec.ts'
import { compareGvk, type Gvk } from './resid.ts'

/** Which fields refer to objects of a kind by their names. */
export interface NameReference extends Gvk {
  readonly referrers: readonly FieldSpec[]
}

/** Which fields each transformer edits: the defaults, what `configurations` and `crds` files add. */
export interface TransformerConfig {
  readonly namePrefix: readonly FieldSpec[]
  readonly nameSuffix: readonly FieldSpec[]
  readonly namespace: readonly FieldSpec[]
  readonly commonLabels: readonly FieldSpec[]
  readonly labels: readonly FieldSpec[]
  readonly templateLabels: readonly FieldSpec[]
  readonly volumeClaimTemplateLabels: readonly FieldSpec[]
  readonly commonAnnotations: readonly FieldSpec[]
  readonly nameReference: readonly NameReference[]
  readonly varReference: readonly FieldSpec[]
  readonly images: readonly FieldSpec[]
  readonly replicas: readonly FieldSpec[]
}

const rbac = 'rbac.authorization.k8s.io'
const admission = 'admissionregistration.k8s.io'
const make = true

const workloads = ['Deployment', 'ReplicaSet', 'DaemonSet', 'StatefulSet', 'Job'] as const

const metadataLabels: readonly FieldSpec[] = [
  fieldSpec('metadata/labels', make),
  fieldSpec('spec/template/metadata/labels', make, 'ReplicationController', '', 'v1'),
  fieldSpec('spec/template/metadata/labels', make, 'Deployment'),
  fieldSpec('spec/template/metadata/labels', make, 'ReplicaSet'),
  fieldSpec('spec/template/metadata/labels', make, 'DaemonSet'),
  fieldSpec('spec/template/metadata/labels', make, 'StatefulSet', 'apps'),
  fieldSpec('spec/template/metadata/labels', make, 'Job', 'batch'),
  fieldSpec('spec/jobTemplate/metadata/labels', make, 'CronJob', 'batch'),
  fieldSpec('spec/jobTemplate/spec/template/metadata/labels', make, 'CronJob', 'batch'),
]

const claimTemplateLabels: readonly FieldSpec[] = [
  fieldSpec('spec/volumeClaimTemplates[]/metadata/labels', make, 'StatefulSet', 'apps'),
]

const commonLabels: readonly FieldSpec[] = [
  fieldSpec('spec/selector', make, 'Service', '', 'v1'),
  fieldSpec('spec/selector', make, 'ReplicationController', '', 'v1'),
  fieldSpec('spec/selector/matchLabels', make, 'Deployment'),
  ...podSelectors('Deployment'),
  fieldSpec('spec/selector/matchLabels', make, 'ReplicaSet'),
  fieldSpec('spec/selector/matchLabels', make, 'DaemonSet'),
  fieldSpec('spec/selector/matchLabels', make, 'StatefulSet', 'apps'),
  ...podSelectors('StatefulSet'),
  fieldSpec('spec/selector/matchLabels', false, 'Job', 'batch'),
  fieldSpec('spec/jobTemplate/spec/selector/matchLabels', false, 'CronJob', 'batch'),
  fieldSpec('spec/selector/matchLabels', false, 'PodDisruptionBudget', 'policy'),
  fieldSpec('spec/podSelector/matchLabels', false, 'NetworkPolicy', 'networking.k8s.io'),
  fieldSpec('spec/ingress/from/podSelector/matchLabels', false, 'NetworkPolicy', 'networking.k8s.io'),
  fieldSpec('spec/egress/to/podSelector/matchLabels', false, 'NetworkPolicy', 'networking.k8s.io'),
  ...metadataLabels,
  ...claimTemplateLabels,
]

/** Selectors inside a pod template that select pods of the same workload. */
function podSelectors(kind: string): FieldSpec[] {
  const preferred = 'preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels'
  const required = 'requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels'
  const pod = 'spec/template/spec'
  return [
    `${pod}/affinity/podAffinity/${preferred}`,
    `${pod}/affinity/podAffinity/${required}`,
    `${pod}/affinity/podAntiAffinity/${preferred}`,
    `${pod}/affinity/podAntiAffinity/${required}`,
    `${pod}/topologySpreadConstraints/labelSelector/matchLabels`,
  ].map(path => fieldSpec(path, false, kind, 'apps'))
}

const commonAnnotations: readonly FieldSpec[] = [
  fieldSpec('metadata/annotations', make),
  fieldSpec('spec/template/metadata/annotations', make, 'ReplicationController', '', 'v1'),
  fieldSpec('spec/template/metadata/annotations', make, 'Deployment'),
  fieldSpec('spec/template/metadata/annotations', make, 'ReplicaSet'),
  fieldSpec('spec/template/metadata/annotations', make, 'DaemonSet'),
  fieldSpec('spec/template/metadata/annotations', make, 'StatefulSet'),
  fieldSpec('spec/template/metadata/annotations', make, 'Job', 'batch'),
  fieldSpec('spec/jobTemplate/metadata/annotations', make, 'CronJob', 'batch'),
  fieldSpec('spec/jobTemplate/spec/template/metadata/annotations', make, 'CronJob', 'batch'),
]

const namespace: readonly FieldSpec[] = [
  fieldSpec('metadata/name', make, 'Namespace'),
  fieldSpec('spec/service/namespace', make, 'APIService', 'apiregistration.k8s.io'),
  fieldSpec(
    'spec/conversion/webhook/clientConfig/service/namespace',
    false,
    'CustomResourceDefinition',
    'apiextensions.k8s.io',
  ),
]

const images: readonly FieldSpec[] = [
  'spec/containers[]/image',
  'spec/initContainers[]/image',
  'spec/volumes[]/image/reference',
  'spec/template/spec/containers[]/image',
  'spec/template/spec/initContainers[]/image',
  'spec/template/spec/volumes[]/image/reference',
  'spec/jobTemplate/spec/template/spec/volumes[]/image/reference',
].map(path => fieldSpec(path, make))

const replicas: readonly FieldSpec[] = ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map(kind =>
  fieldSpec('spec/replicas', make, kind),
)

/** Kinds that hold a pod, with the path to its spec, and the version where the table asks for one. */
const podSpecs: readonly (readonly [kind: string, path: string, version: string])[] = [
  ['Pod', 'spec', 'v1'],
  ['PodTemplate', 'template/spec', ''],
  ...workloads.map(kind => [kind, 'spec/template/spec', ''] as const),
  ['CronJob', 'spec/jobTemplate/spec/template/spec', ''],
]

/** Fields of the pod in every kind of podSpecs. */
function inPods(...fields: string[]): FieldSpec[] {
  return podSpecs.flatMap(([kind, pod, version]) =>
    fields.map(field => fieldSpec(`${pod}/${field}`, false, kind, '', version)),
  )
}

/** A field of the pod in the kinds that the tables of claims, accounts and priorities list. */
function inWorkloads(field: string): FieldSpec[] {
  return [
    fieldSpec(`spec/${field}`, false, 'Pod'),
    ...['StatefulSet', 'Deployment', 'ReplicationController'].map(k =>
      fieldSpec(`spec/template/spec/${field}`, false, k),
    ),
    fieldSpec(`spec/jobTemplate/spec/template/spec/${field}`, false, 'CronJob'),
    ...['Job', 'DaemonSet'].map(k => fieldSpec(`spec/template/spec/${field}`, false, k)),
  ]
}

function references(kind: string, version: string, group: string, referrers: readonly FieldSpec[]): NameReference {
  return { group, version, kind, referrers }
}

const nameReference: readonly NameReference[] = [
  ...['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map(kind =>
    references(kind, '', '', [fieldSpec('spec/scaleTargetRef/name', false, 'HorizontalPodAutoscaler')]),
  ),
  references('ConfigMap', 'v1', '', [
    ...inPods(
      'volumes/configMap/name',
      'containers/env/valueFrom/configMapKeyRef/name',
      'initContainers/env/valueFrom/configMapKeyRef/name',
      'containers/envFrom/configMapRef/name',
      'initContainers/envFrom/configMapRef/name',
      'volumes/projected/sources/configMap/name',
    ),
    fieldSpec('spec/configSource/configMap', false, 'Node'),
    fieldSpec('rules/resourceNames', false, 'Role'),
    fieldSpec('rules/resourceNames', false, 'ClusterRole'),
    fieldSpec('metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap', false, 'Ingress'),
  ]),
  references('Secret', 'v1', '', [
    ...inPods(
      'volumes/secret/secretName',
      'containers/env/valueFrom/secretKeyRef/name',
      'initContainers/env/valueFrom/secretKeyRef/name',
      'containers/envFrom/secretRef/name',
      'initContainers/envFrom/secretRef/name',
      'imagePullSecrets/name',
      'volumes/projected/sources/secret/name',
    ),
    fieldSpec('spec/tls/secretName', false, 'Ingress'),
    fieldSpec('metadata/annotations/ingress.kubernetes.io\\/auth-secret', false, 'Ingress'),
    fieldSpec('metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret', false, 'Ingress'),
    fieldSpec('metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret', false, 'Ingress'),
    fieldSpec('imagePullSecrets/name', false, 'ServiceAccount'),
    ...['secretName', 'adminSecretName', 'userSecretName', 'secretRef'].map(field =>
      fieldSpec(`parameters/${field}`, false, 'StorageClass'),
    ),
    fieldSpec('rules/resourceNames', false, 'Role'),
    fieldSpec('rules/resourceNames', false, 'ClusterRole'),
    fieldSpec(
      'spec/template/spec/containers/env/valueFrom/secretKeyRef/name',
      false,
      'Service',
      'serving.knative.dev',
      'v1',
    ),
    fieldSpec('spec/azureFile/secretName', false, 'PersistentVolume'),
  ]),
  references('Service', 'v1', '', [
    fieldSpec('spec/serviceName', false, 'StatefulSet', 'apps'),
    fieldSpec('spec/rules/http/paths/backend/serviceName', false, 'Ingress'),
    fieldSpec('spec/backend/serviceName', false, 'Ingress'),
    fieldSpec('spec/rules/http/paths/backend/service/name', false, 'Ingress'),
    fieldSpec('spec/defaultBackend/service/name', false, 'Ingress'),
    fieldSpec('spec/service/name', false, 'APIService', 'apiregistration.k8s.io'),
    fieldSpec('webhooks/clientConfig/service', false, 'ValidatingWebhookConfiguration', admission),
    fieldSpec('webhooks/clientConfig/service', false, 'MutatingWebhookConfiguration', admission),
  ]),
  references('Role', '', rbac, [fieldSpec('roleRef/name', false, 'RoleBinding', rbac)]),
  references('ClusterRole', '', rbac, [
    fieldSpec('roleRef/name', false, 'RoleBinding', rbac),
    fieldSpec('roleRef/name', false, 'ClusterRoleBinding', rbac),
  ]),
  references('ServiceAccount', 'v1', '', [
    fieldSpec('subjects', false, 'RoleBinding', rbac),
    fieldSpec('subjects', false, 'ClusterRoleBinding', rbac),
    ...inWorkloads('serviceAccountName'),
  ]),
  references('PersistentVolumeClaim', 'v1', '', inWorkloads('volumes/persistentVolumeClaim/claimName')),
  references('PersistentVolume', 'v1', '', [
    fieldSpec('spec/volumeName', false, 'PersistentVolumeClaim'),
    fieldSpec('rules/resourceNames', false, 'ClusterRole'),
  ]),
  references('StorageClass', 'v1', 'storage.k8s.io', [
    fieldSpec('spec/storageClassName', false, 'PersistentVolume'),
    fieldSpec('spec/storageClassName', false, 'PersistentVolumeClaim'),
    fieldSpec('spec/volumeClaimTemplates/spec/storageClassName', false, 'StatefulSet'),
  ]),
  references('PriorityClass', 'v1', 'scheduling.k8s.io', inWorkloads('priorityClassName')),
  references('IngressClass', 'v1', 'networking.k8s.io/v1', [fieldSpec('spec/ingressClassName', false, 'Ingress')]),
  references('ValidatingAdmissionPolicy', '', admission, [
    fieldSpec('spec/policyName', false, 'ValidatingAdmissionPolicyBinding', admission),
  ]),
]

/** Fields of containers in which variables are expanded. */
const containerFields = ['args', 'command', 'env/value', 'volumeMounts/mountPath'] as const

const varReference: readonly FieldSpec[] = [
  ...(
    [
      ['CronJob', 'spec/jobTemplate/spec/template/spec'],
      ['DaemonSet', 'spec/template/spec'],
      ['Deployment', 'spec/template/spec'],
      ['Job', 'spec/template/spec'],
      ['Pod', 'spec'],
      ['ReplicaSet', 'spec/template/spec'],
      ['StatefulSet', 'spec/template/spec'],
    ] as const
  ).flatMap(([kind, pod]) =>
    ['containers', 'initContainers'].flatMap(list =>
      containerFields.map(field => fieldSpec(`${pod}/${list}/${field}`, false, kind)),
    ),
  ),
  fieldSpec('spec/jobTemplate/spec/template/volumes/nfs/server', false, 'CronJob'),
  ...['DaemonSet', 'Deployment', 'Job', 'ReplicaSet'].map(kind =>
    fieldSpec('spec/template/spec/volumes/nfs/server', false, kind),
  ),
  fieldSpec('spec/volumes/nfs/server', false, 'Pod'),
  fieldSpec('spec/volumeClaimTemplates/spec/nfs/server', false, 'StatefulSet'),
  fieldSpec('spec/nfs/server', false, 'PersistentVolume'),
  fieldSpec('spec/template/metadata/annotations', false, 'Deployment'),
  fieldSpec('spec/rules/host', false, 'Ingress'),
  fieldSpec('spec/tls/hosts', false, 'Ingress'),
  fieldSpec('spec/tls/secretName', false, 'Ingress'),
  fieldSpec('spec/ports/port', false, 'Service'),
  fieldSpec('spec/ports/targetPort', false, 'Service'),
  fieldSpec('metadata/labels'),
  fieldSpec('metadata/annotations'),
]

/** What a kustomization starts with. */
export const defaultConfig: TransformerConfig = sortConfig({
  namePrefix: [fieldSpec('metadata/name')],
  nameSuffix: [fieldSpec('metadata/name')],
  namespace,
  commonLabels,
  labels: [],
  templateLabels: metadataLabels,
  volumeClaimTemplateLabels: claimTemplateLabels,
  commonAnnotations,
  nameReference,
  varReference,
  images,
  replicas,
})

/** Every list in the order of kinds; what a configuration is brought into after reading and after each merge. */
export function sortConfig(config: TransformerConfig): TransformerConfig {
  return {
    namePrefix: sortFieldSpecs(config.namePrefix),
    nameSuffix: sortFieldSpecs(config.nameSuffix),
    namespace: sortFieldSpecs(config.namespace),
    commonLabels: sortFieldSpecs(config.commonLabels),
    labels: sortFieldSpecs(config.labels),
    templateLabels: sortFieldSpecs(config.templateLabels),
    volumeClaimTemplateLabels: sortFieldSpecs(config.volumeClaimTemplateLabels),
    commonAnnotations: sortFieldSpecs(config.commonAnnotations),
    nameReference: [...config.nameReference].sort(compareGvk),
    varReference: sortFieldSpecs(config.varReference),
    images: sortFieldSpecs(config.images),
    replicas: sortFieldSpecs(config.replicas),
  }
}
