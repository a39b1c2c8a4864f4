/** The workspace that `decapod init` makes: one group, one chart, one site. It renders as it is. */

/** Path → text. */
export const initFiles: ReadonlyMap<string, string> = new Map([
  [
    'decapod.yaml',
    `# The project file. Every field has a default; remove the file and decapod still renders.

# The Kubernetes version charts are rendered for; a site's site.yaml may say another.
kubeVersion: 1.31.0

# Where rendered sites are committed, and what Argo CD reads. Without repoURL no Argo CD objects are made.
delivery:
  repoURL: https://git.example.com/platform/manifests.git
  revision: main
`,
  ],
  [
    'base/hello/group.yaml',
    `# How the group is delivered; optional, like all it says. A group is a product: monitoring, a service mesh, this.
# dependsOn: [other-group]       # groups that must be healthy first
apps:
  hello:
    namespaceLabels:             # of the namespace that Argo CD creates
      pod-security.kubernetes.io/enforce: restricted
    # dependsOn: [database]      # apps that must be healthy first: sync waves and workflows follow from it
    # when: {tier: frontend}     # only on sites with this label
`,
  ],
  [
    'base/hello/base/kustomization.yaml',
    `# What every site of this group gets: an ordinary kustomization. A site names it as ../base.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - resources.yaml # HelmReleases, one app each; plain objects may stand beside them
transformers:
  - site-values.yaml # default values
`,
  ],
  [
    'base/hello/base/resources.yaml',
    `# One HelmRelease per app. The chart is read from the group's directory here; type: helmrepo with repository, name and
# version takes it from a repository, oci and git from there.
apiVersion: helm.fluxcd.io/v1
kind: HelmRelease
metadata:
  name: hello
spec:
  chart:
    type: path
    path: charts/hello
  targetNamespace: hello
  values:
    replicas: 1
    # A variable: the site says what it is, or site-values.yaml beside this file.
    host: hello.$(domain)
    greeting: $(greeting)
`,
  ],
  [
    'base/hello/base/site-values.yaml',
    `# Defaults of the group, in the form of a site's own site-values.yaml, which comes later and has the last word.
apiVersion: openinfradev.github.com/v1
kind: HelmValuesTransformer
metadata:
  name: hello-defaults
global:
  domain: example.com
  greeting: Hello
charts: []
`,
  ],
  [
    'base/hello/charts/hello/Chart.yaml',
    `apiVersion: v2
name: hello
description: Answers with a greeting
version: 0.1.0
appVersion: 1.27.0
`,
  ],
  [
    'base/hello/charts/hello/values.yaml',
    `image: docker.io/nginxinc/nginx-unprivileged
replicas: 1
host: ""
greeting: Hello
resources:
  requests: {cpu: 10m, memory: 16Mi}
  limits: {memory: 32Mi}
`,
  ],
  [
    'base/hello/charts/hello/templates/hello.yaml',
    `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  index.html: |
    {{ .Values.greeting }} from {{ required "host: where does it answer?" .Values.host }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
spec:
  replicas: {{ .Values.replicas }}
  selector:
    matchLabels: {app: {{ .Release.Name }}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
      annotations:
        # A changed greeting restarts the pods.
        checksum/greeting: {{ .Values.greeting | sha256sum | trunc 16 }}
    spec:
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: hello
          image: {{ .Values.image }}:{{ .Chart.AppVersion }}
          ports:
            - {name: http, containerPort: 8080}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
          securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
          volumeMounts:
            - {name: pages, mountPath: /usr/share/nginx/html}
      volumes:
        - name: pages
          configMap: {name: {{ .Release.Name }}}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
spec:
  selector: {app: {{ .Release.Name }}}
  ports:
    - {name: http, port: 80, targetPort: http}
`,
  ],
  [
    'sites/site-x/site.yaml',
    `# A site: a cluster and what is different there. All fields are optional.
# labels: {ring: test}           # what \`when\` and fleets select by
# cluster: in-cluster            # its name in Argo CD; the site's name by default
# kubeVersion: 1.30.2
# layers: [layers/region]        # directories below sites/ that apply before the site's own values

# Values of $(name) in every group.
variables:
  domain: site-x.example.com
`,
  ],
  [
    'sites/site-x/hello/kustomization.yaml',
    `# The site's use of the group: the base, and what the site changes. Kustomize's other fields (patches, images, …) work too.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../base # base/hello/base
transformers:
  - site-values.yaml
`,
  ],
  [
    'sites/site-x/hello/site-values.yaml',
    `# What of the group's values is different on this site; decapod explain site-x hello/hello shows the outcome.
apiVersion: openinfradev.github.com/v1
kind: HelmValuesTransformer
metadata:
  name: site-x-hello
global:
  greeting: Good morning
charts:
  - name: hello
    override:
      # Keys are paths into the values: resources.limits.memory is one, and \`\\.\` is a literal dot.
      replicas: 2
      resources.limits.memory: 64Mi
`,
  ],
])
