import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

test.each<[name: string, args: string[], text: string]>([
  ['a switch that is off by its own name', ['--no-hooks=false'], 'kind: Job'],
  ['an empty list of files', ['-f', ''], 'size: "1"'],
  ['an empty version', ['--kube-version', ''], 'kube: v1.37.0'],
  ['an empty directory', ['--output-dir', ''], 'kind: ConfigMap'],
  ['a program of no name', ['--post-renderer', ''], 'kind: ConfigMap'],
])('%s is as good as none', async (_, args, text) => {
  dir.write('chart/templates/h.yaml', 'kind: Job\nmetadata:\n  annotations: {helm.sh/hook: test}\n')
  const { code, stdout, stderr } = await run('chart', ...args)
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain(text)
})

test('the short forms of flags take their values behind = as well', async () => {
  const flags = ['-f=over.yaml', '-n=ns', '-s=templates/a.yaml', '-a=x/v1']
  const { stdout, stderr } = await run('chart', ...flags)
  expect([stderr, stdout.match(/(?:namespace|size|kind): .*/g)]).toEqual([
    '',
    ['kind: ConfigMap', 'namespace: ns', 'size: "2"'],
  ])
})

test('bytes that --set-file reads stay as they are', async () => {
  dir.write('chart/templates/a.yaml', 'a: {{ b64enc .Values.raw }}\n')
  writeFileSync(join(dir.dir, 'raw'), Buffer.from('a\xff', 'latin1'))
  expect((await run('chart', '--set-file', 'raw=raw')).stdout).toContain('a: Yf8=')
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
  ['an unknown flag', ['chart', '--nonsense'], 1, /^Error: unknown flag: --nonsense/],
  ['an unknown short flag', ['chart', '-x'], 1, /^Error: unknown shorthand flag: 'x' in -x/],
  [
    'a switch with another word',
    ['chart', '--no-hooks=x'],
    1,
    /^Error: invalid argument "x" for "--no-hooks" flag: strconv/,
  ],
  ['a chart that is not there comes before values', ['nowhere', '--set-json', 'x={'], 1, /^Error: non-absolute URLs/],
  ['values that cannot be read', ['chart', '--set-json', 'x={'], 1, /^Error: failed parsing --set-json/],
  ['what needs a cluster', ['chart', '--validate'], 2, /decapod renders without a cluster/],
])('%s', async (_, args, code, stderr) => {
  const got = await run(...args)
  expect(got.stderr).toMatch(stderr)
  expect([got.code, got.stdout]).toEqual([code, ''])
})

test.each([
  ['apiVersion: v3\nname: demo\n', 'invalid chart apiVersion'],
  ['apiVersion: v3\nname: .\n', 'validation: chart.metadata.name "." is not allowed'],
  ['apiVersion: v9\nname: .\n', 'unsupported chart version'],
])('Helm 4 of %j: %s', async (metadata, message) => {
  dir.write('chart/Chart.yaml', `${metadata}version: 1.0.0\n`)
  expect((await run('chart', '--semantics', '4')).stderr.split('\n')[0]).toBe(`Error: ${message}`)
})
