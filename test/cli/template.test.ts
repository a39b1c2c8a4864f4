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

test.each<[name: string, args: string[], text: string]>([
  ['a switch and a value in one word', ['chart', '-gnns'], 'namespace: ns'],
  ['arguments behind --', ['-n', 'ns', '--', 'rel', 'chart'], 'name: rel'],
  ['a value that looks like a flag', ['chart', '--set', '--json=1', '--set-string', 'size=7'], 'size: "7"'],
  ['the last of two', ['chart', '-n', 'a', '--namespace=b'], 'namespace: b'],
  [
    'a name from the environment',
    ['chart', '--name-template', '{{ env "WHO" }}-{{ expandenv "$WHO.x" }}'],
    'name: me-me.x',
  ],
])('%s', async (_, args, text) => {
  const { stdout } = await runCli(['template', ...args], dir.dir, { WHO: 'me' })
  expect(stdout).toContain(text)
})

test('--debug and HELM_DEBUG print what was rendered before the error', async () => {
  dir.write('chart/templates/b.yaml', 'a: [\n')
  const given = (args: string[], env = {}): Promise<CliResult> => runCli(['template', 'chart', ...args], dir.dir, env)
  const shown = '---\n# Source: demo/templates/b.yaml\na: [\n'
  for (const { code, stdout, stderr } of [
    await given(['--debug', '-s', 'templates/b.yaml']),
    await given(['-s', 'templates/b.yaml'], { HELM_DEBUG: '1' }),
  ]) {
    expect([code, stdout]).toEqual([1, shown])
    expect(stderr).toMatch(/^Error: YAML parse error on demo\/templates\/b\.yaml/)
    expect(stderr).not.toContain('Use --debug')
  }
  expect((await given(['-s', 'templates/b.yaml', '--debug=false'], { HELM_DEBUG: '1' })).stdout).toBe('')
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
  // The command line is read as Go's pflag reads it.
  ['a flag without its value', ['chart', '--set'], 1, /^Error: flag needs an argument: --set\n/],
  ['a short flag without its value', ['chart', '-f'], 1, /^Error: flag needs an argument: 'f' in -f\n/],
  ['no abbreviations', ['chart', '--value', 'x'], 1, /^Error: unknown flag: --value\n/],
  ['letters that are bytes', ['chart', '-é'], 1, /^Error: unknown shorthand flag: 'Ã' in -é\n/],
  ['a flag of no name', ['chart', '--=x'], 1, /^Error: bad flag syntax: --=x\n/],
  [
    'a duration that is none',
    ['chart', '--timeout', 'abc'],
    1,
    /^Error: invalid argument "abc" for "--timeout" flag: time: invalid duration "abc"\n/,
  ],
  ['labels that are none', ['chart', '-l', 'a'], 1, /^Error: invalid argument "a" for "-l, --labels" flag: a must be/],
  ["labels that are Helm's", ['chart', '-l', 'a=b,name=x'], 1, /^Error: user supplied labels contains system reserved/],
  ['an unclosed quote', ['chart', '-a', '"x'], 1, /flag: parse error on line 1, column 3: extraneous or missing " in/],
  ['Helm 4 alone', ['chart', '--server-side'], 1, /^Error: unknown flag: --server-side\n/],
  [
    'flags that exclude each other',
    ['chart', '--semantics=4', '--force', '--force-conflicts'],
    1,
    /^Flag --force has been deprecated, use --force-replace instead\nError: if any flags in the group \[force force-con/,
  ],
  [
    'a wait of Helm 4',
    ['chart', '--semantics=4', '--wait=x'],
    1,
    /^Error: invalid argument "x" for "--wait" flag: inv/,
  ],
  ['a dry run that is none', ['chart', '--dry-run=x'], 1, /^Error: Invalid dry-run flag\. Flag must one of the fol/],
  [
    'a version that is none comes before the chart',
    ['nowhere', '--kube-version', '1'],
    1,
    /^Error: invalid kube versi/,
  ],
  [
    'certificates that are not there',
    ['chart', '--ca-file', 'x'],
    1,
    /^Error: missing registry client: can't create TLS/,
  ],
  ['the name of nothing', [''], 1, /^Error: non-absolute URLs should be in form of repo_name\/path_to_chart, got: \n/],
  [
    "a template of a name that uses Helm's functions",
    ['chart', '--name-template', '{{ toYaml . }}'],
    1,
    /^Error: template: name-template:1: function "toYaml" not defined\n/,
  ],
  ['a values file that is no URL', ['chart', '-f', 'a%zz'], 1, /^Error: parse "a%zz": invalid URL escape "%zz"\n/],
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
