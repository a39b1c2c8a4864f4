import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { initFiles } from '../../src/cli/init-files.ts'
import { runCli } from '../support/cli.ts'
import { TestWorkspace } from '../support/workspace.ts'

let empty: TestWorkspace
beforeEach(() => {
  empty = new TestWorkspace(new Map())
})
afterEach(() => empty.remove())

test('makes a workspace that renders at once, without a warning, and whose diff is then empty', async () => {
  expect(await runCli(['init', 'platform'], empty.dir)).toEqual({
    code: 0,
    stdout: [...initFiles.keys()].map(file => `platform/${file}\n`).join(''),
    stderr: 'A workspace with one group and one site. Next: cd platform && decapod render site-x\n',
  })
  const dir = join(empty.dir, 'platform')
  const rendered = await runCli(['render', 'site-x'], dir)
  expect(rendered.stdout).toBe('site-x: 1 app, 3 objects: 6 added\n')
  expect(rendered.stderr).toMatch(/^1 site, 1 app in [\d.]+ s\n$/)
  const deployment = readFileSync(join(dir, 'rendered/site-x/hello/hello/Deployment_hello.yaml'), 'utf8')
  // The site's override, and the group's default below it.
  expect(deployment).toContain('replicas: 2\n')
  expect(deployment).toContain('memory: 64Mi\n')
  expect((await runCli(['diff'], dir)).stdout).toBe('no change\n')
  expect((await runCli(['workflow', 'site-x'], dir)).code).toBe(0)
  expect((await runCli(['explain', 'site-x', 'hello/hello', 'greeting'], dir)).stdout).toContain('Good morning')
})

test('every file but a template is commented', () => {
  for (const [file, text] of initFiles) {
    if (file.includes('/charts/')) continue
    expect([file, text]).toEqual([file, expect.stringMatching(/^# [A-Z]/)])
  }
})

test('here, and as JSON', async () => {
  const { code, stdout, stderr } = await runCli(['init', '--json', '--quiet'], empty.dir)
  expect([code, stderr]).toEqual([0, ''])
  expect(JSON.parse(stdout)).toEqual({ files: [...initFiles.keys()] })
})

test('overwrites nothing: where one file is in the way, none is written', async () => {
  empty.write('sites/site-x/site.yaml', 'mine\n')
  const { code, stdout, stderr } = await runCli(['init', '.'], empty.dir)
  expect([code, stdout]).toEqual([1, ''])
  expect(stderr).toBe(
    'error OUTPUT_CONFLICT: sites/site-x/site.yaml is there already\n  hint: name a new directory: decapod init DIR\n',
  )
  expect(empty.read('sites/site-x/site.yaml')).toBe('mine\n')
  expect(() => empty.read('decapod.yaml')).toThrow('ENOENT')
})

test('a file where the directory should be', async () => {
  writeFileSync(join(empty.dir, 'file'), '')
  mkdirSync(join(empty.dir, 'dir'))
  for (const dir of ['file', 'file/inner']) {
    const { code, stderr } = await runCli(['init', dir], empty.dir)
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /^error FILE_INVALID: cannot make .*\/file.*: (it is there already|a part of the path is a file)/,
    )
  }
})
