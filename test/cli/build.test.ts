import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CliResult, runCli } from '../support/cli.ts'
import { TestWorkspace } from '../support/workspace.ts'

let dir: TestWorkspace
beforeEach(() => {
  dir = new TestWorkspace(
    new Map([
      ['app/kustomization.yaml', 'namePrefix: my-\nresources: [cm.yaml]\n'],
      ['app/cm.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: v\n'],
    ]),
  )
})
afterEach(() => dir.remove())
const run = (...args: string[]): Promise<CliResult> => runCli(['build', ...args], dir.dir)

const built = 'apiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\nmetadata:\n  name: my-a\n'

test('prints what kustomize build prints', async () => {
  expect(await run('app')).toEqual({ code: 0, stdout: built, stderr: '' })
  // Without a directory it is this one.
  expect((await run('--cwd', 'app')).stdout).toBe(built)
})

test('--output writes a file, or a file per object into a directory', async () => {
  expect(await run('app', '-o', 'out.yaml')).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(dir.read('out.yaml')).toBe(built)
  dir.write('out/keep', '')
  await run('app', '-o', 'out')
  expect(dir.read('out/v1_configmap_my-a.yaml')).toBe(built)
})

test.each<[name: string, args: string[], code: number, stderr: RegExp]>([
  ['a directory that is not there', ['nowhere'], 1, /^Error: .*nowhere/],
  ['a directory without kustomization', ['--cwd', '.', '.'], 1, /^Error: unable to find one of 'kustomization\.yaml'/],
  ['an unknown option', ['app', '--outptu', 'x'], 2, /unknown option '--outptu'\n {2}hint: did you mean --output\?/],
])('%s', async (_, args, code, stderr) => {
  const got = await run(...args)
  expect(got.stderr).toMatch(stderr)
  expect([got.code, got.stdout]).toEqual([code, ''])
})

test('a failure names the file as kustomize does, and the place below', async () => {
  dir.write('app/kustomization.yaml', 'resources: [gone.yaml]\n')
  const { code, stderr } = await run('app')
  expect(code).toBe(1)
  expect(stderr).toMatch(/^Error: accumulating resources/)
  expect(stderr).not.toMatch(/^\s+at .*\.[jt]s:/m)
})
