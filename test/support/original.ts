/** A workspace in the shape of the original's two repositories, small: one group in style 1, one in style 2. */

/** A site-values.yaml; its body begins on line 5. */
export function siteValues(body: string): string {
  return `apiVersion: openinfradev.github.com/v1\nkind: HelmValuesTransformer\nmetadata:\n  name: site\n${body}`
}

function release(name: string, values: string, namespace = 'lma'): string {
  return `---
apiVersion: helm.fluxcd.io/v1
kind: HelmRelease
metadata:
  name: ${name}
spec:
  helmVersion: v3
  chart:
    type: helmrepo
    repository: https://charts.example.com
    name: web
    version: 1.2.0
  releaseName: ${name}
  targetNamespace: ${namespace}
  wait: true
  values:
${values.replace(/^/gm, '    ')}
`
}

/** decapod-base-yaml, decapod-site and charts, side by side. */
export const originalFiles: ReadonlyMap<string, string> = new Map([
  ['base/lma/base/kustomization.yaml', 'resources:\n- resources.yaml\ntransformers:\n- site-values.yaml\n'],
  [
    'base/lma/base/resources.yaml',
    release('grafana', 'replicas: TO_BE_FIXED\nport: 3000') + release('thanos', 'port: 9090'),
  ],
  [
    'base/lma/base/site-values.yaml',
    siteValues('global:\n  replicas: 1\ncharts:\n- name: grafana\n  override:\n    replicas: $(replicas)\n'),
  ],
  [
    'base/tks/infra/aws/resources.yaml',
    release('cluster', 'host: $(name).example.com', 'tks') + release('thanos', 'port: 1', 'tks'),
  ],
  ['sites/style-1/lma/kustomization.yaml', 'resources:\n- ../base\n\ntransformers:\n- site-values.yaml\n'],
  [
    'sites/style-1/lma/site-values.yaml',
    siteValues(
      'global:\n  size: {limit: 1Gi}\ncharts:\n- name: grafana\n  override:\n    port: 80\n    resources: $(size)\n',
    ),
  ],
  [
    'sites/style-2/tks/site-values.yaml',
    siteValues('global:\n  name: c1\ncharts:\n- name: cluster\n  override:\n    replicas: 3\n'),
  ],
  // Kustomizations that the original left behind: their ../base has none, which makes them style 2.
  ['sites/style-2/lma/kustomization.yaml', 'resources:\n- ../base\n\ntransformers:\n- site-values.yaml\n'],
  ['sites/style-2/lma/site-values.yaml', siteValues('charts:\n- name: grafana\n  override:\n    replicas: 1\n')],
  ['charts/charts.json', '{"https://charts.example.com web 1.2.0": "upstream/web"}\n'],
  ['charts/upstream/web/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 1.2.0\n'],
  ['charts/upstream/web/values.yaml', 'replicas: 1\nport: 8080\nhost: ""\n'],
  [
    'charts/upstream/web/templates/configmap.yaml',
    `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  port: {{ .Values.port | quote }}
  replicas: {{ .Values.replicas | quote }}
  {{- with .Values.host }}
  host: {{ . }}
  {{- end }}
  {{- with .Values.resources }}
  limit: {{ .limit }}
  {{- end }}
`,
  ],
])

/** The options that name the three directories and the output. */
export const originalOptions: readonly string[] = [
  ...['--base', 'base'],
  ...['--sites', 'sites'],
  ...['--charts', 'charts'],
  ...['--out', 'out'],
]
