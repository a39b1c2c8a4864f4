/**
 * The fields of Kubernetes' own kinds, as release 1.36.3 has them. Written by scripts/generate-kubernetes-fields.ts:
 * do not edit. A line of kinds is `apiVersion kind type scope`.
 */
export const fieldKinds = `
admissionregistration.k8s.io/v1 MutatingAdmissionPolicy admissionregistration.v1.MutatingAdmissionPolicy Cluster
admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding admissionregistration.v1.MutatingAdmissionPolicyBinding Cluster
admissionregistration.k8s.io/v1 MutatingWebhookConfiguration MutatingWebhookConfiguration Cluster
admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy ValidatingAdmissionPolicy Cluster
admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding ValidatingAdmissionPolicyBinding Cluster
admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration ValidatingWebhookConfiguration Cluster
admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicy admissionregistration.v1alpha1.MutatingAdmissionPolicy Cluster
admissionregistration.k8s.io/v1alpha1 MutatingAdmissionPolicyBinding admissionregistration.v1alpha1.MutatingAdmissionPolicyBinding Cluster
admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicy admissionregistration.v1beta1.MutatingAdmissionPolicy Cluster
admissionregistration.k8s.io/v1beta1 MutatingAdmissionPolicyBinding admissionregistration.v1beta1.MutatingAdmissionPolicyBinding Cluster
apiextensions.k8s.io/v1 CustomResourceDefinition CustomResourceDefinition Cluster
apiregistration.k8s.io/v1 APIService APIService Cluster
apps/v1 ControllerRevision ControllerRevision Namespaced
apps/v1 DaemonSet DaemonSet Namespaced
apps/v1 Deployment Deployment Namespaced
apps/v1 ReplicaSet ReplicaSet Namespaced
apps/v1 StatefulSet StatefulSet Namespaced
authentication.k8s.io/v1 SelfSubjectReview SelfSubjectReview Cluster
authentication.k8s.io/v1 TokenReview TokenReview Cluster
authorization.k8s.io/v1 LocalSubjectAccessReview LocalSubjectAccessReview Namespaced
authorization.k8s.io/v1 SelfSubjectAccessReview SelfSubjectAccessReview Cluster
authorization.k8s.io/v1 SelfSubjectRulesReview SelfSubjectRulesReview Cluster
authorization.k8s.io/v1 SubjectAccessReview SubjectAccessReview Cluster
autoscaling/v1 HorizontalPodAutoscaler autoscaling.v1.HorizontalPodAutoscaler Namespaced
autoscaling/v2 HorizontalPodAutoscaler autoscaling.v2.HorizontalPodAutoscaler Namespaced
batch/v1 CronJob CronJob Namespaced
batch/v1 Job Job Namespaced
certificates.k8s.io/v1 CertificateSigningRequest CertificateSigningRequest Cluster
certificates.k8s.io/v1alpha1 ClusterTrustBundle certificates.v1alpha1.ClusterTrustBundle Cluster
certificates.k8s.io/v1beta1 ClusterTrustBundle certificates.v1beta1.ClusterTrustBundle Cluster
certificates.k8s.io/v1beta1 PodCertificateRequest PodCertificateRequest Namespaced
coordination.k8s.io/v1 Lease Lease Namespaced
coordination.k8s.io/v1alpha2 LeaseCandidate coordination.v1alpha2.LeaseCandidate Namespaced
coordination.k8s.io/v1beta1 LeaseCandidate coordination.v1beta1.LeaseCandidate Namespaced
discovery.k8s.io/v1 EndpointSlice EndpointSlice Namespaced
events.k8s.io/v1 Event events.v1.Event Namespaced
flowcontrol.apiserver.k8s.io/v1 FlowSchema FlowSchema Cluster
flowcontrol.apiserver.k8s.io/v1 PriorityLevelConfiguration PriorityLevelConfiguration Cluster
internal.apiserver.k8s.io/v1alpha1 StorageVersion StorageVersion Cluster
networking.k8s.io/v1 IPAddress networking.v1.IPAddress Cluster
networking.k8s.io/v1 Ingress Ingress Namespaced
networking.k8s.io/v1 IngressClass IngressClass Cluster
networking.k8s.io/v1 NetworkPolicy NetworkPolicy Namespaced
networking.k8s.io/v1 ServiceCIDR networking.v1.ServiceCIDR Cluster
networking.k8s.io/v1beta1 IPAddress networking.v1beta1.IPAddress Cluster
networking.k8s.io/v1beta1 ServiceCIDR networking.v1beta1.ServiceCIDR Cluster
node.k8s.io/v1 RuntimeClass RuntimeClass Cluster
policy/v1 PodDisruptionBudget PodDisruptionBudget Namespaced
rbac.authorization.k8s.io/v1 ClusterRole ClusterRole Cluster
rbac.authorization.k8s.io/v1 ClusterRoleBinding ClusterRoleBinding Cluster
rbac.authorization.k8s.io/v1 Role Role Namespaced
rbac.authorization.k8s.io/v1 RoleBinding RoleBinding Namespaced
resource.k8s.io/v1 DeviceClass resource.v1.DeviceClass Cluster
resource.k8s.io/v1 ResourceClaim resource.v1.ResourceClaim Namespaced
resource.k8s.io/v1 ResourceClaimTemplate resource.v1.ResourceClaimTemplate Namespaced
resource.k8s.io/v1 ResourceSlice resource.v1.ResourceSlice Cluster
resource.k8s.io/v1alpha3 DeviceTaintRule resource.v1alpha3.DeviceTaintRule Cluster
resource.k8s.io/v1alpha3 ResourcePoolStatusRequest ResourcePoolStatusRequest Cluster
resource.k8s.io/v1beta1 DeviceClass resource.v1beta1.DeviceClass Cluster
resource.k8s.io/v1beta1 ResourceClaim resource.v1beta1.ResourceClaim Namespaced
resource.k8s.io/v1beta1 ResourceClaimTemplate resource.v1beta1.ResourceClaimTemplate Namespaced
resource.k8s.io/v1beta1 ResourceSlice resource.v1beta1.ResourceSlice Cluster
resource.k8s.io/v1beta2 DeviceClass resource.v1beta2.DeviceClass Cluster
resource.k8s.io/v1beta2 DeviceTaintRule resource.v1beta2.DeviceTaintRule Cluster
resource.k8s.io/v1beta2 ResourceClaim resource.v1beta2.ResourceClaim Namespaced
resource.k8s.io/v1beta2 ResourceClaimTemplate resource.v1beta2.ResourceClaimTemplate Namespaced
resource.k8s.io/v1beta2 ResourceSlice resource.v1beta2.ResourceSlice Cluster
scheduling.k8s.io/v1 PriorityClass PriorityClass Cluster
scheduling.k8s.io/v1alpha2 PodGroup PodGroup Namespaced
scheduling.k8s.io/v1alpha2 Workload Workload Namespaced
storage.k8s.io/v1 CSIDriver CSIDriver Cluster
storage.k8s.io/v1 CSINode CSINode Cluster
storage.k8s.io/v1 CSIStorageCapacity CSIStorageCapacity Namespaced
storage.k8s.io/v1 StorageClass StorageClass Cluster
storage.k8s.io/v1 VolumeAttachment VolumeAttachment Cluster
storage.k8s.io/v1 VolumeAttributesClass storage.v1.VolumeAttributesClass Cluster
storage.k8s.io/v1beta1 VolumeAttributesClass storage.v1beta1.VolumeAttributesClass Cluster
storagemigration.k8s.io/v1beta1 StorageVersionMigration StorageVersionMigration Cluster
v1 Binding Binding Namespaced
v1 ConfigMap ConfigMap Namespaced
v1 Endpoints Endpoints Namespaced
v1 Event core.v1.Event Namespaced
v1 LimitRange LimitRange Namespaced
v1 Namespace Namespace Cluster
v1 Node Node Cluster
v1 PersistentVolume PersistentVolume Cluster
v1 PersistentVolumeClaim PersistentVolumeClaim Namespaced
v1 Pod Pod Namespaced
v1 PodTemplate PodTemplate Namespaced
v1 ReplicationController ReplicationController Namespaced
v1 ResourceQuota ResourceQuota Namespaced
v1 Secret Secret Namespaced
v1 Service Service Namespaced
v1 ServiceAccount ServiceAccount Namespaced
`

/**
 * A line is a type and its fields: `name:type`, or `name!:type` for one that must be there. Types are `s` text, `y`
 * base64, `i` integer, `n` number, `b` boolean, `q` quantity, `x` integer or text, `t` time, `*` anything, `[T` a list,
 * `{T` a map of T, or a type of this table.
 */
export const fieldTypes = `
APIService apiVersion:s kind:s metadata:ObjectMeta spec:APIServiceSpec status:*
APIServiceSpec caBundle:y group:s groupPriorityMinimum!:i insecureSkipTLSVerify:b service:apiregistration.v1.ServiceReference version:s versionPriority!:i
AWSElasticBlockStoreVolumeSource fsType:s partition:i readOnly:b volumeID!:s
Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
AggregationRule clusterRoleSelectors:[LabelSelector
AppArmorProfile localhostProfile:s type!:s
AuditAnnotation key!:s valueExpression!:s
AzureDiskVolumeSource cachingMode:s diskName!:s diskURI!:s fsType:s kind:s readOnly:b
AzureFilePersistentVolumeSource readOnly:b secretName!:s secretNamespace:s shareName!:s
AzureFileVolumeSource readOnly:b secretName!:s shareName!:s
BasicDevice allNodes:b allowMultipleAllocations:b attributes:{resource.v1beta1.DeviceAttribute bindingConditions:[s bindingFailureConditions:[s bindsToNode:b capacity:{resource.v1beta1.DeviceCapacity consumesCounters:[resource.v1beta1.DeviceCounterConsumption nodeAllocatableResourceMappings:{resource.v1beta1.NodeAllocatableResourceMapping nodeName:s nodeSelector:NodeSelector taints:[resource.v1beta1.DeviceTaint
BasicSchedulingPolicy *
Binding apiVersion:s kind:s metadata:ObjectMeta target!:ObjectReference
CSIDriver apiVersion:s kind:s metadata:ObjectMeta spec!:CSIDriverSpec
CSIDriverSpec attachRequired:b fsGroupPolicy:s nodeAllocatableUpdatePeriodSeconds:i podInfoOnMount:b preventPodSchedulingIfMissing:b requiresRepublish:b seLinuxMount:b serviceAccountTokenInSecrets:b storageCapacity:b tokenRequests:[storage.v1.TokenRequest volumeLifecycleModes:[s
CSINode apiVersion:s kind:s metadata:ObjectMeta spec!:CSINodeSpec
CSINodeDriver allocatable:VolumeNodeResources name!:s nodeID!:s topologyKeys:[s
CSINodeSpec drivers!:[CSINodeDriver
CSIPersistentVolumeSource controllerExpandSecretRef:SecretReference controllerPublishSecretRef:SecretReference driver!:s fsType:s nodeExpandSecretRef:SecretReference nodePublishSecretRef:SecretReference nodeStageSecretRef:SecretReference readOnly:b volumeAttributes:{s volumeHandle!:s
CSIStorageCapacity apiVersion:s capacity:q kind:s maximumVolumeSize:q metadata:ObjectMeta nodeTopology:LabelSelector storageClassName!:s
CSIVolumeSource driver!:s fsType:s nodePublishSecretRef:LocalObjectReference readOnly:b volumeAttributes:{s
Capabilities add:[s drop:[s
CephFSPersistentVolumeSource monitors!:[s path:s readOnly:b secretFile:s secretRef:SecretReference user:s
CephFSVolumeSource monitors!:[s path:s readOnly:b secretFile:s secretRef:LocalObjectReference user:s
CertificateSigningRequest apiVersion:s kind:s metadata:ObjectMeta spec!:CertificateSigningRequestSpec status:*
CertificateSigningRequestSpec expirationSeconds:i extra:{[s groups:[s request!:y signerName!:s uid:s usages:[s username:s
CinderPersistentVolumeSource fsType:s readOnly:b secretRef:SecretReference volumeID!:s
CinderVolumeSource fsType:s readOnly:b secretRef:LocalObjectReference volumeID!:s
ClientIPConfig timeoutSeconds:i
ClusterRole aggregationRule:AggregationRule apiVersion:s kind:s metadata:ObjectMeta rules:[PolicyRule
ClusterRoleBinding apiVersion:s kind:s metadata:ObjectMeta roleRef!:RoleRef subjects:[rbac.v1.Subject
ClusterTrustBundleProjection labelSelector:LabelSelector name:s optional:b path!:s signerName:s
ConfigMap apiVersion:s binaryData:{y data:{s immutable:b kind:s metadata:ObjectMeta
ConfigMapEnvSource name:s optional:b
ConfigMapKeySelector key!:s name:s optional:b
ConfigMapNodeConfigSource kubeletConfigKey!:s name!:s namespace!:s resourceVersion:s uid:s
ConfigMapProjection items:[KeyToPath name:s optional:b
ConfigMapVolumeSource defaultMode:i items:[KeyToPath name:s optional:b
Container args:[s command:[s env:[EnvVar envFrom:[EnvFromSource image:s imagePullPolicy:s lifecycle:Lifecycle livenessProbe:Probe name!:s ports:[ContainerPort readinessProbe:Probe resizePolicy:[ContainerResizePolicy resources:ResourceRequirements restartPolicy:s restartPolicyRules:[ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:b stdinOnce:b terminationMessagePath:s terminationMessagePolicy:s tty:b volumeDevices:[VolumeDevice volumeMounts:[VolumeMount workingDir:s
ContainerPort containerPort!:i hostIP:s hostPort:i name:s protocol:s
ContainerResizePolicy resourceName!:s restartPolicy!:s
ContainerResourceMetricSource container!:s name!:s target!:MetricTarget
ContainerRestartRule action!:s exitCodes:ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes operator!:s values:[i
ControllerRevision apiVersion:s data:RawExtension kind:s metadata:ObjectMeta revision!:i
CronJob apiVersion:s kind:s metadata:ObjectMeta spec!:CronJobSpec status:*
CronJobSpec concurrencyPolicy:s failedJobsHistoryLimit:i jobTemplate!:JobTemplateSpec schedule!:s startingDeadlineSeconds:i successfulJobsHistoryLimit:i suspend:b timeZone:s
CustomResourceColumnDefinition description:s format:s jsonPath!:s name!:s priority:i type!:s
CustomResourceConversion strategy!:s webhook:WebhookConversion
CustomResourceDefinition apiVersion:s kind:s metadata:ObjectMeta spec!:CustomResourceDefinitionSpec status:*
CustomResourceDefinitionNames categories:[s kind!:s listKind:s plural!:s shortNames:[s singular:s
CustomResourceDefinitionSpec conversion:CustomResourceConversion group!:s names!:CustomResourceDefinitionNames preserveUnknownFields:b scope!:s versions!:[CustomResourceDefinitionVersion
CustomResourceDefinitionVersion additionalPrinterColumns:[CustomResourceColumnDefinition deprecated:b deprecationWarning:s name!:s schema:CustomResourceValidation selectableFields:[SelectableField served!:b storage!:b subresources:CustomResourceSubresources
CustomResourceSubresourceScale labelSelectorPath:s specReplicasPath!:s statusReplicasPath!:s
CustomResourceSubresourceStatus *
CustomResourceSubresources scale:CustomResourceSubresourceScale status:CustomResourceSubresourceStatus
CustomResourceValidation openAPIV3Schema:JSONSchemaProps
DaemonSet apiVersion:s kind:s metadata:ObjectMeta spec:DaemonSetSpec status:*
DaemonSetSpec minReadySeconds:i revisionHistoryLimit:i selector!:LabelSelector template!:PodTemplateSpec updateStrategy:DaemonSetUpdateStrategy
DaemonSetUpdateStrategy rollingUpdate:RollingUpdateDaemonSet type:s
Deployment apiVersion:s kind:s metadata:ObjectMeta spec:DeploymentSpec status:*
DeploymentSpec minReadySeconds:i paused:b progressDeadlineSeconds:i replicas:i revisionHistoryLimit:i selector!:LabelSelector strategy:DeploymentStrategy template!:PodTemplateSpec
DeploymentStrategy rollingUpdate:RollingUpdateDeployment type:s
DownwardAPIProjection items:[DownwardAPIVolumeFile
DownwardAPIVolumeFile fieldRef:ObjectFieldSelector mode:i path!:s resourceFieldRef:ResourceFieldSelector
DownwardAPIVolumeSource defaultMode:i items:[DownwardAPIVolumeFile
EmptyDirVolumeSource medium:s sizeLimit:q
Endpoint addresses!:[s conditions:EndpointConditions deprecatedTopology:{s hints:EndpointHints hostname:s nodeName:s targetRef:ObjectReference zone:s
EndpointAddress hostname:s ip!:s nodeName:s targetRef:ObjectReference
EndpointConditions ready:b serving:b terminating:b
EndpointHints forNodes:[ForNode forZones:[ForZone
EndpointSlice addressType!:s apiVersion:s endpoints:[Endpoint kind:s metadata:ObjectMeta ports:[discovery.v1.EndpointPort
EndpointSubset addresses:[EndpointAddress notReadyAddresses:[EndpointAddress ports:[core.v1.EndpointPort
Endpoints apiVersion:s kind:s metadata:ObjectMeta subsets:[EndpointSubset
EnvFromSource configMapRef:ConfigMapEnvSource prefix:s secretRef:SecretEnvSource
EnvVar name!:s value:s valueFrom:EnvVarSource
EnvVarSource configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector fileKeyRef:FileKeySelector resourceFieldRef:ResourceFieldSelector secretKeyRef:SecretKeySelector
EphemeralContainer args:[s command:[s env:[EnvVar envFrom:[EnvFromSource image:s imagePullPolicy:s lifecycle:Lifecycle livenessProbe:Probe name!:s ports:[ContainerPort readinessProbe:Probe resizePolicy:[ContainerResizePolicy resources:ResourceRequirements restartPolicy:s restartPolicyRules:[ContainerRestartRule securityContext:SecurityContext startupProbe:Probe stdin:b stdinOnce:b targetContainerName:s terminationMessagePath:s terminationMessagePolicy:s tty:b volumeDevices:[VolumeDevice volumeMounts:[VolumeMount workingDir:s
EphemeralVolumeSource volumeClaimTemplate:PersistentVolumeClaimTemplate
EventSource component:s host:s
ExecAction command:[s
ExemptPriorityLevelConfiguration lendablePercent:i nominalConcurrencyShares:i
ExternalDocumentation description:s url:s
ExternalMetricSource metric!:MetricIdentifier target!:MetricTarget
FCVolumeSource fsType:s lun:i readOnly:b targetWWNs:[s wwids:[s
FieldSelectorAttributes rawSelector:s requirements:[FieldSelectorRequirement
FieldSelectorRequirement key!:s operator!:s values:[s
FieldsV1 *
FileKeySelector key!:s optional:b path!:s volumeName!:s
FlexPersistentVolumeSource driver!:s fsType:s options:{s readOnly:b secretRef:SecretReference
FlexVolumeSource driver!:s fsType:s options:{s readOnly:b secretRef:LocalObjectReference
FlockerVolumeSource datasetName:s datasetUUID:s
FlowDistinguisherMethod type!:s
FlowSchema apiVersion:s kind:s metadata:ObjectMeta spec:FlowSchemaSpec status:*
FlowSchemaSpec distinguisherMethod:FlowDistinguisherMethod matchingPrecedence:i priorityLevelConfiguration!:PriorityLevelConfigurationReference rules:[PolicyRulesWithSubjects
ForNode name!:s
ForZone name!:s
GCEPersistentDiskVolumeSource fsType:s partition:i pdName!:s readOnly:b
GRPCAction port!:i service:s
GangSchedulingPolicy minCount!:i
GitRepoVolumeSource directory:s repository!:s revision:s
GlusterfsPersistentVolumeSource endpoints!:s endpointsNamespace:s path!:s readOnly:b
GlusterfsVolumeSource endpoints!:s path!:s readOnly:b
GroupResource group!:s resource!:s
GroupSubject name!:s
HPAScalingPolicy periodSeconds!:i type!:s value!:i
HPAScalingRules policies:[HPAScalingPolicy selectPolicy:s stabilizationWindowSeconds:i tolerance:q
HTTPGetAction host:s httpHeaders:[HTTPHeader path:s port!:x scheme:s
HTTPHeader name!:s value!:s
HTTPIngressPath backend!:IngressBackend path:s pathType!:s
HTTPIngressRuleValue paths!:[HTTPIngressPath
HorizontalPodAutoscalerBehavior scaleDown:HPAScalingRules scaleUp:HPAScalingRules
HostAlias hostnames:[s ip!:s
HostPathVolumeSource path!:s type:s
IPBlock cidr!:s except:[s
ISCSIPersistentVolumeSource chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn!:s iscsiInterface:s lun!:i portals:[s readOnly:b secretRef:SecretReference targetPortal!:s
ISCSIVolumeSource chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn!:s iscsiInterface:s lun!:i portals:[s readOnly:b secretRef:LocalObjectReference targetPortal!:s
ImageVolumeSource pullPolicy:s reference:s
Ingress apiVersion:s kind:s metadata:ObjectMeta spec:IngressSpec status:*
IngressBackend resource:core.v1.TypedLocalObjectReference service:IngressServiceBackend
IngressClass apiVersion:s kind:s metadata:ObjectMeta spec:IngressClassSpec
IngressClassParametersReference apiGroup:s kind!:s name!:s namespace:s scope:s
IngressClassSpec controller:s parameters:IngressClassParametersReference
IngressRule host:s http:HTTPIngressRuleValue
IngressServiceBackend name!:s port:ServiceBackendPort
IngressSpec defaultBackend:IngressBackend ingressClassName:s rules:[IngressRule tls:[IngressTLS
IngressTLS hosts:[s secretName:s
JSON *
JSONSchemaProps $ref:s $schema:s additionalItems:JSONSchemaPropsOrBool additionalProperties:JSONSchemaPropsOrBool allOf:[JSONSchemaProps anyOf:[JSONSchemaProps default:JSON definitions:{JSONSchemaProps dependencies:{JSONSchemaPropsOrStringArray description:s enum:[JSON example:JSON exclusiveMaximum:b exclusiveMinimum:b externalDocs:ExternalDocumentation format:s id:s items:JSONSchemaPropsOrArray maxItems:i maxLength:i maxProperties:i maximum:n minItems:i minLength:i minProperties:i minimum:n multipleOf:n not:JSONSchemaProps nullable:b oneOf:[JSONSchemaProps pattern:s patternProperties:{JSONSchemaProps properties:{JSONSchemaProps required:[s title:s type:s uniqueItems:b x-kubernetes-embedded-resource:b x-kubernetes-int-or-string:b x-kubernetes-list-map-keys:[s x-kubernetes-list-type:s x-kubernetes-map-type:s x-kubernetes-preserve-unknown-fields:b x-kubernetes-validations:[ValidationRule
JSONSchemaPropsOrArray *
JSONSchemaPropsOrBool *
JSONSchemaPropsOrStringArray *
Job apiVersion:s kind:s metadata:ObjectMeta spec:JobSpec status:*
JobSpec activeDeadlineSeconds:i backoffLimit:i backoffLimitPerIndex:i completionMode:s completions:i managedBy:s manualSelector:b maxFailedIndexes:i parallelism:i podFailurePolicy:PodFailurePolicy podReplacementPolicy:s selector:LabelSelector successPolicy:SuccessPolicy suspend:b template!:PodTemplateSpec ttlSecondsAfterFinished:i
JobTemplateSpec metadata:ObjectMeta spec:JobSpec
KeyToPath key!:s mode:i path!:s
LabelSelector matchExpressions:[LabelSelectorRequirement matchLabels:{s
LabelSelectorAttributes rawSelector:s requirements:[LabelSelectorRequirement
LabelSelectorRequirement key!:s operator!:s values:[s
Lease apiVersion:s kind:s metadata:ObjectMeta spec:LeaseSpec
LeaseSpec acquireTime:t holderIdentity:s leaseDurationSeconds:i leaseTransitions:i preferredHolder:s renewTime:t strategy:s
Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:s
LifecycleHandler exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction tcpSocket:TCPSocketAction
LimitRange apiVersion:s kind:s metadata:ObjectMeta spec:LimitRangeSpec
LimitRangeItem default:{q defaultRequest:{q max:{q maxLimitRequestRatio:{q min:{q type!:s
LimitRangeSpec limits!:[LimitRangeItem
LimitResponse queuing:QueuingConfiguration type!:s
LimitedPriorityLevelConfiguration borrowingLimitPercent:i lendablePercent:i limitResponse:LimitResponse nominalConcurrencyShares:i
LocalObjectReference name:s
LocalSubjectAccessReview apiVersion:s kind:s metadata:ObjectMeta spec!:SubjectAccessReviewSpec status:*
LocalVolumeSource fsType:s path!:s
ManagedFieldsEntry apiVersion:s fieldsType:s fieldsV1:FieldsV1 manager:s operation:s subresource:s time:t
MetricIdentifier name!:s selector:LabelSelector
MetricSpec containerResource:ContainerResourceMetricSource external:ExternalMetricSource object:ObjectMetricSource pods:PodsMetricSource resource:ResourceMetricSource type!:s
MetricTarget averageUtilization:i averageValue:q type!:s value:q
MutatingWebhook admissionReviewVersions!:[s clientConfig!:admissionregistration.v1.WebhookClientConfig failurePolicy:s matchConditions:[admissionregistration.v1.MatchCondition matchPolicy:s name!:s namespaceSelector:LabelSelector objectSelector:LabelSelector reinvocationPolicy:s rules:[RuleWithOperations sideEffects!:s timeoutSeconds:i
MutatingWebhookConfiguration apiVersion:s kind:s metadata:ObjectMeta webhooks:[MutatingWebhook
NFSVolumeSource path!:s readOnly:b server!:s
Namespace apiVersion:s kind:s metadata:ObjectMeta spec:NamespaceSpec status:*
NamespaceSpec finalizers:[s
NetworkPolicy apiVersion:s kind:s metadata:ObjectMeta spec:NetworkPolicySpec
NetworkPolicyEgressRule ports:[NetworkPolicyPort to:[NetworkPolicyPeer
NetworkPolicyIngressRule from:[NetworkPolicyPeer ports:[NetworkPolicyPort
NetworkPolicyPeer ipBlock:IPBlock namespaceSelector:LabelSelector podSelector:LabelSelector
NetworkPolicyPort endPort:i port:x protocol:s
NetworkPolicySpec egress:[NetworkPolicyEgressRule ingress:[NetworkPolicyIngressRule podSelector:LabelSelector policyTypes:[s
Node apiVersion:s kind:s metadata:ObjectMeta spec:NodeSpec status:*
NodeAffinity preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
NodeConfigSource configMap:ConfigMapNodeConfigSource
NodeSelector nodeSelectorTerms!:[NodeSelectorTerm
NodeSelectorRequirement key!:s operator!:s values:[s
NodeSelectorTerm matchExpressions:[NodeSelectorRequirement matchFields:[NodeSelectorRequirement
NodeSpec configSource:NodeConfigSource externalID:s podCIDR:s podCIDRs:[s providerID:s taints:[Taint unschedulable:b
NonResourceAttributes path:s verb:s
NonResourcePolicyRule nonResourceURLs!:[s verbs!:[s
ObjectFieldSelector apiVersion:s fieldPath!:s
ObjectMeta annotations:{s creationTimestamp:t deletionGracePeriodSeconds:i deletionTimestamp:t finalizers:[s generateName:s generation:i labels:{s managedFields:[ManagedFieldsEntry name:s namespace:s ownerReferences:[OwnerReference resourceVersion:s selfLink:s uid:s
ObjectMetricSource describedObject!:autoscaling.v2.CrossVersionObjectReference metric!:MetricIdentifier target!:MetricTarget
ObjectReference apiVersion:s fieldPath:s kind:s name:s namespace:s resourceVersion:s uid:s
Overhead podFixed:{q
OwnerReference apiVersion!:s blockOwnerDeletion:b controller:b kind!:s name!:s uid!:s
PersistentVolume apiVersion:s kind:s metadata:ObjectMeta spec:PersistentVolumeSpec status:*
PersistentVolumeClaim apiVersion:s kind:s metadata:ObjectMeta spec:PersistentVolumeClaimSpec status:*
PersistentVolumeClaimSpec accessModes:[s dataSource:core.v1.TypedLocalObjectReference dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements selector:LabelSelector storageClassName:s volumeAttributesClassName:s volumeMode:s volumeName:s
PersistentVolumeClaimTemplate metadata:ObjectMeta spec!:PersistentVolumeClaimSpec
PersistentVolumeClaimVolumeSource claimName!:s readOnly:b
PersistentVolumeSpec accessModes:[s awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource azureFile:AzureFilePersistentVolumeSource capacity:{q cephfs:CephFSPersistentVolumeSource cinder:CinderPersistentVolumeSource claimRef:ObjectReference csi:CSIPersistentVolumeSource fc:FCVolumeSource flexVolume:FlexPersistentVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource glusterfs:GlusterfsPersistentVolumeSource hostPath:HostPathVolumeSource iscsi:ISCSIPersistentVolumeSource local:LocalVolumeSource mountOptions:[s nfs:NFSVolumeSource nodeAffinity:VolumeNodeAffinity persistentVolumeReclaimPolicy:s photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource quobyte:QuobyteVolumeSource rbd:RBDPersistentVolumeSource scaleIO:ScaleIOPersistentVolumeSource storageClassName:s storageos:StorageOSPersistentVolumeSource volumeAttributesClassName:s volumeMode:s vsphereVolume:VsphereVirtualDiskVolumeSource
PhotonPersistentDiskVolumeSource fsType:s pdID!:s
Pod apiVersion:s kind:s metadata:ObjectMeta spec:PodSpec status:*
PodAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm
PodAffinityTerm labelSelector:LabelSelector matchLabelKeys:[s mismatchLabelKeys:[s namespaceSelector:LabelSelector namespaces:[s topologyKey!:s
PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm
PodCertificateProjection certificateChainPath:s credentialBundlePath:s keyPath:s keyType!:s maxExpirationSeconds:i signerName!:s userAnnotations:{s
PodCertificateRequest apiVersion:s kind:s metadata:ObjectMeta spec!:PodCertificateRequestSpec status:*
PodCertificateRequestSpec maxExpirationSeconds:i nodeName!:s nodeUID!:s pkixPublicKey:y podName!:s podUID!:s proofOfPossession:y serviceAccountName!:s serviceAccountUID!:s signerName!:s stubPKCS10Request!:y unverifiedUserAnnotations:{s
PodDNSConfig nameservers:[s options:[PodDNSConfigOption searches:[s
PodDNSConfigOption name:s value:s
PodDisruptionBudget apiVersion:s kind:s metadata:ObjectMeta spec:PodDisruptionBudgetSpec status:*
PodDisruptionBudgetSpec maxUnavailable:x minAvailable:x selector:LabelSelector unhealthyPodEvictionPolicy:s
PodFailurePolicy rules!:[PodFailurePolicyRule
PodFailurePolicyOnExitCodesRequirement containerName:s operator!:s values!:[i
PodFailurePolicyOnPodConditionsPattern status:s type!:s
PodFailurePolicyRule action!:s onExitCodes:PodFailurePolicyOnExitCodesRequirement onPodConditions:[PodFailurePolicyOnPodConditionsPattern
PodGroup apiVersion:s kind:s metadata:ObjectMeta spec!:PodGroupSpec status:*
PodGroupResourceClaim name!:s resourceClaimName:s resourceClaimTemplateName:s
PodGroupSchedulingConstraints topology:[TopologyConstraint
PodGroupSchedulingPolicy basic:BasicSchedulingPolicy gang:GangSchedulingPolicy
PodGroupSpec disruptionMode:s podGroupTemplateRef:PodGroupTemplateReference priority:i priorityClassName:s resourceClaims:[PodGroupResourceClaim schedulingConstraints:PodGroupSchedulingConstraints schedulingPolicy!:PodGroupSchedulingPolicy
PodGroupTemplate disruptionMode:s name!:s priority:i priorityClassName:s resourceClaims:[PodGroupResourceClaim schedulingConstraints:PodGroupSchedulingConstraints schedulingPolicy!:PodGroupSchedulingPolicy
PodGroupTemplateReference workload:WorkloadPodGroupTemplateReference
PodOS name!:s
PodReadinessGate conditionType!:s
PodResourceClaim name!:s resourceClaimName:s resourceClaimTemplateName:s
PodSchedulingGate name!:s
PodSchedulingGroup podGroupName:s
PodSecurityContext appArmorProfile:AppArmorProfile fsGroup:i fsGroupChangePolicy:s runAsGroup:i runAsNonRoot:b runAsUser:i seLinuxChangePolicy:s seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile supplementalGroups:[i supplementalGroupsPolicy:s sysctls:[Sysctl windowsOptions:WindowsSecurityContextOptions
PodSpec activeDeadlineSeconds:i affinity:Affinity automountServiceAccountToken:b containers!:[Container dnsConfig:PodDNSConfig dnsPolicy:s enableServiceLinks:b ephemeralContainers:[EphemeralContainer hostAliases:[HostAlias hostIPC:b hostNetwork:b hostPID:b hostUsers:b hostname:s hostnameOverride:s imagePullSecrets:[LocalObjectReference initContainers:[Container nodeName:s nodeSelector:{s os:PodOS overhead:{q preemptionPolicy:s priority:i priorityClassName:s readinessGates:[PodReadinessGate resourceClaims:[PodResourceClaim resources:ResourceRequirements restartPolicy:s runtimeClassName:s schedulerName:s schedulingGates:[PodSchedulingGate schedulingGroup:PodSchedulingGroup securityContext:PodSecurityContext serviceAccount:s serviceAccountName:s setHostnameAsFQDN:b shareProcessNamespace:b subdomain:s terminationGracePeriodSeconds:i tolerations:[Toleration topologySpreadConstraints:[TopologySpreadConstraint volumes:[Volume
PodTemplate apiVersion:s kind:s metadata:ObjectMeta template:PodTemplateSpec
PodTemplateSpec metadata:ObjectMeta spec:PodSpec
PodsMetricSource metric!:MetricIdentifier target!:MetricTarget
PolicyRule apiGroups:[s nonResourceURLs:[s resourceNames:[s resources:[s verbs!:[s
PolicyRulesWithSubjects nonResourceRules:[NonResourcePolicyRule resourceRules:[ResourcePolicyRule subjects!:[flowcontrol.v1.Subject
PortworxVolumeSource fsType:s readOnly:b volumeID!:s
PreferredSchedulingTerm preference!:NodeSelectorTerm weight!:i
PriorityClass apiVersion:s description:s globalDefault:b kind:s metadata:ObjectMeta preemptionPolicy:s value:i
PriorityLevelConfiguration apiVersion:s kind:s metadata:ObjectMeta spec:PriorityLevelConfigurationSpec status:*
PriorityLevelConfigurationReference name!:s
PriorityLevelConfigurationSpec exempt:ExemptPriorityLevelConfiguration limited:LimitedPriorityLevelConfiguration type!:s
Probe exec:ExecAction failureThreshold:i grpc:GRPCAction httpGet:HTTPGetAction initialDelaySeconds:i periodSeconds:i successThreshold:i tcpSocket:TCPSocketAction terminationGracePeriodSeconds:i timeoutSeconds:i
ProjectedVolumeSource defaultMode:i sources:[VolumeProjection
QueuingConfiguration handSize:i queueLengthLimit:i queues:i
QuobyteVolumeSource group:s readOnly:b registry!:s tenant:s user:s volume!:s
RBDPersistentVolumeSource fsType:s image!:s keyring:s monitors!:[s pool:s readOnly:b secretRef:SecretReference user:s
RBDVolumeSource fsType:s image!:s keyring:s monitors!:[s pool:s readOnly:b secretRef:LocalObjectReference user:s
RawExtension *
ReplicaSet apiVersion:s kind:s metadata:ObjectMeta spec:ReplicaSetSpec status:*
ReplicaSetSpec minReadySeconds:i replicas:i selector!:LabelSelector template:PodTemplateSpec
ReplicationController apiVersion:s kind:s metadata:ObjectMeta spec:ReplicationControllerSpec status:*
ReplicationControllerSpec minReadySeconds:i replicas:i selector:{s template:PodTemplateSpec
ResourceAttributes fieldSelector:FieldSelectorAttributes group:s labelSelector:LabelSelectorAttributes name:s namespace:s resource:s subresource:s verb:s version:s
ResourceFieldSelector containerName:s divisor:q resource!:s
ResourceMetricSource name!:s target!:MetricTarget
ResourcePolicyRule apiGroups!:[s clusterScope:b namespaces:[s resources!:[s verbs!:[s
ResourcePoolStatusRequest apiVersion:s kind:s metadata!:ObjectMeta spec!:ResourcePoolStatusRequestSpec status:*
ResourcePoolStatusRequestSpec driver!:s limit:i poolName:s
ResourceQuota apiVersion:s kind:s metadata:ObjectMeta spec:ResourceQuotaSpec status:*
ResourceQuotaSpec hard:{q scopeSelector:ScopeSelector scopes:[s
ResourceRequirements claims:[core.v1.ResourceClaim limits:{q requests:{q
Role apiVersion:s kind:s metadata:ObjectMeta rules:[PolicyRule
RoleBinding apiVersion:s kind:s metadata:ObjectMeta roleRef!:RoleRef subjects:[rbac.v1.Subject
RoleRef apiGroup:s kind!:s name!:s
RollingUpdateDaemonSet maxSurge:x maxUnavailable:x
RollingUpdateDeployment maxSurge:x maxUnavailable:x
RollingUpdateStatefulSetStrategy maxUnavailable:x partition:i
RuleWithOperations apiGroups:[s apiVersions:[s operations:[s resources:[s scope:s
RuntimeClass apiVersion:s handler!:s kind:s metadata:ObjectMeta overhead:Overhead scheduling:Scheduling
SELinuxOptions level:s role:s type:s user:s
ScaleIOPersistentVolumeSource fsType:s gateway!:s protectionDomain:s readOnly:b secretRef!:SecretReference sslEnabled:b storageMode:s storagePool:s system!:s volumeName:s
ScaleIOVolumeSource fsType:s gateway!:s protectionDomain:s readOnly:b secretRef!:LocalObjectReference sslEnabled:b storageMode:s storagePool:s system!:s volumeName:s
Scheduling nodeSelector:{s tolerations:[Toleration
ScopeSelector matchExpressions:[ScopedResourceSelectorRequirement
ScopedResourceSelectorRequirement operator!:s scopeName!:s values:[s
SeccompProfile localhostProfile:s type!:s
Secret apiVersion:s data:{y immutable:b kind:s metadata:ObjectMeta stringData:{s type:s
SecretEnvSource name:s optional:b
SecretKeySelector key!:s name:s optional:b
SecretProjection items:[KeyToPath name:s optional:b
SecretReference name:s namespace:s
SecretVolumeSource defaultMode:i items:[KeyToPath optional:b secretName:s
SecurityContext allowPrivilegeEscalation:b appArmorProfile:AppArmorProfile capabilities:Capabilities privileged:b procMount:s readOnlyRootFilesystem:b runAsGroup:i runAsNonRoot:b runAsUser:i seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile windowsOptions:WindowsSecurityContextOptions
SelectableField jsonPath!:s
SelfSubjectAccessReview apiVersion:s kind:s metadata:ObjectMeta spec!:SelfSubjectAccessReviewSpec status:*
SelfSubjectAccessReviewSpec nonResourceAttributes:NonResourceAttributes resourceAttributes:ResourceAttributes
SelfSubjectReview apiVersion:s kind:s metadata:ObjectMeta status:*
SelfSubjectRulesReview apiVersion:s kind:s metadata:ObjectMeta spec!:SelfSubjectRulesReviewSpec status:*
SelfSubjectRulesReviewSpec namespace:s
Service apiVersion:s kind:s metadata:ObjectMeta spec:ServiceSpec status:*
ServiceAccount apiVersion:s automountServiceAccountToken:b imagePullSecrets:[LocalObjectReference kind:s metadata:ObjectMeta secrets:[ObjectReference
ServiceAccountSubject name!:s namespace!:s
ServiceAccountTokenProjection audience:s expirationSeconds:i path!:s
ServiceBackendPort name:s number:i
ServicePort appProtocol:s name:s nodePort:i port!:i protocol:s targetPort:x
ServiceSpec allocateLoadBalancerNodePorts:b clusterIP:s clusterIPs:[s externalIPs:[s externalName:s externalTrafficPolicy:s healthCheckNodePort:i internalTrafficPolicy:s ipFamilies:[s ipFamilyPolicy:s loadBalancerClass:s loadBalancerIP:s loadBalancerSourceRanges:[s ports:[ServicePort publishNotReadyAddresses:b selector:{s sessionAffinity:s sessionAffinityConfig:SessionAffinityConfig trafficDistribution:s type:s
SessionAffinityConfig clientIP:ClientIPConfig
SleepAction seconds!:i
StatefulSet apiVersion:s kind:s metadata:ObjectMeta spec:StatefulSetSpec status:*
StatefulSetOrdinals start:i
StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted:s whenScaled:s
StatefulSetSpec minReadySeconds:i ordinals:StatefulSetOrdinals persistentVolumeClaimRetentionPolicy:StatefulSetPersistentVolumeClaimRetentionPolicy podManagementPolicy:s replicas:i revisionHistoryLimit:i selector!:LabelSelector serviceName:s template!:PodTemplateSpec updateStrategy:StatefulSetUpdateStrategy volumeClaimTemplates:[PersistentVolumeClaim
StatefulSetUpdateStrategy rollingUpdate:RollingUpdateStatefulSetStrategy type:s
StorageClass allowVolumeExpansion:b allowedTopologies:[TopologySelectorTerm apiVersion:s kind:s metadata:ObjectMeta mountOptions:[s parameters:{s provisioner!:s reclaimPolicy:s volumeBindingMode:s
StorageOSPersistentVolumeSource fsType:s readOnly:b secretRef:ObjectReference volumeName:s volumeNamespace:s
StorageOSVolumeSource fsType:s readOnly:b secretRef:LocalObjectReference volumeName:s volumeNamespace:s
StorageVersion apiVersion:s kind:s metadata!:ObjectMeta spec:StorageVersionSpec status:*
StorageVersionMigration apiVersion:s kind:s metadata:ObjectMeta spec:StorageVersionMigrationSpec status:*
StorageVersionMigrationSpec resource!:GroupResource
StorageVersionSpec *
SubjectAccessReview apiVersion:s kind:s metadata:ObjectMeta spec!:SubjectAccessReviewSpec status:*
SubjectAccessReviewSpec extra:{[s groups:[s nonResourceAttributes:NonResourceAttributes resourceAttributes:ResourceAttributes uid:s user:s
SuccessPolicy rules!:[SuccessPolicyRule
SuccessPolicyRule succeededCount:i succeededIndexes:s
Sysctl name!:s value!:s
TCPSocketAction host:s port!:x
Taint effect!:s key!:s timeAdded:t value:s
TokenReview apiVersion:s kind:s metadata:ObjectMeta spec!:TokenReviewSpec status:*
TokenReviewSpec audiences:[s token!:s
Toleration effect:s key:s operator:s tolerationSeconds:i value:s
TopologyConstraint key!:s
TopologySelectorLabelRequirement key!:s values!:[s
TopologySelectorTerm matchLabelExpressions:[TopologySelectorLabelRequirement
TopologySpreadConstraint labelSelector:LabelSelector matchLabelKeys:[s maxSkew!:i minDomains:i nodeAffinityPolicy:s nodeTaintsPolicy:s topologyKey!:s whenUnsatisfiable!:s
TypedObjectReference apiGroup:s kind!:s name!:s namespace:s
UserSubject name!:s
ValidatingAdmissionPolicy apiVersion:s kind:s metadata:ObjectMeta spec:ValidatingAdmissionPolicySpec status:*
ValidatingAdmissionPolicyBinding apiVersion:s kind:s metadata:ObjectMeta spec!:ValidatingAdmissionPolicyBindingSpec
ValidatingAdmissionPolicyBindingSpec matchResources:admissionregistration.v1.MatchResources paramRef:admissionregistration.v1.ParamRef policyName!:s validationActions!:[s
ValidatingAdmissionPolicySpec auditAnnotations:[AuditAnnotation failurePolicy:s matchConditions:[admissionregistration.v1.MatchCondition matchConstraints:admissionregistration.v1.MatchResources paramKind:admissionregistration.v1.ParamKind validations:[Validation variables:[admissionregistration.v1.Variable
ValidatingWebhook admissionReviewVersions!:[s clientConfig!:admissionregistration.v1.WebhookClientConfig failurePolicy:s matchConditions:[admissionregistration.v1.MatchCondition matchPolicy:s name!:s namespaceSelector:LabelSelector objectSelector:LabelSelector rules:[RuleWithOperations sideEffects!:s timeoutSeconds:i
ValidatingWebhookConfiguration apiVersion:s kind:s metadata:ObjectMeta webhooks:[ValidatingWebhook
Validation expression!:s message:s messageExpression:s reason:s
ValidationRule fieldPath:s message:s messageExpression:s optionalOldSelf:b reason:s rule!:s
Volume awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource flexVolume:FlexVolumeSource flocker:FlockerVolumeSource gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource image:ImageVolumeSource iscsi:ISCSIVolumeSource name!:s nfs:NFSVolumeSource persistentVolumeClaim:PersistentVolumeClaimVolumeSource photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource vsphereVolume:VsphereVirtualDiskVolumeSource
VolumeAttachment apiVersion:s kind:s metadata:ObjectMeta spec!:VolumeAttachmentSpec status:*
VolumeAttachmentSource inlineVolumeSpec:PersistentVolumeSpec persistentVolumeName:s
VolumeAttachmentSpec attacher!:s nodeName!:s source!:VolumeAttachmentSource
VolumeDevice devicePath!:s name!:s
VolumeMount mountPath!:s mountPropagation:s name!:s readOnly:b recursiveReadOnly:s subPath:s subPathExpr:s
VolumeNodeAffinity required:NodeSelector
VolumeNodeResources count:i
VolumeProjection clusterTrustBundle:ClusterTrustBundleProjection configMap:ConfigMapProjection downwardAPI:DownwardAPIProjection podCertificate:PodCertificateProjection secret:SecretProjection serviceAccountToken:ServiceAccountTokenProjection
VolumeResourceRequirements limits:{q requests:{q
VsphereVirtualDiskVolumeSource fsType:s storagePolicyID:s storagePolicyName:s volumePath!:s
WebhookConversion clientConfig:apiextensions.v1.WebhookClientConfig conversionReviewVersions!:[s
WeightedPodAffinityTerm podAffinityTerm!:PodAffinityTerm weight!:i
WindowsSecurityContextOptions gmsaCredentialSpec:s gmsaCredentialSpecName:s hostProcess:b runAsUserName:s
Workload apiVersion:s kind:s metadata:ObjectMeta spec!:WorkloadSpec
WorkloadPodGroupTemplateReference podGroupTemplateName!:s workloadName!:s
WorkloadSpec controllerRef:scheduling.v1alpha2.TypedLocalObjectReference podGroupTemplates!:[PodGroupTemplate
admissionregistration.v1.ApplyConfiguration expression:s
admissionregistration.v1.JSONPatch expression:s
admissionregistration.v1.MatchCondition expression!:s name!:s
admissionregistration.v1.MatchResources excludeResourceRules:[admissionregistration.v1.NamedRuleWithOperations matchPolicy:s namespaceSelector:LabelSelector objectSelector:LabelSelector resourceRules:[admissionregistration.v1.NamedRuleWithOperations
admissionregistration.v1.MutatingAdmissionPolicy apiVersion:s kind:s metadata:ObjectMeta spec:admissionregistration.v1.MutatingAdmissionPolicySpec
admissionregistration.v1.MutatingAdmissionPolicyBinding apiVersion:s kind:s metadata:ObjectMeta spec:admissionregistration.v1.MutatingAdmissionPolicyBindingSpec
admissionregistration.v1.MutatingAdmissionPolicyBindingSpec matchResources:admissionregistration.v1.MatchResources paramRef:admissionregistration.v1.ParamRef policyName:s
admissionregistration.v1.MutatingAdmissionPolicySpec failurePolicy:s matchConditions:[admissionregistration.v1.MatchCondition matchConstraints:admissionregistration.v1.MatchResources mutations:[admissionregistration.v1.Mutation paramKind:admissionregistration.v1.ParamKind reinvocationPolicy:s variables:[admissionregistration.v1.Variable
admissionregistration.v1.Mutation applyConfiguration:admissionregistration.v1.ApplyConfiguration jsonPatch:admissionregistration.v1.JSONPatch patchType!:s
admissionregistration.v1.NamedRuleWithOperations apiGroups:[s apiVersions:[s operations:[s resourceNames:[s resources:[s scope:s
admissionregistration.v1.ParamKind apiVersion:s kind:s
admissionregistration.v1.ParamRef name:s namespace:s parameterNotFoundAction:s selector:LabelSelector
admissionregistration.v1.ServiceReference name!:s namespace!:s path:s port:i
admissionregistration.v1.Variable expression!:s name!:s
admissionregistration.v1.WebhookClientConfig caBundle:y service:admissionregistration.v1.ServiceReference url:s
admissionregistration.v1alpha1.ApplyConfiguration expression:s
admissionregistration.v1alpha1.JSONPatch expression:s
admissionregistration.v1alpha1.MatchCondition expression!:s name!:s
admissionregistration.v1alpha1.MatchResources excludeResourceRules:[admissionregistration.v1alpha1.NamedRuleWithOperations matchPolicy:s namespaceSelector:LabelSelector objectSelector:LabelSelector resourceRules:[admissionregistration.v1alpha1.NamedRuleWithOperations
admissionregistration.v1alpha1.MutatingAdmissionPolicy apiVersion:s kind:s metadata:ObjectMeta spec:admissionregistration.v1alpha1.MutatingAdmissionPolicySpec
admissionregistration.v1alpha1.MutatingAdmissionPolicyBinding apiVersion:s kind:s metadata:ObjectMeta spec:admissionregistration.v1alpha1.MutatingAdmissionPolicyBindingSpec
admissionregistration.v1alpha1.MutatingAdmissionPolicyBindingSpec matchResources:admissionregistration.v1alpha1.MatchResources paramRef:admissionregistration.v1alpha1.ParamRef policyName:s
admissionregistration.v1alpha1.MutatingAdmissionPolicySpec failurePolicy:s matchConditions:[admissionregistration.v1alpha1.MatchCondition matchConstraints:admissionregistration.v1alpha1.MatchResources mutations:[admissionregistration.v1alpha1.Mutation paramKind:admissionregistration.v1alpha1.ParamKind reinvocationPolicy:s variables:[admissionregistration.v1alpha1.Variable
admissionregistration.v1alpha1.Mutation applyConfiguration:admissionregistration.v1alpha1.ApplyConfiguration jsonPatch:admissionregistration.v1alpha1.JSONPatch patchType!:s
admissionregistration.v1alpha1.NamedRuleWithOperations apiGroups:[s apiVersions:[s operations:[s resourceNames:[s resources:[s scope:s
admissionregistration.v1alpha1.ParamKind apiVersion:s kind:s
admissionregistration.v1alpha1.ParamRef name:s namespace:s parameterNotFoundAction:s selector:LabelSelector
admissionregistration.v1alpha1.Variable expression!:s name!:s
admissionregistration.v1beta1.ApplyConfiguration expression:s
admissionregistration.v1beta1.JSONPatch expression:s
admissionregistration.v1beta1.MatchCondition expression!:s name!:s
admissionregistration.v1beta1.MatchResources excludeResourceRules:[admissionregistration.v1beta1.NamedRuleWithOperations matchPolicy:s namespaceSelector:LabelSelector objectSelector:LabelSelector resourceRules:[admissionregistration.v1beta1.NamedRuleWithOperations
admissionregistration.v1beta1.MutatingAdmissionPolicy apiVersion:s kind:s metadata:ObjectMeta spec:admissionregistration.v1beta1.MutatingAdmissionPolicySpec
admissionregistration.v1beta1.MutatingAdmissionPolicyBinding apiVersion:s kind:s metadata:ObjectMeta spec:admissionregistration.v1beta1.MutatingAdmissionPolicyBindingSpec
admissionregistration.v1beta1.MutatingAdmissionPolicyBindingSpec matchResources:admissionregistration.v1beta1.MatchResources paramRef:admissionregistration.v1beta1.ParamRef policyName:s
admissionregistration.v1beta1.MutatingAdmissionPolicySpec failurePolicy:s matchConditions:[admissionregistration.v1beta1.MatchCondition matchConstraints:admissionregistration.v1beta1.MatchResources mutations:[admissionregistration.v1beta1.Mutation paramKind:admissionregistration.v1beta1.ParamKind reinvocationPolicy:s variables:[admissionregistration.v1beta1.Variable
admissionregistration.v1beta1.Mutation applyConfiguration:admissionregistration.v1beta1.ApplyConfiguration jsonPatch:admissionregistration.v1beta1.JSONPatch patchType!:s
admissionregistration.v1beta1.NamedRuleWithOperations apiGroups:[s apiVersions:[s operations:[s resourceNames:[s resources:[s scope:s
admissionregistration.v1beta1.ParamKind apiVersion:s kind:s
admissionregistration.v1beta1.ParamRef name:s namespace:s parameterNotFoundAction:s selector:LabelSelector
admissionregistration.v1beta1.Variable expression!:s name!:s
apiextensions.v1.ServiceReference name!:s namespace!:s path:s port:i
apiextensions.v1.WebhookClientConfig caBundle:y service:apiextensions.v1.ServiceReference url:s
apiregistration.v1.ServiceReference name:s namespace:s port:i
autoscaling.v1.CrossVersionObjectReference apiVersion:s kind!:s name!:s
autoscaling.v1.HorizontalPodAutoscaler apiVersion:s kind:s metadata:ObjectMeta spec!:autoscaling.v1.HorizontalPodAutoscalerSpec status:*
autoscaling.v1.HorizontalPodAutoscalerSpec maxReplicas!:i minReplicas:i scaleTargetRef!:autoscaling.v1.CrossVersionObjectReference targetCPUUtilizationPercentage:i
autoscaling.v2.CrossVersionObjectReference apiVersion:s kind!:s name!:s
autoscaling.v2.HorizontalPodAutoscaler apiVersion:s kind:s metadata:ObjectMeta spec!:autoscaling.v2.HorizontalPodAutoscalerSpec status:*
autoscaling.v2.HorizontalPodAutoscalerSpec behavior:HorizontalPodAutoscalerBehavior maxReplicas!:i metrics:[MetricSpec minReplicas:i scaleTargetRef!:autoscaling.v2.CrossVersionObjectReference
certificates.v1alpha1.ClusterTrustBundle apiVersion:s kind:s metadata:ObjectMeta spec!:certificates.v1alpha1.ClusterTrustBundleSpec
certificates.v1alpha1.ClusterTrustBundleSpec signerName:s trustBundle!:s
certificates.v1beta1.ClusterTrustBundle apiVersion:s kind:s metadata:ObjectMeta spec!:certificates.v1beta1.ClusterTrustBundleSpec
certificates.v1beta1.ClusterTrustBundleSpec signerName:s trustBundle!:s
coordination.v1alpha2.LeaseCandidate apiVersion:s kind:s metadata:ObjectMeta spec!:coordination.v1alpha2.LeaseCandidateSpec
coordination.v1alpha2.LeaseCandidateSpec binaryVersion!:s emulationVersion:s leaseName!:s pingTime:t renewTime:t strategy!:s
coordination.v1beta1.LeaseCandidate apiVersion:s kind:s metadata:ObjectMeta spec!:coordination.v1beta1.LeaseCandidateSpec
coordination.v1beta1.LeaseCandidateSpec binaryVersion!:s emulationVersion:s leaseName!:s pingTime:t renewTime:t strategy!:s
core.v1.EndpointPort appProtocol:s name:s port!:i protocol:s
core.v1.Event action:s apiVersion:s count:i eventTime:t firstTimestamp:t involvedObject!:ObjectReference kind:s lastTimestamp:t message:s metadata!:ObjectMeta reason:s related:ObjectReference reportingComponent:s reportingInstance:s series:core.v1.EventSeries source:EventSource type:s
core.v1.EventSeries count:i lastObservedTime:t
core.v1.ResourceClaim name!:s request:s
core.v1.TypedLocalObjectReference apiGroup:s kind!:s name!:s
discovery.v1.EndpointPort appProtocol:s name:s port:i protocol:s
events.v1.Event action:s apiVersion:s deprecatedCount:i deprecatedFirstTimestamp:t deprecatedLastTimestamp:t deprecatedSource:EventSource eventTime!:t kind:s metadata:ObjectMeta note:s reason:s regarding:ObjectReference related:ObjectReference reportingController:s reportingInstance:s series:events.v1.EventSeries type:s
events.v1.EventSeries count!:i lastObservedTime!:t
flowcontrol.v1.Subject group:GroupSubject kind!:s serviceAccount:ServiceAccountSubject user:UserSubject
networking.v1.IPAddress apiVersion:s kind:s metadata:ObjectMeta spec!:networking.v1.IPAddressSpec
networking.v1.IPAddressSpec parentRef!:networking.v1.ParentReference
networking.v1.ParentReference group:s name!:s namespace:s resource!:s
networking.v1.ServiceCIDR apiVersion:s kind:s metadata:ObjectMeta spec:networking.v1.ServiceCIDRSpec status:*
networking.v1.ServiceCIDRSpec cidrs:[s
networking.v1beta1.IPAddress apiVersion:s kind:s metadata:ObjectMeta spec!:networking.v1beta1.IPAddressSpec
networking.v1beta1.IPAddressSpec parentRef!:networking.v1beta1.ParentReference
networking.v1beta1.ParentReference group:s name!:s namespace:s resource!:s
networking.v1beta1.ServiceCIDR apiVersion:s kind:s metadata:ObjectMeta spec:networking.v1beta1.ServiceCIDRSpec status:*
networking.v1beta1.ServiceCIDRSpec cidrs:[s
rbac.v1.Subject apiGroup:s kind!:s name!:s namespace:s
resource.v1.CELDeviceSelector expression!:s
resource.v1.CapacityRequestPolicy default:q validRange:resource.v1.CapacityRequestPolicyRange validValues:[q
resource.v1.CapacityRequestPolicyRange max:q min!:q step:q
resource.v1.CapacityRequirements requests:{q
resource.v1.Counter value!:q
resource.v1.CounterSet counters!:{resource.v1.Counter name!:s
resource.v1.Device allNodes:b allowMultipleAllocations:b attributes:{resource.v1.DeviceAttribute bindingConditions:[s bindingFailureConditions:[s bindsToNode:b capacity:{resource.v1.DeviceCapacity consumesCounters:[resource.v1.DeviceCounterConsumption name!:s nodeAllocatableResourceMappings:{resource.v1.NodeAllocatableResourceMapping nodeName:s nodeSelector:NodeSelector taints:[resource.v1.DeviceTaint
resource.v1.DeviceAttribute bool:b bools:[b int:i ints:[i string:s strings:[s version:s versions:[s
resource.v1.DeviceCapacity requestPolicy:resource.v1.CapacityRequestPolicy value!:q
resource.v1.DeviceClaim config:[resource.v1.DeviceClaimConfiguration constraints:[resource.v1.DeviceConstraint requests:[resource.v1.DeviceRequest
resource.v1.DeviceClaimConfiguration opaque:resource.v1.OpaqueDeviceConfiguration requests:[s
resource.v1.DeviceClass apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1.DeviceClassSpec
resource.v1.DeviceClassConfiguration opaque:resource.v1.OpaqueDeviceConfiguration
resource.v1.DeviceClassSpec config:[resource.v1.DeviceClassConfiguration extendedResourceName:s selectors:[resource.v1.DeviceSelector
resource.v1.DeviceConstraint distinctAttribute:s matchAttribute:s requests:[s
resource.v1.DeviceCounterConsumption counterSet!:s counters!:{resource.v1.Counter
resource.v1.DeviceRequest exactly:resource.v1.ExactDeviceRequest firstAvailable:[resource.v1.DeviceSubRequest name!:s
resource.v1.DeviceSelector cel:resource.v1.CELDeviceSelector
resource.v1.DeviceSubRequest allocationMode:s capacity:resource.v1.CapacityRequirements count:i deviceClassName!:s name!:s selectors:[resource.v1.DeviceSelector tolerations:[resource.v1.DeviceToleration
resource.v1.DeviceTaint effect!:s key!:s timeAdded:t value:s
resource.v1.DeviceToleration effect:s key:s operator:s tolerationSeconds:i value:s
resource.v1.ExactDeviceRequest adminAccess:b allocationMode:s capacity:resource.v1.CapacityRequirements count:i deviceClassName!:s selectors:[resource.v1.DeviceSelector tolerations:[resource.v1.DeviceToleration
resource.v1.NodeAllocatableResourceMapping allocationMultiplier:q capacityKey:s
resource.v1.OpaqueDeviceConfiguration driver!:s parameters!:RawExtension
resource.v1.ResourceClaim apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1.ResourceClaimSpec status:*
resource.v1.ResourceClaimSpec devices:resource.v1.DeviceClaim
resource.v1.ResourceClaimTemplate apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1.ResourceClaimTemplateSpec
resource.v1.ResourceClaimTemplateSpec metadata:ObjectMeta spec!:resource.v1.ResourceClaimSpec
resource.v1.ResourcePool generation!:i name!:s resourceSliceCount!:i
resource.v1.ResourceSlice apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1.ResourceSliceSpec
resource.v1.ResourceSliceSpec allNodes:b devices:[resource.v1.Device driver!:s nodeName:s nodeSelector:NodeSelector perDeviceNodeSelection:b pool!:resource.v1.ResourcePool sharedCounters:[resource.v1.CounterSet
resource.v1alpha3.DeviceTaint effect!:s key!:s timeAdded:t value:s
resource.v1alpha3.DeviceTaintRule apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1alpha3.DeviceTaintRuleSpec status:*
resource.v1alpha3.DeviceTaintRuleSpec deviceSelector:resource.v1alpha3.DeviceTaintSelector taint!:resource.v1alpha3.DeviceTaint
resource.v1alpha3.DeviceTaintSelector device:s driver:s pool:s
resource.v1beta1.CELDeviceSelector expression!:s
resource.v1beta1.CapacityRequestPolicy default:q validRange:resource.v1beta1.CapacityRequestPolicyRange validValues:[q
resource.v1beta1.CapacityRequestPolicyRange max:q min!:q step:q
resource.v1beta1.CapacityRequirements requests:{q
resource.v1beta1.Counter value!:q
resource.v1beta1.CounterSet counters!:{resource.v1beta1.Counter name!:s
resource.v1beta1.Device basic:BasicDevice name!:s
resource.v1beta1.DeviceAttribute bool:b bools:[b int:i ints:[i string:s strings:[s version:s versions:[s
resource.v1beta1.DeviceCapacity requestPolicy:resource.v1beta1.CapacityRequestPolicy value!:q
resource.v1beta1.DeviceClaim config:[resource.v1beta1.DeviceClaimConfiguration constraints:[resource.v1beta1.DeviceConstraint requests:[resource.v1beta1.DeviceRequest
resource.v1beta1.DeviceClaimConfiguration opaque:resource.v1beta1.OpaqueDeviceConfiguration requests:[s
resource.v1beta1.DeviceClass apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1beta1.DeviceClassSpec
resource.v1beta1.DeviceClassConfiguration opaque:resource.v1beta1.OpaqueDeviceConfiguration
resource.v1beta1.DeviceClassSpec config:[resource.v1beta1.DeviceClassConfiguration extendedResourceName:s selectors:[resource.v1beta1.DeviceSelector
resource.v1beta1.DeviceConstraint distinctAttribute:s matchAttribute:s requests:[s
resource.v1beta1.DeviceCounterConsumption counterSet!:s counters!:{resource.v1beta1.Counter
resource.v1beta1.DeviceRequest adminAccess:b allocationMode:s capacity:resource.v1beta1.CapacityRequirements count:i deviceClassName:s firstAvailable:[resource.v1beta1.DeviceSubRequest name!:s selectors:[resource.v1beta1.DeviceSelector tolerations:[resource.v1beta1.DeviceToleration
resource.v1beta1.DeviceSelector cel:resource.v1beta1.CELDeviceSelector
resource.v1beta1.DeviceSubRequest allocationMode:s capacity:resource.v1beta1.CapacityRequirements count:i deviceClassName!:s name!:s selectors:[resource.v1beta1.DeviceSelector tolerations:[resource.v1beta1.DeviceToleration
resource.v1beta1.DeviceTaint effect!:s key!:s timeAdded:t value:s
resource.v1beta1.DeviceToleration effect:s key:s operator:s tolerationSeconds:i value:s
resource.v1beta1.NodeAllocatableResourceMapping allocationMultiplier:q capacityKey:s
resource.v1beta1.OpaqueDeviceConfiguration driver!:s parameters!:RawExtension
resource.v1beta1.ResourceClaim apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1beta1.ResourceClaimSpec status:*
resource.v1beta1.ResourceClaimSpec devices:resource.v1beta1.DeviceClaim
resource.v1beta1.ResourceClaimTemplate apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1beta1.ResourceClaimTemplateSpec
resource.v1beta1.ResourceClaimTemplateSpec metadata:ObjectMeta spec!:resource.v1beta1.ResourceClaimSpec
resource.v1beta1.ResourcePool generation!:i name!:s resourceSliceCount!:i
resource.v1beta1.ResourceSlice apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1beta1.ResourceSliceSpec
resource.v1beta1.ResourceSliceSpec allNodes:b devices:[resource.v1beta1.Device driver!:s nodeName:s nodeSelector:NodeSelector perDeviceNodeSelection:b pool!:resource.v1beta1.ResourcePool sharedCounters:[resource.v1beta1.CounterSet
resource.v1beta2.CELDeviceSelector expression!:s
resource.v1beta2.CapacityRequestPolicy default:q validRange:resource.v1beta2.CapacityRequestPolicyRange validValues:[q
resource.v1beta2.CapacityRequestPolicyRange max:q min!:q step:q
resource.v1beta2.CapacityRequirements requests:{q
resource.v1beta2.Counter value!:q
resource.v1beta2.CounterSet counters!:{resource.v1beta2.Counter name!:s
resource.v1beta2.Device allNodes:b allowMultipleAllocations:b attributes:{resource.v1beta2.DeviceAttribute bindingConditions:[s bindingFailureConditions:[s bindsToNode:b capacity:{resource.v1beta2.DeviceCapacity consumesCounters:[resource.v1beta2.DeviceCounterConsumption name!:s nodeAllocatableResourceMappings:{resource.v1beta2.NodeAllocatableResourceMapping nodeName:s nodeSelector:NodeSelector taints:[resource.v1beta2.DeviceTaint
resource.v1beta2.DeviceAttribute bool:b bools:[b int:i ints:[i string:s strings:[s version:s versions:[s
resource.v1beta2.DeviceCapacity requestPolicy:resource.v1beta2.CapacityRequestPolicy value!:q
resource.v1beta2.DeviceClaim config:[resource.v1beta2.DeviceClaimConfiguration constraints:[resource.v1beta2.DeviceConstraint requests:[resource.v1beta2.DeviceRequest
resource.v1beta2.DeviceClaimConfiguration opaque:resource.v1beta2.OpaqueDeviceConfiguration requests:[s
resource.v1beta2.DeviceClass apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1beta2.DeviceClassSpec
resource.v1beta2.DeviceClassConfiguration opaque:resource.v1beta2.OpaqueDeviceConfiguration
resource.v1beta2.DeviceClassSpec config:[resource.v1beta2.DeviceClassConfiguration extendedResourceName:s selectors:[resource.v1beta2.DeviceSelector
resource.v1beta2.DeviceConstraint distinctAttribute:s matchAttribute:s requests:[s
resource.v1beta2.DeviceCounterConsumption counterSet!:s counters!:{resource.v1beta2.Counter
resource.v1beta2.DeviceRequest exactly:resource.v1beta2.ExactDeviceRequest firstAvailable:[resource.v1beta2.DeviceSubRequest name!:s
resource.v1beta2.DeviceSelector cel:resource.v1beta2.CELDeviceSelector
resource.v1beta2.DeviceSubRequest allocationMode:s capacity:resource.v1beta2.CapacityRequirements count:i deviceClassName!:s name!:s selectors:[resource.v1beta2.DeviceSelector tolerations:[resource.v1beta2.DeviceToleration
resource.v1beta2.DeviceTaint effect!:s key!:s timeAdded:t value:s
resource.v1beta2.DeviceTaintRule apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1beta2.DeviceTaintRuleSpec status:*
resource.v1beta2.DeviceTaintRuleSpec deviceSelector:resource.v1beta2.DeviceTaintSelector taint!:resource.v1beta2.DeviceTaint
resource.v1beta2.DeviceTaintSelector device:s driver:s pool:s
resource.v1beta2.DeviceToleration effect:s key:s operator:s tolerationSeconds:i value:s
resource.v1beta2.ExactDeviceRequest adminAccess:b allocationMode:s capacity:resource.v1beta2.CapacityRequirements count:i deviceClassName!:s selectors:[resource.v1beta2.DeviceSelector tolerations:[resource.v1beta2.DeviceToleration
resource.v1beta2.NodeAllocatableResourceMapping allocationMultiplier:q capacityKey:s
resource.v1beta2.OpaqueDeviceConfiguration driver!:s parameters!:RawExtension
resource.v1beta2.ResourceClaim apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1beta2.ResourceClaimSpec status:*
resource.v1beta2.ResourceClaimSpec devices:resource.v1beta2.DeviceClaim
resource.v1beta2.ResourceClaimTemplate apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1beta2.ResourceClaimTemplateSpec
resource.v1beta2.ResourceClaimTemplateSpec metadata:ObjectMeta spec!:resource.v1beta2.ResourceClaimSpec
resource.v1beta2.ResourcePool generation!:i name!:s resourceSliceCount!:i
resource.v1beta2.ResourceSlice apiVersion:s kind:s metadata:ObjectMeta spec!:resource.v1beta2.ResourceSliceSpec
resource.v1beta2.ResourceSliceSpec allNodes:b devices:[resource.v1beta2.Device driver!:s nodeName:s nodeSelector:NodeSelector perDeviceNodeSelection:b pool!:resource.v1beta2.ResourcePool sharedCounters:[resource.v1beta2.CounterSet
scheduling.v1alpha2.TypedLocalObjectReference apiGroup:s kind!:s name!:s
storage.v1.TokenRequest audience!:s expirationSeconds:i
storage.v1.VolumeAttributesClass apiVersion:s driverName!:s kind:s metadata:ObjectMeta parameters:{s
storage.v1beta1.VolumeAttributesClass apiVersion:s driverName!:s kind:s metadata:ObjectMeta parameters:{s
`
