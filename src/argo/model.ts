/**
 * What there is to deliver, as plain data: the one model behind Application objects, sync waves, Workflow DAGs and the
 * user's own workflow templates. render/pipeline.ts fills it from group.yaml, site.yaml and the releases.
 */
import type { Position } from '../errors.ts'

/** One site's delivery: where its rendered objects lie, where they go, and in which order. */
export interface Delivery {
  readonly site: string
  /** The site's labels (site.yaml `labels`): `when` is decided by them, and a fleet's ApplicationSet selects by them. */
  readonly labels: Readonly<Record<string, string>>
  /** Put before every Application's name, with a hyphen. The original's `app_prefix`: a cluster id, mostly. */
  readonly prefix?: string | undefined
  /** The repository that Argo CD reads. */
  readonly manifests: ManifestsSource
  /** The cluster, by its name in Argo CD, that apps of target `workload` go to. */
  readonly cluster: string
  /** The cluster that apps of target `admin` go to; `in-cluster` by default: the one Argo CD runs in. */
  readonly adminCluster?: string | undefined
  /** Where Argo CD and its Application objects live; `argo` by default, as decapod-bootstrap installs them. */
  readonly argoNamespace?: string | undefined
  /** Images that the Workflow objects run. An airgapped site passes relocated ones. */
  readonly images?: DeliveryImages | undefined
  /** Deleting an Application also deletes what it deployed. Off by default: removing a line in git orphans, never destroys. */
  readonly cascade?: boolean | undefined
  /** Argo CD undoes changes made in the cluster. Off by default, as in the original. */
  readonly selfHeal?: boolean | undefined
  readonly groups: readonly DeliveryGroup[]
  /** What the base has and this site leaves out, as `group` or `group/app`: dependencies on these are dropped. */
  readonly absent?: readonly string[] | undefined
}

export interface ManifestsSource {
  readonly repoURL: string
  /** Branch, tag or commit. */
  readonly revision: string
  /** The site's directory inside the repository: `site-x`, or `rendered/site-x` where both live in one repository. */
  readonly path: string
}

export interface DeliveryImages {
  /** decapod itself, with git: renders and commits in the cluster. */
  readonly decapod?: string | undefined
}

/** An app group: a product such as lma or service-mesh. One AppProject stands for it. */
export interface DeliveryGroup {
  readonly name: string
  /** The AppProject; `[prefix-]<group>` by default. `default` is Argo CD's own and is not emitted. */
  readonly project?: string | undefined
  /** Groups (of this site) that are delivered, and healthy, before this one. */
  readonly dependsOn?: readonly string[] | undefined
  /** The Application of the group's CRDs, when it has any: the directory `<group>-CRD`. */
  readonly crds?: DeliveryCrds | undefined
  readonly apps: readonly DeliveryApp[]
  /** Steps of the deploy Workflow that are no apps: a database to initialise, a secret to copy. */
  readonly steps?: readonly DeliveryStep[] | undefined
  /** Windows of time in which Argo CD may, or may not, sync the group (AppProject syncWindows). */
  readonly syncWindows?: readonly SyncWindow[] | undefined
  /** Where the group is described, for messages. */
  readonly at?: Position | undefined
}

export interface DeliveryCrds {
  /** The directory below the site's: `lma/lma-CRD`. */
  readonly path: string
  /** ServerSideApply (default) or Replace: both get past the size limit of kubectl's last-applied annotation. */
  readonly apply?: 'ServerSideApply' | 'Replace' | undefined
  readonly target?: Target | undefined
  /** What must be there before the CRDs: the app that makes the cluster they go to, say. */
  readonly dependsOn?: readonly string[] | undefined
}

/** Where an app goes: the site's own cluster, or the one that manages it (Cluster API objects, say). */
export type Target = 'workload' | 'admin'

export interface DeliveryApp {
  readonly name: string
  /** The destination namespace: the release's own, never typed twice. */
  readonly namespace: string
  /** The directory below the site's: `lma/grafana`. */
  readonly path: string
  /** Apps and steps that come first: `prometheus` in this group, or `service-mesh/istiod` in another. */
  readonly dependsOn?: readonly string[] | undefined
  /** The earliest sync wave; dependencies may only move an app later. */
  readonly wave?: number | undefined
  readonly target?: Target | undefined
  /** Nothing of it was rendered for this site: it has no directory, and like one that `when` leaves out no Application. */
  readonly isEmpty?: boolean | undefined
  /** An object of it is larger than client-side apply takes: it is applied on the server, unless syncOptions replace it. */
  readonly hasLarge?: boolean | undefined
  /** Only on sites that have all these labels: `{logging: loki}`. Others neither deploy nor wait for the app. */
  readonly when?: Readonly<Record<string, string>> | undefined
  /** Labels of the namespace that Argo CD creates. */
  readonly namespaceLabels?: Readonly<Record<string, string>> | undefined
  /** Further sync options; one that names the same option as a default replaces it. */
  readonly syncOptions?: readonly string[] | undefined
  /** Fields the cluster may change without the app counting as out of sync. */
  readonly ignoreDifferences?: readonly IgnoreDifference[] | undefined
  /** Annotations of the Application object, for Argo CD notifications and the like. */
  readonly annotations?: Readonly<Record<string, string>> | undefined
  /** Kinds of the app's custom resources (`Prometheus`): what teardown deletes while their operators still run. */
  readonly customResources?: readonly string[] | undefined
  /** Where the app, or its dependsOn, is written. */
  readonly at?: Position | undefined
}

export interface DeliveryStep {
  readonly name: string
  readonly dependsOn?: readonly string[] | undefined
  readonly when?: Readonly<Record<string, string>> | undefined
  /** The WorkflowTemplate and the template in it that does the work. */
  readonly templateRef: { readonly name: string; readonly template: string }
  readonly parameters?: Readonly<Record<string, string>> | undefined
  readonly at?: Position | undefined
}

export interface IgnoreDifference {
  readonly group?: string | undefined
  readonly kind: string
  readonly name?: string | undefined
  readonly jsonPointers?: readonly string[] | undefined
  readonly jqPathExpressions?: readonly string[] | undefined
}

/** As in Argo CD: `{kind: allow, schedule: '0 22 * * *', duration: 6h}`. */
export interface SyncWindow {
  readonly kind: 'allow' | 'deny'
  readonly schedule: string
  readonly duration: string
  readonly timeZone?: string | undefined
  readonly manualSync?: boolean | undefined
}

/** An app, the CRDs of a group, or a step, with everything it waits for. */
export type DeliveryNode = AppNode | CrdsNode | StepNode

interface NodeBase {
  /** `lma/grafana`: unique in a site. */
  readonly id: string
  /** The last part of `id`. */
  readonly name: string
  /** `name`; `<group>-<name>` where another group of the site has a part of that name. Names the Application. */
  readonly siteName: string
  readonly group: DeliveryGroup
  /** Ids of nodes that come first, each once, in the order declared. What `when` leaves out is bridged. */
  readonly dependsOn: readonly string[]
  /** The Argo CD sync wave. A step is no object and takes none: it has the last wave before it. */
  readonly wave: number
}

export interface AppNode extends NodeBase {
  readonly kind: 'app'
  readonly app: DeliveryApp
}

export interface CrdsNode extends NodeBase {
  readonly kind: 'crds'
  readonly crds: DeliveryCrds
}

export interface StepNode extends NodeBase {
  readonly kind: 'step'
  readonly step: DeliveryStep
}
