import { spawn } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
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

  test.each([
    ...['render nope', 'diff nope', 'commit nope', 'explain nope a/b', 'explain', 'validate nope', 'fetch nope'],
    ...['lock nope', 'images nope', 'bundle inspect nope', 'cache gc --foo', 'workflow nope', 'init .', 'build nope'],
    ...[
      'site new site-x',
      'site delete nope',
      'template nope',
      'completion tcsh',
      'nope',
      '--nope',
      'render --base nope site-x',
    ],
  ])('%s --json: nothing but JSON on stdout, nothing on stderr', async line => {
    const { code, stdout, stderr } = await run(...line.split(' '), '--json')
    expect([code === 0, stderr]).toEqual([false, ''])
    const { errors } = JSON.parse(stdout) as { errors: { code: string; message: string }[] }
    expect(errors.length).toBeGreaterThan(0)
    for (const error of errors) expect([typeof error.code, typeof error.message]).toEqual(['string', 'string'])
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
    for (const [out, words] of [
      ['file', 'file is a file, and should be a directory'],
      ['file/inner', 'cannot make DIR/file'],
    ] as const) {
      const { code, stderr } = await run('render', 'site-x', '--out', out)
      expect([code, stderr]).toEqual([1, expect.stringContaining(`error FILE_INVALID: ${words}`)])
    }
  })

  // root may write everywhere.
  test.skipIf(process.getuid?.() === 0)('permission denied', async () => {
    mkdirSync(join(workspace.dir, 'closed'), { mode: 0o500 })
    const written = await run('render', 'site-x', '--out', 'closed/x')
    expect([written.code, written.stderr]).toEqual([1, expect.stringMatching(/FILE_INVALID: .*permission denied/)])
    chmodSync(join(workspace.dir, 'sites/site-x/site.yaml'), 0)
    expect((await run('render', 'site-x')).stderr).toMatch(/FILE_INVALID: .*site\.yaml: permission denied/)
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

/** The files that `decapod init` makes. */
const values = 'sites/site-x/hello/site-values.yaml'
const resources = 'base/hello/base/resources.yaml'
const settings = 'sites/site-x/site.yaml'

describe('what goes wrong in files: the place, the line, what was meant; other sites render', () => {
  /** `edits`: file, what stands there, what takes its place; "" is the end of the file. */
  type Edit = readonly [file: string, from: string, to: string]
  test.each<[name: string, edits: readonly Edit[], stderr: string]>([
    [
      'names in every file, all in one run',
      [
        [resources, 'targetNamespace', 'targetNamspace'],
        [values, 'override', 'overide'],
        [settings, 'variables:', 'variabels:'],
      ],
      `sites/site-x/site.yaml:8:1: error CONFIG_INVALID: "variabels" is no field of site.yaml
  8 | variabels:
    | ^
  hint: did you mean "variables"?
base/hello/base/resources.yaml:11:3: error RESOURCE_INVALID: "targetNamspace" is no field of spec of "hello"
  11 |   targetNamspace: hello
     |   ^
  hint: did you mean "targetNamespace"?
sites/site-x/hello/site-values.yaml:10:5: error VALUES_INVALID: "overide" is no field of an entry of charts:
  10 |     overide:
     |     ^
  hint: did you mean "override"?
`,
    ],
    [
      'a field of spec.chart',
      [[resources, '    type: path', '    typ: path']],
      `base/hello/base/resources.yaml:9:5: error RESOURCE_INVALID: "typ" is no field of spec.chart of "hello"
  9 |     typ: path
    |     ^
  hint: did you mean "type"?
`,
    ],
    [
      'a tab',
      [[values, '', 'global:\n\tdomain: x\n']],
      `sites/site-x/hello/site-values.yaml:15:1: error YAML_PARSE: found character that cannot start any token
  15 |  domain: x
     | ^
  hint: this is a tab: YAML is indented with blanks
`,
    ],
    [
      'the kind of a document',
      [[values, 'HelmValuesTransformer', 'HelmValueTransformer']],
      `sites/site-x/hello/site-values.yaml:2:1: error PLUGIN_REFUSED: there is no transformer "HelmValueTransformer"
  2 | apiVersion: openinfradev.github.com/v1
    | ^
  hint: did you mean HelmValuesTransformer?
`,
    ],
    [
      'a document without a kind',
      [[values, 'kind: HelmValuesTransformer\n', '']],
      `sites/site-x/hello/site-values.yaml:2:1: error RESOURCE_INVALID: an object has no kind
  2 | apiVersion: openinfradev.github.com/v1
    | ^
`,
    ],
    [
      'a chart that is not there',
      [[resources, 'charts/hello', 'charts/helo']],
      `base/hello/base/resources.yaml:10:11: error CHART_NOT_FOUND: no chart charts/helo
  10 |     path: charts/helo
     |           ^
  in hello/hello of site-x
  hint: there is no base/hello/charts/helo: did you mean base/hello/charts/hello?
`,
    ],
    [
      'a chart outside',
      [[resources, 'charts/hello', '../../../etc']],
      `base/hello/base/resources.yaml:10:11: error CHART_NOT_FOUND: no chart ../../../etc
  10 |     path: ../../../etc
     |           ^
  in hello/hello of site-x
  hint: ../../../etc leads out of the base; a chart that lies elsewhere is read with --charts, or from a repository
`,
    ],
    [
      'values that are a list, said once',
      [[resources, '  values:\n', '  values: [1]\n  test:\n']],
      `base/hello/base/resources.yaml:12:11: error VALUES_INVALID: spec.values of "hello" is not a map
  12 |   values: [1]
     |           ^
`,
    ],
    [
      'a key that is given twice',
      [
        [resources, '  targetNamespace: hello\n', '  targetNamespace: a\n  targetNamespace: hello\n'],
        [settings, '', 'variables: {}\n'],
      ],
      `base/hello/base/resources.yaml:11:3: warning VALUES_INVALID: "targetNamespace" is given twice; the first value is lost
  11 |   targetNamespace: a
     |   ^
  the value that counts is at base/hello/base/resources.yaml:12:3
sites/site-x/site.yaml:10:1: error CONFIG_INVALID: variables of site.yaml is given twice
  10 | variables: {}
     | ^
`,
    ],
  ])('%s', async (_, edits, stderr) => {
    // Of a base of its own, so that what is wrong in the base concerns one site.
    workspace.addSite('good')
    workspace.write('sites/good/hello/kustomization.yaml', 'resources: []\n')
    workspace.write('sites/good/hello/site-values.yaml', '')
    for (const [file, from, to] of edits) {
      if (from === '') workspace.write(file, workspace.read(file) + to)
      else workspace.edit(file, from, to)
    }
    const result = await run('render', '--all')
    expect(result.stderr.replace(/2 sites, .*\n$/, '')).toBe(stderr)
    expect(result.code).toBe(1)
    expect(result.stdout).toMatch(/^good: 0 apps, 0 objects: .*\nsite-x: .*: not written\n$/)
    expect(existsSync(join(workspace.dir, 'rendered/site-x'))).toBe(false)
  })

  test('what the engine has no place for stands where the release does', async () => {
    const name = 'x'.repeat(54)
    workspace.edit(resources, 'name: hello', `name: ${name}`)
    workspace.edit(values, 'name: hello', `name: ${name}`)
    const { stderr } = await run('render', 'site-x')
    expect(stderr).toMatch(/^base\/hello\/base\/resources\.yaml:6:9: error RELEASE_NAME_INVALID: /)
    expect(stderr).toContain('hint: spec.releaseName gives it another name than the app has')
  })

  test('a variable that is missing in many places: a few are named', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `      k${i}: $(nope)\n`).join('')
    workspace.write(values, workspace.read(values) + lines)
    const { stderr } = await run('render', 'site-x')
    expect(stderr.match(/also used at/g)).toHaveLength(5)
    expect(stderr).toContain('  also used at sites/site-x/hello/site-values.yaml:19:11\n  and at 24 more\n  hint: ')
  })

  test('decapod.yaml and the other settings, in one run', async () => {
    workspace.edit('decapod.yaml', 'kubeVersion', 'kubeVerson')
    workspace.edit(settings, 'variables:', 'variabels:')
    expect((await run('render', 'site-x')).stderr.match(/^\S+: error .*/gm)).toEqual([
      'decapod.yaml:4:1: error CONFIG_INVALID: "kubeVerson" is no field of decapod.yaml',
      'sites/site-x/site.yaml:8:1: error CONFIG_INVALID: "variabels" is no field of site.yaml',
    ])
  })

  test('a patch that matches nothing is told', async () => {
    const patch = (name: string): string =>
      `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- target: {kind: ConfigMap, name: ${name}}\n  patch: '- {op: add, path: /data/x, value: y}'\n`
    workspace.write('sites/site-x/hello/hello/kustomization.yaml', patch('helo'))
    const { code, stderr } = await run('render', 'site-x')
    expect(code).toBe(0)
    expect(stderr).toContain(
      `sites/site-x/hello/hello/kustomization.yaml:4:3: warning PATCH_TARGET_MISSING: a patch changes nothing: no object matches its target (kind: ConfigMap, name: helo)
  4 | - target: {kind: ConfigMap, name: helo}
    |   ^
  hint: did you mean "hello"?
`,
    )
    // As after a render that is taken from the cache.
    expect((await run('render', 'site-x')).stderr).toContain('PATCH_TARGET_MISSING')
    workspace.write('sites/site-x/hello/hello/kustomization.yaml', patch('hello'))
    expect((await run('render', 'site-x')).stderr).not.toContain('PATCH_TARGET_MISSING')
  })

  test.each<[name: string, file: string, stderr: RegExp]>([
    [
      'bytes that are not UTF-8 in values',
      values,
      /^sites\/site-x\/hello\/site-values\.yaml:14:6: error YAML_PARSE: .*UTF-8/,
    ],
    [
      '… in the base, in a comment too',
      resources,
      /^base\/hello\/base\/resources\.yaml:17:6: error YAML_PARSE: .*UTF-8/,
    ],
    ['… in settings', settings, /^sites\/site-x\/site\.yaml:10:6: error YAML_PARSE: .*UTF-8/],
    ['… in decapod.yaml', 'decapod.yaml', /^decapod\.yaml:10:6: error YAML_PARSE: .*UTF-8/],
  ])('%s', async (_, file, stderr) => {
    appendFileSync(join(workspace.dir, file), Buffer.from('# caf\xe9\n', 'latin1'))
    const result = await run('render', 'site-x')
    expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(stderr)])
    expect(result.stderr).toContain('hint: YAML is UTF-8: save the file so')
  })

  test.each<[file: string, stderr: string]>([
    [settings, 'error FILE_INVALID: sites/site-x/site.yaml is a directory, and should be a file'],
    ['decapod.yaml', 'error FILE_INVALID: decapod.yaml is a directory, and should be a file'],
    ['base/hello/group.yaml', 'error FILE_INVALID: base/hello/group.yaml is a directory, and should be a file'],
  ])('a directory in place of %s', async (file, stderr) => {
    rmSync(join(workspace.dir, file), { force: true })
    mkdirSync(join(workspace.dir, file))
    expect(await run('render', 'site-x')).toMatchObject({ code: 1, stderr: expect.stringContaining(stderr) })
  })

  test('a file in place of a directory', async () => {
    rmSync(join(workspace.dir, 'base'), { recursive: true })
    workspace.write('base', '')
    workspace.write('rendered', '')
    const { stderr } = await run('render', 'site-x')
    expect(stderr).toContain('error WORKSPACE_INVALID: base is a file, and should be a directory\n')
    expect(stderr).toContain('error FILE_INVALID: rendered is a file, and should be a directory\n')
  })

  test('links in circles: refused where they are followed, and never taken for the chart without them', async () => {
    const templates = join(workspace.dir, 'base/hello/charts/hello/templates')
    const env = { XDG_CACHE_HOME: join(workspace.dir, 'cache') }
    const render = async (): Promise<CliResult> => await runCli(['render', 'site-x'], workspace.dir, env)
    expect((await render()).code).toBe(0)
    for (const name of ['up', 'up-too']) symlinkSync('..', join(templates, name))
    expect(await render()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('templates/up is a link to a directory above itself'),
    })
    for (const name of ['up', 'up-too']) rmSync(join(templates, name))
    expect(await render()).toMatchObject({ code: 0, stdout: 'site-x: 1 app, 3 objects: no change in 6 files\n' })
  })
})

describe('progress', () => {
  test('one line on a terminal, with counts and the current app, gone at the end', async () => {
    const { stderr } = await runCli(['render', 'site-x'], workspace.dir, {}, { terminal: true })
    expect(stderr).toMatch(/^\rsite-x {2}1\/1 {2}hello\/hello\r +\r1 site, 1 app in [\d.]+ s\n$/)
  })

  test('a dumb terminal has no line that is rewritten', async () => {
    const { stderr } = await runCli(['render', 'site-x'], workspace.dir, { TERM: 'dumb' }, { terminal: true })
    expect(stderr).toMatch(/^1 site, 1 app in [\d.]+ s\n$/)
  })

  test('elsewhere a line at the end; with --quiet none', async () => {
    expect((await run('render', 'site-x')).stderr).toMatch(/^1 site, 1 app in [\d.]+ s\n$/)
    expect((await run('render', 'site-x', '--quiet')).stderr).toBe('')
  })
})
