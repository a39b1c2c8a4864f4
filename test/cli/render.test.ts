import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CliResult, runCli } from '../support/cli.ts'
import { originalFiles, originalOptions, siteValues } from '../support/original.ts'
import { TestWorkspace } from '../support/workspace.ts'

let workspace: TestWorkspace

beforeEach(() => {
  workspace = new TestWorkspace(originalFiles)
})

afterEach(() => workspace.remove())

/** Runs decapod render over the workspace; how long it took is taken out. */
async function render(...args: string[]): Promise<CliResult> {
  const result = await runCli(['render', ...args, ...originalOptions], workspace.dir)
  return { ...result, stderr: workspace.plain(result.stderr).replace(/ in \d+\.\d s$/m, ' in N s') }
}

/** Every file below out/, but for decapod's own. */
function written(dir = 'out'): string[] {
  const at = join(workspace.dir, dir)
  if (!existsSync(at)) return []
  return readdirSync(at, { withFileTypes: true })
    .filter(entry => entry.name !== '.decapod')
    .flatMap(entry => (entry.isDirectory() ? written(`${dir}/${entry.name}`) : [`${dir}/${entry.name}`]))
    .sort()
}

describe("the original's repositories", () => {
  test('style 1: ../base without copying, defaults of the base first, every release of it', async () => {
    expect(await render('style-1')).toEqual({
      code: 0,
      stdout: 'style-1: 2 apps, 2 objects: 2 added\n',
      stderr: '1 site, 2 apps in N s\n',
    })
    expect(written()).toEqual([
      'out/style-1/lma/grafana/ConfigMap_grafana.yaml',
      'out/style-1/lma/thanos/ConfigMap_thanos.yaml',
    ])
    expect(workspace.read('out/style-1/lma/grafana/ConfigMap_grafana.yaml')).toBe(
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: grafana\n  namespace: lma\ndata:\n  port: "80"\n  replicas: "1"\n  limit: 1Gi\n',
    )
  })

  test('style 2: what the site lists, with a warning for the rest', async () => {
    workspace.delete('base/lma/base/kustomization.yaml')
    expect(await render('style-2')).toEqual({
      code: 0,
      stdout: 'style-2: 2 apps, 2 objects: 2 added\n',
      stderr: `sites/style-2/lma: warning RELEASE_UNKNOWN: 1 release of the base is not listed under charts: and not rendered: thanos
sites/style-2/tks: warning RELEASE_UNKNOWN: 1 release of the base is not listed under charts: and not rendered: thanos
1 site, 2 apps in N s
`,
    })
    expect(written()).toEqual([
      'out/style-2/lma/grafana/ConfigMap_grafana.yaml',
      'out/style-2/tks/cluster/ConfigMap_cluster.yaml',
    ])
    expect(workspace.read('out/style-2/tks/cluster/ConfigMap_cluster.yaml')).toContain('host: c1.example.com\n')
  })

  test('apps of one name in two groups, delivered or not', async () => {
    workspace.edit('sites/style-2/tks/site-values.yaml', '- name: cluster', '- name: thanos\n- name: cluster')
    expect((await render('style-2')).stdout).toBe('style-2: 4 apps, 4 objects: 4 added\n')
    expect(written().filter(path => path.includes('argocd'))).toEqual([])
    workspace.write('decapod.yaml', 'delivery:\n  repoURL: https://git.example.com/manifests.git\n')
    expect((await render('style-2')).code).toBe(0)
    expect(written('out/style-2/argocd')).toEqual(
      [
        ...['AppProject_lma', 'AppProject_tks', 'Application_cluster', 'Application_grafana', 'Application_lma-thanos'],
        ...['Application_style-2', 'Application_tks-thanos'],
      ].map(name => `out/style-2/argocd/${name}.yaml`),
    )
  })

  test('placeholders: an error, a warning, or nothing', async () => {
    workspace.edit('sites/style-1/lma/site-values.yaml', 'port: 80', 'port: CHNAGEME')
    const place = 'sites/style-1/lma/site-values.yaml:10:11: '
    const told = `PLACEHOLDER: grafana.port still has the placeholder CHNAGEME (for CHANGEME)
  10 |     port: CHNAGEME
     |           ^
  hint: give it a value; --placeholders warn renders all the same
`
    expect(await render('style-1')).toEqual({
      code: 1,
      stdout: 'style-1: 1 app, 1 object, 1 error: not written\n',
      stderr: `${place}error ${told}1 site, 2 apps in N s\n`,
    })
    expect(written()).toEqual([])
    expect(await render('style-1', '--placeholders', 'warn')).toEqual({
      code: 0,
      stdout: 'style-1: 2 apps, 2 objects: 2 added\n',
      stderr: `${place}warning ${told}1 site, 2 apps in N s\n`,
    })
    expect(await render('style-1', '--placeholders', 'off')).toEqual({
      code: 0,
      stdout: 'style-1: 2 apps, 2 objects: no change in 2 files\n',
      stderr: '1 site, 2 apps in N s\n',
    })
  })
})

describe('a site in which something fails', () => {
  const broken = siteValues(`global:
  unused: CHANGEME
  host: web
charts:
- name: cluster
  overide: {}
  override:
    host: $(hots).example.com
    replicas: x-$(size)
- name: clutser
- name: cluster
`)

  test('tells everything in one run, by place; the other sites are written, its old output stays', async () => {
    await render('style-2')
    const before = workspace.read('out/style-2/tks/cluster/ConfigMap_cluster.yaml')
    workspace.write('sites/style-2/tks/site-values.yaml', broken)
    const { code, stdout, stderr } = await render('--all')
    expect([code, stdout]).toEqual([
      1,
      'style-1: 2 apps, 2 objects: 2 added\nstyle-2: 2 apps, 2 objects, 6 errors: not written\n',
    ])
    expect(
      stderr,
    ).toBe(`sites/style-2/tks: warning RELEASE_UNKNOWN: 1 release of the base is not listed under charts: and not rendered: thanos
sites/style-2/tks/site-values.yaml:6:11: error PLACEHOLDER: global.unused still has the placeholder CHANGEME
  6 |   unused: CHANGEME
    |           ^
  hint: give it a value; --placeholders warn renders all the same
sites/style-2/tks/site-values.yaml:10:3: error VALUES_INVALID: "overide" is no field of an entry of charts:
  10 |   overide: {}
     |   ^
  hint: did you mean "override"?
sites/style-2/tks/site-values.yaml:12:11: error VARIABLE_UNDEFINED: variable "hots" is not defined
  12 |     host: $(hots).example.com
     |           ^
  hint: did you mean $(host)? Or write $$(hots) for the literal text $(hots)
sites/style-2/tks/site-values.yaml:13:17: error VARIABLE_UNDEFINED: variable "size" is not defined
  13 |     replicas: x-$(size)
     |                 ^
  hint: define it under global:, or write $$(size) for the literal text $(size)
sites/style-2/tks/site-values.yaml:14:9: error RELEASE_UNKNOWN: charts: names "clutser", which no HelmRelease is named
  14 | - name: clutser
     |         ^
  hint: did you mean "cluster"?
sites/style-2/tks/site-values.yaml:15:9: error RELEASE_DUPLICATE: "cluster" is listed twice under charts:
  15 | - name: cluster
     |         ^
  first listed at sites/style-2/tks/site-values.yaml:9:9
  hint: put both overrides into one entry; to deploy a chart twice, give the second a name of its own and base:
2 sites, 5 apps in N s
`)
    expect(workspace.read('out/style-2/tks/cluster/ConfigMap_cluster.yaml')).toBe(before)
  })

  test('--keep-going writes what rendered and keeps what failed as it was', async () => {
    await render('style-1')
    workspace.edit('sites/style-1/lma/site-values.yaml', 'port: 80', 'port: $(no)')
    workspace.edit('base/lma/base/resources.yaml', 'port: 9090', 'port: 9091')
    const { code, stdout } = await render('style-1', '--keep-going')
    expect([code, stdout]).toEqual([1, 'style-1: 1 app, 1 object, 1 error: 1 changed, 1 unchanged\n'])
    expect(workspace.read('out/style-1/lma/grafana/ConfigMap_grafana.yaml')).toContain('port: "80"')
    expect(workspace.read('out/style-1/lma/thanos/ConfigMap_thanos.yaml')).toContain('port: "9091"')
  })

  test('a template that fails: its line, the way there, the app', async () => {
    workspace.write('charts/upstream/web/templates/_x.tpl', '{{ define "x" }}\n{{ fail "no host" }}{{ end }}\n')
    workspace.write('charts/upstream/web/templates/x.yaml', 'x: {{ include "x" . }}\n')
    const { code, stderr } = await render('style-1')
    expect(code).toBe(1)
    expect(stderr).toBe(`charts/upstream/web/templates/_x.tpl:2:4: error TEMPLATE_EXEC: error calling fail: no host
  2 | {{ fail "no host" }}{{ end }}
    |    ^
  called from charts/upstream/web/templates/x.yaml:1:7 <include "x" .>
  in lma/grafana, lma/thanos of style-1
1 site, 2 apps in N s
`)
  })

  test('rendered YAML that is none shows the rendered line', async () => {
    workspace.write(
      'charts/upstream/web/templates/x.yaml',
      '{{- /* one */ -}}\n\n{{ if true }}\na: [{{ .Values.port }}\n{{ end }}',
    )
    const { stderr } = await render('style-1/lma/thanos')
    expect(
      stderr,
    ).toBe(`charts/upstream/web/templates/x.yaml: error MANIFEST_INVALID: YAML parse error on web/templates/x.yaml: error converting YAML to JSON: yaml: line 1: did not find expected ',' or ']'
  line 2 of what it rendered: a: [9090
  in lma/thanos of style-1
  hint: decapod template --debug prints all that the chart rendered
1 site, 1 app in N s
`)
  })

  test('--json: the same as data', async () => {
    workspace.edit('sites/style-1/lma/site-values.yaml', 'port: 80', 'port: $(no)')
    const { code, stdout, stderr } = await runCli(['render', 'style-1', ...originalOptions, '--json'], workspace.dir)
    expect([code, stderr]).toEqual([1, ''])
    expect(JSON.parse(stdout)).toEqual({
      sites: [
        {
          site: 'style-1',
          apps: [
            { group: 'lma', app: 'grafana', status: 'failed', objects: 0 },
            { group: 'lma', app: 'thanos', status: 'rendered', objects: 1 },
          ],
          failures: [
            {
              group: 'lma',
              code: 'VARIABLE_UNDEFINED',
              message: 'variable "no" is not defined',
              at: { file: 'sites/style-1/lma/site-values.yaml', line: 10, column: 11 },
              hint: 'define it under global:, or write $$(no) for the literal text $(no)',
              notes: [],
            },
          ],
          warnings: [],
          change: null,
        },
      ],
    })
  })
})

describe('whatever the files hold, no stack trace reaches the user', () => {
  const values = 'sites/style-1/lma/site-values.yaml'
  test.each<[name: string, path: string, text: string]>([
    ['values that are no YAML', values, 'a: [\n'],
    ['values that are a list', values, '- a\n'],
    ['values that are text', values, 'text\n'],
    ['values without a kind', values, 'charts: []\n'],
    ['values with odd fields', values, siteValues('global: 1\ncharts: {a: b}\n')],
    [
      'values with odd entries',
      values,
      siteValues('charts: [1, [2], {name: [x]}, {name: grafana, override: 1}, null]\n'),
    ],
    ['values with odd sources', values, siteValues('charts: [{name: grafana, source: {repository: {a: b}}}]\n')],
    ['values with binary bytes', values, '\u0000\u0001\u0002'],
    ['aliases that grow', values, `a: &a [x, x]\nb: &b [${'*a, '.repeat(9)}*a]\nc: [${'*b, '.repeat(9)}*b]\n`],
    ['a kustomization that is a list', 'sites/style-1/lma/kustomization.yaml', '- a\n'],
    ['a kustomization with odd fields', 'sites/style-1/lma/kustomization.yaml', 'resources: {a: b}\ntransformers: 1\n'],
    ['a kustomization of itself', 'sites/style-1/lma/kustomization.yaml', 'resources: [../style-1]\n'],
    [
      'resources that are no releases',
      'base/lma/base/resources.yaml',
      'kind: HelmRelease\napiVersion: helm.fluxcd.io/v1\nmetadata: {name: x}\n',
    ],
    [
      'releases with odd fields',
      'base/lma/base/resources.yaml',
      'kind: HelmRelease\napiVersion: helm.fluxcd.io/v1\nmetadata: {name: grafana}\nspec: {chart: [x], values: [y]}\n',
    ],
    [
      'a release named like a path',
      'base/lma/base/resources.yaml',
      'kind: HelmRelease\napiVersion: helm.fluxcd.io/v1\nmetadata: {name: ../../x}\nspec: {chart: {repository: r, name: c}}\n',
    ],
    ['charts.json that is no JSON', 'charts/charts.json', '{'],
    [
      'charts.json that leaves its directory',
      'charts/charts.json',
      '{"https://charts.example.com web 1.2.0": "../../x"}',
    ],
    ['a chart that is no chart', 'charts/upstream/web/Chart.yaml', '- x\n'],
    [
      'a template that never ends',
      'charts/upstream/web/templates/x.yaml',
      '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}',
    ],
    [
      'a site.yaml with odd fields',
      'sites/style-1/site.yaml',
      'labels: [x]\nlayers: {a: b}\nvariables: 1\nkubeVersion: x\n',
    ],
    ['a layer outside', 'sites/style-1/site.yaml', 'layers: [../../etc]\n'],
    ['a decapod.yaml that is text', 'decapod.yaml', 'text'],
    ['a group.yaml with odd fields', 'base/lma/group.yaml', 'apps: [x]\ndependsOn: 1\n'],
  ])('%s', async (_, path, text) => {
    workspace.write(path, text)
    const { code, stderr } = await render('style-1')
    expect(stderr).not.toMatch(/defect of decapod|^ +at .*\(.*:\d+:\d+\)$/m)
    expect(stderr).toMatch(/error [A-Z_]+: /)
    expect(code).toBe(1)
    expect(written()).toEqual([])
  })
})
