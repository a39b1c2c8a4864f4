import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CliResult, runCli } from '../support/cli.ts'
import { originalFiles, originalOptions, siteValues } from '../support/original.ts'
import { TestWorkspace } from '../support/workspace.ts'

let workspace: TestWorkspace

beforeAll(() => {
  workspace = new TestWorkspace(originalFiles)
  workspace.write(
    'sites/common/lma/site-values.yaml',
    siteValues('charts:\n- name: grafana\n  override:\n    port: 8000\n'),
  )
  workspace.write('sites/style-1/site.yaml', 'layers: [common]\nvariables:\n  domain: example.com\n')
  workspace.write(
    'sites/style-1/lma/site-values.yaml',
    siteValues(`global:
  size: {limit: 1Gi}
  url: http://$(domain)
charts:
- name: grafana
  override:
    port: 80
    hots: $(url)/x
    replicas.min: 2
    resources: $(size)
- name: thanos
  remove: [port]
- name: thanos-two
  base: thanos
  override:
    port: null
`),
  )
})

afterAll(() => workspace.remove())

async function explain(...args: string[]): Promise<CliResult> {
  const result = await runCli(['explain', ...args, ...originalOptions], workspace.dir)
  return { ...result, stderr: workspace.plain(result.stderr) }
}

describe('decapod explain', () => {
  test('who set a value, who lost, through which variable; what no template reads', async () => {
    expect(await explain('style-1', 'lma/grafana')).toEqual({
      code: 0,
      stdout: `style-1 lma/grafana: web 1.2.0 of https://charts.example.com, in lma

replicas.min: 2
  site   sites/style-1/lma/site-values.yaml:13:19
  base   base/lma/base/site-values.yaml:10:15  lost: replicas: 1
         $(replicas) = 1  base/lma/base/site-values.yaml:6:13
  base   base/lma/base/resources.yaml:17:15  lost: replicas: "TO_BE_FIXED"
  chart  charts/upstream/web/values.yaml:1:11  lost: replicas: 1

port: 80
  site    sites/style-1/lma/site-values.yaml:11:11
  common  sites/common/lma/site-values.yaml:8:11  lost: 8000
  base    base/lma/base/resources.yaml:18:11  lost: 3000
  chart   charts/upstream/web/values.yaml:2:7  lost: 8080

hots: "http://example.com/x"
  site  sites/style-1/lma/site-values.yaml:12:11
        $(url) = "http://example.com"  sites/style-1/lma/site-values.yaml:7:8
        $(domain) = "example.com"  sites/style-1/site.yaml:3:11

resources.limit: "1Gi"
  site  sites/style-1/lma/site-values.yaml:14:16
        $(size) = {"limit":"1Gi"}  sites/style-1/lma/site-values.yaml:6:9

No template of the chart reads:
  hots  (site sites/style-1/lma/site-values.yaml:12:11); did you mean host?
`,
      stderr: '',
    })
  })

  test.each<[name: string, app: string, path: string, want: string]>([
    [
      'a path alone',
      'lma/grafana',
      'resources.limit',
      'resources.limit: "1Gi"\n  site  sites/style-1/lma/site-values.yaml:14:16\n        $(size) = {"limit":"1Gi"}  sites/style-1/lma/site-values.yaml:6:9\n',
    ],
    [
      'a value that only the chart has',
      'lma/grafana',
      'host',
      'host: ""\n  chart  charts/upstream/web/values.yaml:3:7\n',
    ],
    [
      'a value that was taken out',
      'lma/thanos',
      'port',
      'port: 8080\n  site   sites/style-1/lma/site-values.yaml:16:12  removed here\n  base   base/lma/base/resources.yaml:35:11  lost: 9090\n  chart  charts/upstream/web/values.yaml:2:7\n',
    ],
    [
      'a null, in a copy of a release',
      'lma/thanos-two',
      'port',
      'port: null\n  site   sites/style-1/lma/site-values.yaml:20:11\n  base   base/lma/base/resources.yaml:35:11  lost: 9090\n  chart  charts/upstream/web/values.yaml:2:7  lost: 8080\n',
    ],
  ])('%s', async (_, app, path, want) => {
    const { code, stdout, stderr } = await explain('style-1', app, path)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.slice(stdout.indexOf('\n') + 2)).toBe(want)
  })

  test('--json: the same as data', async () => {
    const { code, stdout, stderr } = await explain('style-1', 'lma/grafana', 'hots', '--json')
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toEqual({
      site: 'style-1',
      group: 'lma',
      app: 'grafana',
      release: 'grafana',
      namespace: 'lma',
      chart: { kind: 'helm', repository: 'https://charts.example.com', chart: 'web', version: '1.2.0' },
      values: [
        {
          path: 'hots',
          value: 'http://example.com/x',
          chain: [
            {
              layer: 'site',
              at: { file: 'sites/style-1/lma/site-values.yaml', line: 12, column: 11 },
              removes: false,
              value: 'http://example.com/x',
              variables: [
                {
                  name: 'url',
                  value: 'http://example.com',
                  at: { file: 'sites/style-1/lma/site-values.yaml', line: 7, column: 8 },
                },
                { name: 'domain', value: 'example.com', at: { file: 'sites/style-1/site.yaml', line: 3, column: 11 } },
              ],
            },
          ],
        },
      ],
      unread: [],
      warnings: [],
      errors: [],
    })
  })

  test.each<[name: string, args: string[], code: number, want: string]>([
    [
      'a path with a slip',
      ['style-1', 'lma/grafana', 'resources.limt'],
      1,
      'error VALUES_INVALID: "grafana" has no value "limt" below resources\n  hint: did you mean "resources.limit"?\n',
    ],
    [
      'an app with a slip',
      ['style-1', 'lma/grafna'],
      1,
      'error APP_NOT_FOUND: style-1/lma has no release "grafna"\n  hint: did you mean "grafana"?\n',
    ],
    [
      'a group with a slip',
      ['style-1', 'lmaa/grafana'],
      1,
      'error GROUP_NOT_FOUND: site "style-1" has no group "lmaa"\n  hint: did you mean "lma"?\n',
    ],
    [
      'a layer, which is no site',
      ['common', 'lma/grafana'],
      1,
      'error SITE_NOT_FOUND: no site "common" in sites\n  hint: it is a layer of style-1; with a site.yaml of its own it is a site too\n',
    ],
    ['no app', ['style-1', 'lma'], 2, 'error USAGE: "lma" is not GROUP/APP\n'],
  ])('%s', async (_, args, code, want) => {
    expect(await explain(...args)).toEqual({ code, stdout: '', stderr: want })
  })

  test('values that the schema refuses are told with their places, and so is what nothing reads', async () => {
    const made = new TestWorkspace()
    made.write(
      'base/hello/charts/hello/values.schema.json',
      '{"properties": {"replicas": {"type": "integer"}, "host": {"type": "string"}}, "required": ["replicas"]}',
    )
    made.edit('sites/site-x/hello/site-values.yaml', 'replicas: 2', 'replicas: two\n      greetin: Hi')
    const { code, stdout, stderr } = await runCli(['explain', 'site-x', 'hello/hello'], made.dir)
    expect(code).toBe(0)
    expect(stdout).toContain(`No template of the chart reads:
  greetin  (site sites/site-x/hello/site-values.yaml:13:16); did you mean greeting?
`)
    expect(stderr).toMatch(/site-values\.yaml:12:17: warning VALUES_SCHEMA: replicas: got string, want integer\n/)
    expect(stderr).toContain('the schema is base/hello/charts/hello/values.schema.json')
    made.remove()
  })

  test('without the chart the values are explained all the same, with its place in a warning', async () => {
    const options = ['--base', 'base', '--sites', 'sites']
    const { code, stdout, stderr } = await runCli(
      ['explain', 'style-1', 'lma/grafana', 'port', ...options],
      workspace.dir,
    )
    expect(code).toBe(0)
    expect(stdout).toContain('port: 80\n  site    sites/style-1/lma/site-values.yaml:11:11\n')
    expect(stderr.split('\n')[0]).toBe(
      'base/lma/base/resources.yaml:9:5: warning CHART_NOT_FOUND: no chart web 1.2.0 of https://charts.example.com',
    )
  })
})

describe('defaults of charts and subcharts, lists, nulls', () => {
  let own: TestWorkspace
  beforeAll(() => {
    const chart = 'base/g/charts/c'
    own = new TestWorkspace(
      new Map(
        Object.entries({
          [`${chart}/Chart.yaml`]:
            'apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies:\n- {name: sub, version: 1.x, alias: db}\n',
          [`${chart}/values.yaml`]: 'a: 5\nhosts: [one]\ngone: {k: 1}\ndb:\n  size: 2Gi\nmap: {x: 1, z: 2}\n',
          [`${chart}/charts/sub/Chart.yaml`]: 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
          [`${chart}/charts/sub/values.yaml`]: 'size: 1Gi\nuser: root\n',
          'base/g/base/resources.yaml': `apiVersion: helm.fluxcd.io/v1
kind: HelmRelease
metadata: {name: web}
spec:
  chart: {type: path, path: charts/c}
  values: {map: {x: 10}}
`,
          'sites/s/g/site-values.yaml': siteValues(`charts:
- name: web
  override:
    a.b: 1
    gone: null
    hosts: [two]
    db.size: 3Gi
`),
        }),
      ),
    )
  })
  afterAll(() => own.remove())

  const values = 'base/g/charts/c/values.yaml'
  const sub = 'base/g/charts/c/charts/sub/values.yaml'
  const site = 'sites/s/g/site-values.yaml'
  test.each<[path: string, want: string]>([
    // What an override made a map was something else for the chart.
    ['a.b', `a.b: 1\n  site   ${site}:8:10\n  chart  ${values}:1:4  lost: a: 5\n`],
    [
      'db',
      `db.size: "3Gi"\n  site   ${site}:11:14\n  chart  ${values}:5:9  lost: "2Gi"\n  chart  ${sub}:1:7  lost: "1Gi"\n\n` +
        `db.user: "root"\n  chart  ${sub}:2:7\n`,
    ],
    ['db.user', `db.user: "root"\n  chart  ${sub}:2:7\n`],
    [
      'map',
      `map.x: 10\n  base   base/g/base/resources.yaml:6:21\n  chart  ${values}:6:10  lost: 1\n\nmap.z: 2\n  chart  ${values}:6:16\n`,
    ],
    // A list is set as a whole.
    ...['hosts', 'hosts[0]', 'hosts.0'].map(
      path =>
        [path, `hosts: ["two"]\n  site   ${site}:10:12\n  chart  ${values}:2:8  lost: ["one"]\n`] as [string, string],
    ),
    // A null takes away what is below it, too.
    ...['gone', 'gone.k'].map(
      path => [path, `gone: null\n  site   ${site}:9:11\n  chart  ${values}:3:7  lost: {"k":1}\n`] as [string, string],
    ),
  ])('%s', async (path, want) => {
    const { code, stdout } = await runCli(['explain', 's', 'g/web', path], own.dir)
    expect([code, stdout]).toEqual([0, `s g/web: charts/c, in default\n\n${want}`])
  })

  test.each<[path: string, stderr: string]>([
    ['db.usr', 'error VALUES_INVALID: "web" has no value "usr" below db\n  hint: did you mean "db.user"?\n'],
    ['hots', 'error VALUES_INVALID: "web" has no value "hots"\n  hint: did you mean "hosts"?\n'],
    ['nix[0]', 'error VALUES_INVALID: "web" has no value "nix"\n'],
  ])('no value %s', async (path, stderr) => {
    expect(await runCli(['explain', 's', 'g/web', path], own.dir)).toMatchObject({ code: 1, stderr })
  })
})
