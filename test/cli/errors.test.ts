import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { builtProgram } from '../support/built.ts'
import { type CliResult, runCli } from '../support/cli.ts'
import { TestWorkspace } from '../support/workspace.ts'

let workspace: TestWorkspace
beforeEach(() => {
  workspace = new TestWorkspace()
})
afterEach(() => workspace.remove())

const run = async (...args: string[]): Promise<CliResult> => {
  const result = await runCli(args, workspace.dir)
  // Whatever happens, nobody sees a stack trace.
  expect(result.stderr).not.toMatch(/^\s+at .*[:(]/m)
  expect(result.stderr).not.toContain('a defect of decapod')
  return { ...result, stderr: workspace.plain(result.stderr) }
}

describe('what newcomers do', () => {
  test('the wrong directory, below a workspace', async () => {
    expect(await run('render', 'site-x', '--cwd', 'base/hello')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'error WORKSPACE_INVALID: this is no workspace: it has no sites/\n' +
        '  hint: there is one above: add --cwd ../..\n',
    })
  })

  test('the wrong directory altogether', async () => {
    const empty = new TestWorkspace(new Map())
    const { code, stderr } = await runCli(['render', 'site-x'], empty.dir)
    empty.remove()
    expect(code).toBe(1)
    expect(stderr).toContain('hint: change to one, make one with decapod init, or name the directories')
  })

  test('no decapod.yaml: every field has a default', async () => {
    workspace.write('decapod.yaml', '')
    expect((await run('render', 'site-x')).stdout).toBe('site-x: 1 app, 3 objects: 3 added\n')
  })

  test.each<[line: string, code: number, stderr: RegExp]>([
    ['rendre', 2, /unknown command "rendre"\n {2}hint: did you mean "decapod render"\?/],
    ['xyzzy', 2, /unknown command "xyzzy"\n {2}hint: decapod --help lists the commands/],
    ['help rendr', 2, /unknown command "rendr"\n {2}hint: did you mean "decapod render"\?/],
    ['render --al', 2, /unknown option '--al'\n {2}hint: did you mean --all\?/],
    ['render', 2, /which site\?\n {2}hint: name one of site-x, or give --all/],
    ['render sitex', 1, /SITE_NOT_FOUND: no site "sitex" in sites\n {2}hint: did you mean "site-x"\?/],
    ['render site-x/helo', 1, /GROUP_NOT_FOUND: .*\n {2}hint: did you mean "hello"\?/],
    ['render site-x/hello/hell', 1, /APP_NOT_FOUND: .*\n {2}hint: did you mean "hello"\?/],
    ['render site-x/hello/hello/more', 2, /"site-x\/hello\/hello\/more" is not SITE, SITE\/GROUP or SITE\/GROUP\/APP/],
    ['render --all site-x', 2, /--all and names of sites exclude each other/],
    ['render site-x --format yaml', 2, /Allowed choices are canonical, verbatim/],
    ['render site-x --kube-version latest', 2, /--kube-version takes a version such as 1.31.0, not "latest"/],
    ['render site-x --charts nowhere', 1, /there is no directory nowhere/],
    ['render site-x --base nowhere', 1, /there is no directory nowhere\n {2}hint: name the directory with --base/],
    ['render site-x --jobs 0', 2, /--jobs takes a positive whole number, not "0"/],
    ['render site-x --cwd nowhere', 1, /there is no directory DIR\/nowhere\n {2}hint: --cwd names another/],
    ['explain', 2, /missing required argument 'site'\n {2}hint: decapod explain --help says how it is used/],
    ['--color green render', 2, /argument 'green' is invalid. Allowed choices are auto, always, never/],
  ])('decapod %s', async (line, code, stderr) => {
    const got = await run(...line.split(' '))
    expect(got.stderr).toMatch(stderr)
    expect([got.code, got.stdout]).toEqual([code, ''])
  })

  test('with --json errors are data', async () => {
    const { code, stdout, stderr } = await run('render', 'sitex', '--json')
    expect([code, stderr]).toEqual([1, ''])
    expect(JSON.parse(stdout)).toEqual({
      errors: [
        { code: 'SITE_NOT_FOUND', message: 'no site "sitex" in sites', hint: 'did you mean "site-x"?', notes: [] },
      ],
    })
    // Also where the command line itself is wrong.
    expect(JSON.parse((await run('--json', 'rendre')).stdout)).toMatchObject({ errors: [{ code: 'USAGE' }] })
    expect(JSON.parse((await run('render', '--al', '--json')).stdout)).toMatchObject({ errors: [{ code: 'USAGE' }] })
  })
})

describe('what the machine does', () => {
  test('the output is a file', async () => {
    workspace.write('file', '')
    for (const out of ['file', 'file/inner']) {
      const { code, stderr } = await run('render', 'site-x', '--out', out)
      expect(code).toBe(1)
      expect(stderr).toMatch(/error FILE_INVALID: cannot make DIR\/file.*: a part of the path is a file/)
    }
  })

  // root may write everywhere.
  test.skipIf(process.getuid?.() === 0)('permission denied', async () => {
    mkdirSync(join(workspace.dir, 'closed'), { mode: 0o500 })
    const written = await run('render', 'site-x', '--out', 'closed/x')
    expect([written.code, written.stderr]).toEqual([
      1,
      expect.stringMatching(/FILE_INVALID: .*(permission denied|EACCES)/),
    ])
    chmodSync(join(workspace.dir, 'sites/site-x/site.yaml'), 0)
    expect((await run('render', 'site-x')).stderr).toMatch(/FILE_INVALID: .*site\.yaml: (permission denied|EACCES)/)
  })

  test('a directory where a file should be', async () => {
    rmSync(join(workspace.dir, 'base/hello/charts/hello/Chart.yaml'))
    workspace.write('base/hello/charts/hello/Chart.yaml/x', '')
    const { code, stderr } = await run('render', 'site-x')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^base\/hello\/charts\/hello: error CHART_INVALID/)
  })

  const started = (args: string[]): ReturnType<typeof spawn> =>
    spawn(process.execPath, [builtProgram(), ...args], { cwd: workspace.dir, stdio: ['ignore', 'pipe', 'pipe'] })

  test('a reader that stops early is no error', async () => {
    // Far more than a pipe holds.
    const many = Array.from({ length: 20_000 }, (_, i) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c${i}}\n`)
    writeFileSync(join(workspace.dir, 'base/hello/charts/hello/templates/many.yaml'), many.join('---\n'))
    const child = started(['template', 'base/hello/charts/hello', '--set', 'host=x'])
    let stderr = ''
    child.stderr!.on('data', chunk => (stderr += String(chunk)))
    child.stdout!.once('data', () => child.stdout!.destroy())
    const code = await new Promise(done => child.once('close', done))
    expect([code, stderr]).toEqual([0, ''])
  }, 60_000)

  test('Ctrl-C ends it, and the next run works', async () => {
    for (const delay of [80, 200, 400]) {
      const child = started(['render', 'site-x'])
      await new Promise(done => setTimeout(done, delay))
      child.kill('SIGINT')
      await new Promise(done =>
        child.exitCode !== null || child.signalCode !== null ? done(0) : child.once('exit', done),
      )
      expect(child.signalCode ?? child.exitCode).toSatisfy((end: unknown) => end === 'SIGINT' || end === 0)
    }
    const { code, stdout } = await run('render', 'site-x')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^site-x: 1 app, 3 objects: (6 added|no change in 6 files)\n$/)
  }, 60_000)
})

describe('progress', () => {
  test('one line on a terminal, with counts and the current app, gone at the end', async () => {
    const { stderr } = await runCli(['render', 'site-x'], workspace.dir, {}, { terminal: true })
    expect(stderr).toMatch(/^\rsite-x {2}1\/1 {2}hello\/hello\r +\r1 site, 1 app in [\d.]+ s\n$/)
  })

  test('elsewhere a line at the end; with --quiet none', async () => {
    expect((await run('render', 'site-x')).stderr).toMatch(/^1 site, 1 app in [\d.]+ s\n$/)
    expect((await run('render', 'site-x', '--quiet')).stderr).toBe('')
  })
})
