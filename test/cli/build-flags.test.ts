/** `decapod build`: flags, output, failures and what is run only when told so. The texts are those of kustomize 5.8.2. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { programRunner } from '../../src/io/program.ts'
import { runCli } from '../support/cli.ts'

const root = mkdtempSync(join(tmpdir(), 'decapod-build-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    if (text.startsWith('#!')) chmodSync(join(root, path), 0o755)
  }
}

const configMap = (name: string, namespace = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${namespace && `  namespace: ${namespace}\n`}`
const build = (...args: string[]): ReturnType<typeof runCli> =>
  runCli(['build', ...args], root, process.env as Record<string, string>)

beforeAll(() =>
  write({
    'app/kustomization.yaml': 'resources: [a.yaml, b.yaml]\n',
    'app/a.yaml': configMap('a', 'one'),
    'app/b.yaml': configMap('b', 'two'),
    'warns/kustomization.yaml': 'bases: [../app]\nnamePrefx: p-\n',
    'late/kustomization.yaml': 'bases: [../app]\npatches: [{path: nope.yaml}]\n',
  }),
)

describe('output', () => {
  const both = `${configMap('a', 'one')}---\n${configMap('b', 'two')}`

  test('goes to stdout', async () => {
    expect(await build('app')).toMatchObject({ code: 0, stdout: both, stderr: '' })
    expect((await build('app', '--output=')).stdout).toBe(both)
  })

  test('-o FILE', async () => {
    expect(await build('app', '-o', 'out.yaml')).toMatchObject({ code: 0, stdout: '' })
    expect(readFileSync(join(root, 'out.yaml'), 'utf8')).toBe(both)
  })

  test('-o DIR: one file per object, with the namespace where there are several', async () => {
    mkdirSync(join(root, 'dir'))
    expect(await build('app', '-o', 'dir')).toMatchObject({ code: 0, stdout: '' })
    expect(readdirSync(join(root, 'dir'))).toEqual(['one_v1_configmap_a.yaml', 'two_v1_configmap_b.yaml'])
    expect(readFileSync(join(root, 'dir/one_v1_configmap_a.yaml'), 'utf8')).toBe(configMap('a', 'one'))
  })

  test('flags of kustomize that change nothing here', async () => {
    const flags = ['--enable-helm', '--helm-command', 'helm', '--helm-debug', '--stack-trace', '-e', 'A=b']
    expect(await build('app', ...flags, '--network', '--as-current-user')).toMatchObject({ code: 0, stdout: both })
  })
})

describe('failures', () => {
  test.each<[name: string, args: string[], code: number, message: RegExp]>([
    ['no directory', ['nope'], 1, /^Error: must build at directory: not a valid directory: evalsymlink failure on /],
    ['an empty name', [''], 1, /^Error: must build at directory: directory path cannot be empty\n/],
    ['a file', ['app/a.yaml'], 1, /^Error: must build at directory: '.*app\/a.yaml': file is not directory\n/],
    ['-o into nowhere', ['app', '-o', 'no/dir/x'], 1, /^Error: open no\/dir\/x: no such file or directory\n/],
    ['two directories', ['app', 'app'], 2, /too many arguments/],
    ['a flag nobody knows', ['app', '--bogus'], 2, /unknown option '--bogus'/],
    [
      'a restrictor nobody knows',
      ['app', '--load-restrictor', 'x'],
      2,
      /LoadRestrictionsRootOnly, LoadRestrictionsNone/,
    ],
  ])('%s', async (_, args, code, message) => {
    const result = await build(...args)
    expect(result).toMatchObject({ code, stdout: '' })
    expect(result.stderr).toMatch(message)
  })

  test("kustomize's words, then the place and a hint", async () => {
    expect(await build('warns')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `Error: invalid Kustomization: json: unknown field "namePrefx"
  at ${root}/warns/kustomization.yaml:2:1
  hint: did you mean "namePrefix"?
`,
    })
  })

  test('warnings come before the failure, and the failure stands at its entry', async () => {
    const { stderr } = await build('late')
    expect(stderr).toMatch(/^# Warning: 'bases' is deprecated/)
    expect(stderr).toMatch(/late\/kustomization.yaml:2:/)
  })
})

describe('functions', () => {
  const transformer = (spec: string): Record<string, string> => ({
    'fn/kustomization.yaml': 'resources: [../app]\ntransformers: [fn.yaml]\n',
    'fn/fn.yaml': `apiVersion: example.com/v1
kind: Fn
metadata:
  name: fn
  annotations:
    config.kubernetes.io/function: |
      ${spec}
`,
    'fn/fn.sh': '#!/bin/sh\ntouch ran\nsed "s/name: a$/name: touched/"\n',
  })
  const allowed = ['--enable-alpha-plugins', '--enable-exec']

  test('nothing runs unless told so', async () => {
    write(transformer('exec: {path: ./fn.sh}'))
    const refused = await build('fn')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain("external plugins disabled; unable to load external plugin 'Fn'")
    await build('fn', '--enable-alpha-plugins')
    expect(existsSync(join(root, 'fn/ran'))).toBe(false)
  })

  test('with both flags it runs in the directory of its kustomization', async () => {
    write(transformer('exec: {path: ./fn.sh}'))
    const { code, stdout } = await build('fn', ...allowed)
    expect([code, existsSync(join(root, 'fn/ran'))]).toEqual([0, true])
    expect(stdout).toContain('name: touched')
  })

  test('a mount outside the kustomization is refused before anything runs', async () => {
    write(transformer('container: {image: x, mounts: [{type: bind, src: ../.., dst: /m}]}'))
    const { code, stderr } = await build('fn', ...allowed)
    expect(code).toBe(1)
    expect(stderr).toContain('mount paths must be under the current kustomization directory')
  })

  test.each<[name: string, script: string, message: RegExp]>([
    ['runs too long', 'sleep 5', /it ran longer than 0.3 s/],
    ['prints too much', 'head -c 100000 /dev/zero', /it printed more than 5000 bytes/],
    ['fails', 'exit 3', /exit status 3/],
  ])('a program that %s', (_, script, message) => {
    const run = programRunner(process.env, () => {}, { milliseconds: 300, outputBytes: 5000 })
    const call = (): string => run({ command: 'sh', args: ['-c', script], env: [], cwd: root, stdin: '' })
    expect(call).toThrow(message)
    expect(call).toThrow(DecapodError)
  })

  test('a program sees little of the environment', () => {
    const env = { PATH: process.env['PATH'], HOME: '/home/x', TOKEN: 'secret', GIVEN: 'yes' }
    const run = programRunner(env, () => {})
    const seen = run({ command: 'env', args: [], env: ['GIVEN', 'OWN=1'], cwd: root, stdin: '' })
    expect(seen).not.toContain('secret')
    expect(
      seen
        .split('\n')
        .filter(line => /^(GIVEN|OWN|HOME)=/.test(line))
        .sort(),
    ).toEqual(['GIVEN=yes', 'HOME=/home/x', 'OWN=1'])
  })
})
