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
  site  sites/style-1/lma/site-values.yaml:13:19
  base  base/lma/base/site-values.yaml:10:15  lost: replicas: 1
        $(replicas) = 1  base/lma/base/site-values.yaml:6:13
  base  base/lma/base/resources.yaml:17:15  lost: replicas: "TO_BE_FIXED"

port: 80
  site    sites/style-1/lma/site-values.yaml:11:11
  common  sites/common/lma/site-values.yaml:8:11  lost: 8000
  base    base/lma/base/resources.yaml:18:11  lost: 3000
  chart   lost: 8080

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
    ['a value that only the chart has', 'lma/grafana', 'host', 'host\n  chart\n'],
    [
      'a value that was taken out',
      'lma/thanos',
      'port',
      'port\n  site   sites/style-1/lma/site-values.yaml:16:12  removed here\n  base   base/lma/base/resources.yaml:35:11  lost: 9090\n  chart  lost: 8080\n',
    ],
    [
      'a null, in a copy of a release',
      'lma/thanos-two',
      'port',
      'port: null\n  site   sites/style-1/lma/site-values.yaml:20:11\n  base   base/lma/base/resources.yaml:35:11  lost: 9090\n  chart  lost: 8080\n',
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
