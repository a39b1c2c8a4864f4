import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CliResult, runCli } from '../support/cli.ts'
import { TestWorkspace } from '../support/workspace.ts'

let dir: TestWorkspace
beforeEach(() => {
  dir = new TestWorkspace(
    new Map([
      ['chart/Chart.yaml', 'apiVersion: v2\nname: demo\nversion: 1.0.0\n'],
      ['chart/values.yaml', 'size: 1\nname: x\n'],
      [
        'chart/templates/a.yaml',
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\ndata:\n  size: {{ .Values.size | quote }}\n  kube: {{ .Capabilities.KubeVersion.Version }}\n',
      ],
      [
        'chart/templates/b.yaml',
        '{{- if .Values.more }}\napiVersion: v1\nkind: Secret\nmetadata:\n  name: b\n{{- end }}\n',
      ],
      ['over.yaml', 'size: 2\nmore: true\n'],
    ]),
  )
})
afterEach(() => dir.remove())
const run = (...args: string[]): Promise<CliResult> => runCli(['template', ...args], dir.dir)

test('prints what helm template prints', async () => {
  expect(await run('rel', 'chart', '-n', 'ns', '--kube-version', '1.30.2')).toEqual({
    code: 0,
    stdout:
      '---\n# Source: demo/templates/a.yaml\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: rel\n  namespace: ns\n' +
      'data:\n  size: "1"\n  kube: v1.30.2\n',
    stderr: '',
  })
})

test('values: files, then --set', async () => {
  const { stdout } = await run('chart', '-f', 'over.yaml', '--set', 'size=3')
  expect(stdout).toContain('size: "3"')
  expect(stdout).toContain('kind: Secret')
  expect(stdout).toContain('name: release-name')
})

test('--show-only and --output-dir', async () => {
  const only = await run('chart', '-f', 'over.yaml', '-s', 'templates/b.yaml')
  expect([...only.stdout.matchAll(/# Source: (.*)/g)].map(m => m[1])).toEqual(['demo/templates/b.yaml'])
  expect((await run('chart', '--output-dir', 'out')).stdout).toContain('wrote out/demo/templates/a.yaml')
  expect(dir.read('out/demo/templates/a.yaml')).toContain('# Source: demo/templates/a.yaml')
})

test.each<[name: string, args: string[], code: number, stderr: RegExp]>([
  // Exit codes are Helm's where Helm has them.
  ['no chart', [], 1, /requires at least 1 argument|which chart|missing/i],
  ['a chart that is not there', ['nowhere'], 1, /^Error: /],
  ['an unknown flag', ['chart', '--nonsense'], 2, /unknown flag: --nonsense/],
  ['values that cannot be read', ['chart', '--set-json', 'x={'], 1, /^Error: failed parsing --set-json/],
  ['what needs a cluster', ['chart', '--validate'], 2, /decapod renders without a cluster/],
])('%s', async (_, args, code, stderr) => {
  const got = await run(...args)
  expect(got.stderr).toMatch(stderr)
  expect([got.code, got.stdout]).toEqual([code, ''])
})
