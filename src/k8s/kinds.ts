/**
 * Facts about the kinds of the Kubernetes API: which of them live in no namespace, and in which order Helm installs
 * them. (The order that Kustomize sorts by stands in kustomize/resid.ts.)
 */

/**
 * The kinds of each API version by scope, as far as kustomize 5.8.2 knows them without any schema: Kubernetes 1.21 and
 * ValidatingAdmissionPolicy(Binding) v1 (kyaml/openapi/openapi.go). Groups are written out once; `|` parts the
 * cluster-scoped kinds from the namespaced ones.
 */
const scopes = `
admissionregistration.k8s.io/v1      MutatingWebhookConfiguration ValidatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding |
admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration ValidatingWebhookConfiguration |
apiextensions.k8s.io/v1              CustomResourceDefinition |
apiextensions.k8s.io/v1beta1         CustomResourceDefinition |
apiregistration.k8s.io/v1            APIService |
apiregistration.k8s.io/v1beta1       APIService |
apps/v1                              | ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
autoscaling/v1                       | HorizontalPodAutoscaler Scale
autoscaling/v2beta1                  | HorizontalPodAutoscaler
autoscaling/v2beta2                  | HorizontalPodAutoscaler
batch/v1                             | CronJob Job
batch/v1beta1                        | CronJob
certificates.k8s.io/v1               CertificateSigningRequest |
certificates.k8s.io/v1beta1          CertificateSigningRequest |
coordination.k8s.io/v1               | Lease
coordination.k8s.io/v1beta1          | Lease
discovery.k8s.io/v1                  | EndpointSlice
discovery.k8s.io/v1beta1             | EndpointSlice
events.k8s.io/v1                     | Event
events.k8s.io/v1beta1                | Event
extensions/v1beta1                   | Ingress
flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema PriorityLevelConfiguration |
networking.k8s.io/v1                 IngressClass | Ingress NetworkPolicy
networking.k8s.io/v1beta1            IngressClass | Ingress
node.k8s.io/v1                       RuntimeClass |
node.k8s.io/v1beta1                  RuntimeClass |
policy/v1                            | PodDisruptionBudget
policy/v1beta1                       PodSecurityPolicy | PodDisruptionBudget
rbac.authorization.k8s.io/v1         ClusterRole ClusterRoleBinding | Role RoleBinding
rbac.authorization.k8s.io/v1beta1    ClusterRole ClusterRoleBinding | Role RoleBinding
scheduling.k8s.io/v1                 PriorityClass |
scheduling.k8s.io/v1beta1            PriorityClass |
storage.k8s.io/v1                    CSIDriver CSINode StorageClass VolumeAttachment |
storage.k8s.io/v1beta1               CSIDriver CSINode StorageClass VolumeAttachment | CSIStorageCapacity
v1                                   ComponentStatus Namespace Node NodeProxyOptions PersistentVolume | ConfigMap Endpoints Event LimitRange PersistentVolumeClaim Pod PodAttachOptions PodExecOptions PodPortForwardOptions PodProxyOptions PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount ServiceProxyOptions
`

/** Where objects of a kind live. */
export type Scope = 'Cluster' | 'Namespaced'

const byKind = readScopes(scopes)

function readScopes(table: string): ReadonlyMap<string, Scope> {
  const out = new Map<string, Scope>()
  for (const line of table.trim().split('\n')) {
    const [apiVersion = '', ...kinds] = line.split(/ +/)
    let scope: Scope = 'Cluster'
    for (const kind of kinds) {
      if (kind === '|') scope = 'Namespaced'
      else if (kind !== '') out.set(`${apiVersion} ${kind}`, scope)
    }
  }
  return out
}

/** The scope of a kind of the Kubernetes API, or undefined for one the table does not know (custom resources, newer versions). */
export function scopeOf(apiVersion: string, kind: string): Scope | undefined {
  return byKind.get(`${apiVersion} ${kind}`)
}

/** The API groups that a Kubernetes API server itself serves; every other group has CRDs or a server of its own. */
const builtinGroups = new Set([
  ...['', 'apps', 'autoscaling', 'batch', 'events', 'extensions', 'policy'],
  ...['admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'authentication.k8s.io'],
  ...['authorization.k8s.io', 'certificates.k8s.io', 'coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io'],
  ...['flowcontrol.apiserver.k8s.io', 'internal.apiserver.k8s.io', 'networking.k8s.io', 'node.k8s.io'],
  ...['rbac.authorization.k8s.io', 'resource.k8s.io', 'scheduling.k8s.io', 'storage.k8s.io'],
  'storagemigration.k8s.io',
])

/** Whether an API version is one of Kubernetes itself rather than of a custom resource. */
export function isBuiltinGroup(apiVersion: string): boolean {
  const slash = apiVersion.indexOf('/')
  return builtinGroups.has(slash === -1 ? '' : apiVersion.slice(0, slash))
}
