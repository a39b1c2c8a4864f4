/**
 * Which lists of which kinds a strategic merge patch merges, and by which keys: the `x-kubernetes-patch-strategy`,
 * `-patch-merge-key` and `-list-map-keys` of Kubernetes 1.21.2, the version kustomize 5.8.2 carries. Only the ways that
 * lead to such a list are kept; every other list is replaced by a patch.
 *
 * A line is a type and its fields: `field:Type` for a value of that type, `field[]:Type` for a list that is replaced
 * but whose elements are of the type, `field[key+key]:Type` for a list merged by keys, `field[*]` for a list of
 * scalars that is a set.
 */
export const mergeTypes = `
ObjectMeta                        finalizers[*] ownerReferences[uid]
Container                         env[name] ports[containerPort+protocol] volumeDevices[devicePath] volumeMounts[mountPath]
EphemeralContainer                env[name] volumeDevices[devicePath] volumeMounts[mountPath]
Volume                            ephemeral:EphemeralVolumeSource
EphemeralVolumeSource             volumeClaimTemplate:PersistentVolumeClaimTemplate
PersistentVolumeClaimTemplate     metadata:ObjectMeta
PodSpec                           containers[name]:Container ephemeralContainers[name]:EphemeralContainer hostAliases[ip] imagePullSecrets[name] initContainers[name]:Container topologySpreadConstraints[topologyKey+whenUnsatisfiable] volumes[name]:Volume
PodStatus                         conditions[type] podIPs[ip]
PodTemplateSpec                   metadata:ObjectMeta spec:PodSpec
WorkloadSpec                      template:PodTemplateSpec
StatefulSetSpec                   template:PodTemplateSpec volumeClaimTemplates[]:PersistentVolumeClaim
JobTemplateSpec                   metadata:ObjectMeta spec:WorkloadSpec
CronJobSpec                       jobTemplate:JobTemplateSpec
ServiceSpec                       ports[port+protocol]
NodeSpec                          podCIDRs[*]
NodeStatus                        addresses[type] conditions[type]
CSINodeSpec                       drivers[name]
Status                            conditions[type]
`

/** The fields of a kind beside `metadata`, which is an ObjectMeta everywhere; a kind that is not here has no other. */
export const mergeKinds = `
MutatingWebhookConfiguration      webhooks[name]
ValidatingWebhookConfiguration    webhooks[name]
ServiceAccount                    secrets[name]
ComponentStatus                   conditions[type]
Pod                               spec:PodSpec status:PodStatus
PodTemplate                       template:PodTemplateSpec
ReplicationController             spec:WorkloadSpec status:Status
DaemonSet                         spec:WorkloadSpec status:Status
Deployment                        spec:WorkloadSpec status:Status
ReplicaSet                        spec:WorkloadSpec status:Status
StatefulSet                       spec:StatefulSetSpec status:Status
Job                               spec:WorkloadSpec status:Status
CronJob                           spec:CronJobSpec
Service                           spec:ServiceSpec status:Status
Node                              spec:NodeSpec status:NodeStatus
Namespace                         status:Status
PersistentVolumeClaim             status:Status
PodDisruptionBudget               status:Status
APIService                        status:Status
CSINode                           spec:CSINodeSpec
`

/**
 * The kinds of each API version that have a schema. What is not here (autoscaling/v2, custom resources) has none, and
 * all its lists are replaced.
 */
export const mergeVersions = `
admissionregistration.k8s.io/v1      MutatingWebhookConfiguration ValidatingWebhookConfiguration
admissionregistration.k8s.io/v1beta1 MutatingWebhookConfiguration ValidatingWebhookConfiguration
apiextensions.k8s.io/v1              CustomResourceDefinition
apiextensions.k8s.io/v1beta1         CustomResourceDefinition
apiregistration.k8s.io/v1            APIService
apiregistration.k8s.io/v1beta1       APIService
apps/v1                              ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
authentication.k8s.io/v1             TokenRequest TokenReview
authentication.k8s.io/v1beta1        TokenReview
authorization.k8s.io/v1              LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview
authorization.k8s.io/v1beta1         LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview
autoscaling/v1                       HorizontalPodAutoscaler Scale
autoscaling/v2beta1                  HorizontalPodAutoscaler
autoscaling/v2beta2                  HorizontalPodAutoscaler
batch/v1                             CronJob Job
batch/v1beta1                        CronJob
certificates.k8s.io/v1               CertificateSigningRequest
certificates.k8s.io/v1beta1          CertificateSigningRequest
coordination.k8s.io/v1               Lease
coordination.k8s.io/v1beta1          Lease
discovery.k8s.io/v1                  EndpointSlice
discovery.k8s.io/v1beta1             EndpointSlice
events.k8s.io/v1                     Event
events.k8s.io/v1beta1                Event
extensions/v1beta1                   Ingress
flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema PriorityLevelConfiguration
networking.k8s.io/v1                 Ingress IngressClass NetworkPolicy
networking.k8s.io/v1beta1            Ingress IngressClass
node.k8s.io/v1                       RuntimeClass
node.k8s.io/v1beta1                  RuntimeClass
policy/v1                            PodDisruptionBudget
policy/v1beta1                       Eviction PodDisruptionBudget PodSecurityPolicy
rbac.authorization.k8s.io/v1         ClusterRole ClusterRoleBinding Role RoleBinding
rbac.authorization.k8s.io/v1beta1    ClusterRole ClusterRoleBinding Role RoleBinding
scheduling.k8s.io/v1                 PriorityClass
scheduling.k8s.io/v1beta1            PriorityClass
storage.k8s.io/v1                    CSIDriver CSINode StorageClass VolumeAttachment
storage.k8s.io/v1beta1               CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment
v1                                   Binding ComponentStatus ConfigMap Endpoints Event LimitRange Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount
`
