/**
 * Which Kubernetes serves which version of an API: since when, deprecated since when, and the first release without it
 * (https://kubernetes.io/docs/reference/using-api/deprecation-guide/). Only what a manifest of today may meet is here; a
 * version of a kind that is not in the table is as old as Kubernetes 1.16 or its group says nothing of it.
 *
 * A line is `apiVersion kinds since deprecated removed replacement`: minor releases of 1, `-` for none, `*` for all kinds.
 */
const table = `
extensions/v1beta1                    Deployment,DaemonSet,ReplicaSet          -  9  16 apps/v1
extensions/v1beta1                    NetworkPolicy                            -  9  16 networking.k8s.io/v1
extensions/v1beta1                    PodSecurityPolicy                        -  10 16 -
extensions/v1beta1                    Ingress                                  -  14 22 networking.k8s.io/v1
apps/v1beta1                          *                                        -  9  16 apps/v1
apps/v1beta2                          *                                        -  9  16 apps/v1
networking.k8s.io/v1beta1             Ingress,IngressClass                     14 19 22 networking.k8s.io/v1
networking.k8s.io/v1                  Ingress,IngressClass                     19 -  -  -
networking.k8s.io/v1                  IPAddress,ServiceCIDR                    33 -  -  -
rbac.authorization.k8s.io/v1alpha1    *                                        -  17 22 rbac.authorization.k8s.io/v1
rbac.authorization.k8s.io/v1beta1     *                                        -  17 22 rbac.authorization.k8s.io/v1
apiextensions.k8s.io/v1beta1          *                                        -  16 22 apiextensions.k8s.io/v1
apiextensions.k8s.io/v1               *                                        16 -  -  -
apiregistration.k8s.io/v1beta1        *                                        -  19 22 apiregistration.k8s.io/v1
admissionregistration.k8s.io/v1beta1  MutatingWebhookConfiguration,ValidatingWebhookConfiguration - 16 22 admissionregistration.k8s.io/v1
admissionregistration.k8s.io/v1       MutatingWebhookConfiguration,ValidatingWebhookConfiguration 16 - - -
admissionregistration.k8s.io/v1beta1  ValidatingAdmissionPolicy,ValidatingAdmissionPolicyBinding 28 31 34 admissionregistration.k8s.io/v1
admissionregistration.k8s.io/v1       ValidatingAdmissionPolicy,ValidatingAdmissionPolicyBinding 30 - - -
authentication.k8s.io/v1beta1         TokenReview                              -  19 22 authentication.k8s.io/v1
authorization.k8s.io/v1beta1          *                                        -  19 22 authorization.k8s.io/v1
certificates.k8s.io/v1beta1           CertificateSigningRequest                -  19 22 certificates.k8s.io/v1
coordination.k8s.io/v1beta1           Lease                                    -  19 22 coordination.k8s.io/v1
scheduling.k8s.io/v1alpha1            PriorityClass                            -  14 17 scheduling.k8s.io/v1
scheduling.k8s.io/v1beta1             PriorityClass                            -  14 22 scheduling.k8s.io/v1
storage.k8s.io/v1beta1                CSIDriver,CSINode,StorageClass,VolumeAttachment - 19 22 storage.k8s.io/v1
storage.k8s.io/v1beta1                CSIStorageCapacity                       21 24 27 storage.k8s.io/v1
storage.k8s.io/v1                     CSIStorageCapacity                       24 -  -  -
storage.k8s.io/v1beta1                VolumeAttributesClass                    31 34 -  storage.k8s.io/v1
storage.k8s.io/v1                     VolumeAttributesClass                    34 -  -  -
batch/v2alpha1                        CronJob                                  -  8  21 batch/v1
batch/v1beta1                         CronJob                                  8  21 25 batch/v1
batch/v1                              CronJob                                  21 -  -  -
discovery.k8s.io/v1beta1              EndpointSlice                            17 21 25 discovery.k8s.io/v1
discovery.k8s.io/v1                   EndpointSlice                            21 -  -  -
events.k8s.io/v1beta1                 Event                                    -  19 25 events.k8s.io/v1
node.k8s.io/v1beta1                   RuntimeClass                             14 20 25 node.k8s.io/v1
node.k8s.io/v1                        RuntimeClass                             20 -  -  -
policy/v1beta1                        PodDisruptionBudget                      -  21 25 policy/v1
policy/v1                             PodDisruptionBudget                      21 -  -  -
policy/v1beta1                        PodSecurityPolicy                        10 21 25 -
autoscaling/v2beta1                   HorizontalPodAutoscaler                  -  22 25 autoscaling/v2
autoscaling/v2beta2                   HorizontalPodAutoscaler                  12 23 26 autoscaling/v2
autoscaling/v2                        HorizontalPodAutoscaler                  23 -  -  -
flowcontrol.apiserver.k8s.io/v1beta1  *                                        20 23 26 flowcontrol.apiserver.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1beta2  *                                        23 26 29 flowcontrol.apiserver.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1beta3  *                                        26 29 32 flowcontrol.apiserver.k8s.io/v1
flowcontrol.apiserver.k8s.io/v1       *                                        29 -  -  -
resource.k8s.io/v1                    *                                        34 -  -  -
v1                                    ComponentStatus                          -  19 -  -
v1                                    Endpoints                                -  33 -  discovery.k8s.io/v1
`

/** Minor releases of Kubernetes 1; undefined where there is none. */
export interface ApiLifetime {
  readonly since: number | undefined
  readonly deprecated: number | undefined
  /** The first release that does not serve it. */
  readonly removed: number | undefined
  /** The version to write instead. */
  readonly replacement: string | undefined
}

let lifetimes: ReadonlyMap<string, ApiLifetime> | undefined

/** The lifetime of a kind in a version of its API; undefined where nothing bounds it. */
export function apiLifetime(apiVersion: string, kind: string): ApiLifetime | undefined {
  lifetimes ??= readTable()
  return lifetimes.get(`${apiVersion} ${kind}`) ?? lifetimes.get(`${apiVersion} *`)
}

function readTable(): ReadonlyMap<string, ApiLifetime> {
  const read = new Map<string, ApiLifetime>()
  for (const line of table.trim().split('\n')) {
    const [apiVersion, kinds = '', since, deprecated, removed, replacement] = line.split(/ +/)
    const lifetime = {
      since: minor(since),
      deprecated: minor(deprecated),
      removed: minor(removed),
      replacement: replacement === '-' ? undefined : replacement,
    }
    for (const kind of kinds.split(',')) read.set(`${apiVersion} ${kind}`, lifetime)
  }
  return read
}

function minor(text: string | undefined): number | undefined {
  return text === undefined || text === '-' ? undefined : Number(text)
}
