import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { initFiles } from '../../src/cli/init-files.ts'
import { runCli } from '../support/cli.ts'
import { TestWorkspace } from '../support/workspace.ts'

const workspaces: TestWorkspace[] = []
afterEach(() => {
  for (const workspace of workspaces.splice(0)) workspace.remove()
})

const chart = 'base/web/charts/web'

/** A site with one app of one chart, whose Deployment is as given. */
function workspaceOf(deployment: string, more: Record<string, string> = {}): TestWorkspace {
  const workspace = new TestWorkspace(
    new Map(
      Object.entries({
        'base/web/base/resources.yaml': `apiVersion: helm.fluxcd.io/v1
kind: HelmRelease
metadata:
  name: web
spec:
  chart: {type: path, path: charts/web}
  targetNamespace: web
  values: {}
`,
        [`${chart}/Chart.yaml`]: 'apiVersion: v2\nname: web\nversion: 1.0.0\n',
        [`${chart}/templates/deployment.yaml`]: deployment,
        'sites/s/web/site-values.yaml':
          'apiVersion: openinfradev.github.com/v1\nkind: HelmValuesTransformer\nmetadata: {name: s}\ncharts: [{name: web}]\n',
        ...more,
      }),
    ),
  )
  workspaces.push(workspace)
  return workspace
}

const good = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - {name: web, image: "example.com/web:1"}
`
const wrong = good.replace('spec:\n', 'spec:\n  replicas: "3"\n').replace('web:1', 'web')

test('nothing to say', async () => {
  const { dir } = workspaceOf(good)
  const { code, stdout, stderr } = await runCli(['validate', 's'], dir)
  expect([code, stdout]).toEqual([0, 's: 1 object, 0 errors, 0 warnings\n'])
  expect(stderr).toMatch(/^1 site in [\d.]+ s\n$/)
})

test('a finding: its place, the line, what it was rendered from, what to do', async () => {
  const { dir } = workspaceOf(wrong)
  const { code, stdout } = await runCli(['validate', 's'], dir)
  expect(code).toBe(1)
  expect(
    stdout,
  ).toBe(`rendered/s/web/web/Deployment_web.yaml:6:13: error schema: Deployment web: spec.replicas: must be an integer, and is the text "3"
  6 |   replicas: "3"
    |             ^
  from base/web/charts/web/templates/deployment.yaml (base/web/base/resources.yaml:4:9)
  hint: leave the quotes away
rendered/s/web/web/Deployment_web.yaml:17:16: warning image-tag: Deployment web: spec.template.spec.containers[name=web].image: "example.com/web" has no tag: latest is meant
  17 |         image: example.com/web
     |                ^
  from base/web/charts/web/templates/deployment.yaml (base/web/base/resources.yaml:4:9)
s: 1 object, 1 error, 1 warning
`)
  expect(existsSync(join(dir, 'rendered')), 'nothing is written').toBe(false)
})

test('exit codes: warnings fail with --strict alone', async () => {
  const { dir } = workspaceOf(good.replace('web:1', 'web'))
  expect((await runCli(['validate', 's'], dir)).code).toBe(0)
  expect((await runCli(['validate', 's', '--strict'], dir)).code).toBe(1)
  expect((await runCli(['validate', 's', '--strict', '--rule', 'schema'], dir)).code).toBe(0)
})

test('decapod.yaml: how bad a rule is, and what is exempt', async () => {
  const settings = `validate:
  rules: {image-tag: error, schema: off}
  exempt:
    - {rule: image-tag, objects: "web/web/Deployment_*", reason: a test}
`
  const exempt = workspaceOf(wrong, { 'decapod.yaml': settings })
  expect(await runCli(['validate', 's'], exempt.dir)).toMatchObject({
    code: 0,
    stdout: 's: 1 object, 0 errors, 0 warnings, 1 exempt\n',
  })
  const strict = workspaceOf(wrong, { 'decapod.yaml': settings.replace(/ {2}exempt[\s\S]*/, '') })
  const { code, stdout } = await runCli(['validate', 's'], strict.dir)
  expect([code, stdout]).toEqual([1, expect.stringContaining('error image-tag: ')])
})

test('a rule that is not there', async () => {
  const { dir } = workspaceOf(good)
  const { code, stderr } = await runCli(['validate', 's', '--rule', 'shcema'], dir)
  expect([code, stderr]).toEqual([2, 'error USAGE: there is no rule "shcema"\n  hint: did you mean "schema"?\n'])
  const settings = workspaceOf(good, { 'decapod.yaml': 'validate:\n  rules:\n    shcema: off\n' })
  expect(await runCli(['render', 's'], settings.dir)).toMatchObject({
    code: 1,
    stderr: `decapod.yaml:3:5: error CONFIG_INVALID: "shcema" is no field of validate.rules of decapod.yaml
  3 |     shcema: off
    |     ^
  hint: did you mean "schema"?
`,
  })
})

test('what does not render: failures on stderr, references are not looked at', async () => {
  const broken = { [`${chart}/templates/x.yaml`]: '{{ fail "no" }}' }
  const { dir } = workspaceOf(good, broken)
  const { code, stdout, stderr } = await runCli(['validate', 's'], dir)
  expect(code).toBe(1)
  expect(stdout).toBe(
    's: 0 objects, 1 failure to render, 0 errors, 0 warnings\n  not everything rendered: references between objects were not looked at\n',
  )
  expect(stderr).toContain('error TEMPLATE_EXEC: error calling fail: no')
})

test('--json', async () => {
  const { dir } = workspaceOf(wrong)
  const { code, stdout } = await runCli(['validate', 's', '--json', '--rule', 'schema'], dir)
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toEqual({
    sites: [
      {
        site: 's',
        objects: 1,
        findings: [
          {
            rule: 'schema',
            severity: 'error',
            message: 'must be an integer, and is the text "3"',
            hint: 'leave the quotes away',
            path: 'spec.replicas',
            at: { file: 'rendered/s/web/web/Deployment_web.yaml', line: 6, column: 13 },
            file: 'web/web/Deployment_web.yaml',
            object: {
              group: 'web',
              app: 'web',
              apiVersion: 'apps/v1',
              kind: 'Deployment',
              name: 'web',
              namespace: 'web',
            },
            from: {
              file: 'base/web/charts/web/templates/deployment.yaml',
              at: { file: 'base/web/base/resources.yaml', line: 4, column: 9 },
            },
          },
        ],
        exempted: 0,
        unchecked: [],
        failures: [],
        warnings: [],
      },
    ],
  })
})

test('the Kubernetes version decides', async () => {
  const pdb = 'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n'
  const { dir } = workspaceOf(pdb)
  const old = await runCli(['validate', 's', '--kube-version', '1.24'], dir)
  expect([old.code, old.stdout]).toEqual([0, expect.stringContaining('warning deprecated-api')])
  const now = await runCli(['validate', 's', '--kube-version', '1.33'], dir)
  expect([now.code, now.stdout]).toEqual([1, expect.stringContaining('error api-version')])
})

test('a part of a site: only what was asked for, but names may be anywhere', async () => {
  const uses = good.replace('web:1"', 'web:1", envFrom: [{configMapRef: {name: shared}}]')
  const { dir } = workspaceOf(uses, {
    'base/other/base/resources.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shared, namespace: web}\ndata: {a: 1}\n',
    'sites/s/other/site-values.yaml':
      'apiVersion: openinfradev.github.com/v1\nkind: HelmValuesTransformer\nmetadata: {name: s}\ncharts: []\n',
  })
  expect(await runCli(['validate', 's/web'], dir)).toMatchObject({
    code: 0,
    stdout: 's: 1 object, 0 errors, 0 warnings\n',
  })
  expect((await runCli(['validate', 's/other'], dir)).stdout).toContain('must be text, and is the integer 1')
  expect(await runCli(['validate', 's/web/nothing'], dir)).toMatchObject({
    code: 1,
    stderr: 'error APP_NOT_FOUND: s/web has no app "nothing"\n  hint: it has web\n',
  })
})

test('kinds that nobody defines are counted', async () => {
  const { dir } = workspaceOf('apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\n')
  expect((await runCli(['validate', 's'], dir)).stdout).toBe(
    's: 1 object, 0 errors, 0 warnings\n  Thing (example.com/v1): no CRD of the site defines it; 1 object not looked into\n',
  )
})

test('a plain Secret: render says so, and refuses it where it is an error', async () => {
  const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {password: x}\n'
  const warned = workspaceOf(secret)
  const { code, stderr } = await runCli(['render', 's'], warned.dir)
  expect(code).toBe(0)
  expect(stderr).toContain(`sites/s: warning SECRET_PLAIN: s: a Secret goes to the output with what it holds
  web/web/Secret_db.yaml
  hint: let a SealedSecret`)
  expect(warned.read('rendered/s/web/web/Secret_db.yaml')).toContain('password: x')
  warned.write('decapod.yaml', 'validate: {rules: {plain-secret: error}}\n')
  warned.edit(`${chart}/templates/deployment.yaml`, 'password: x', 'password: z')
  const validated = await runCli(['validate', 's'], warned.dir)
  expect([validated.code, validated.stdout]).toEqual([
    1,
    expect.stringMatching(/^\S+ error plain-secret: [\s\S]*s: 1 object, 1 error, 0 warnings\n$/),
  ])
  expect(validated.stderr).not.toContain('SECRET_PLAIN')
  const refused = await runCli(['render', 's'], warned.dir)
  expect([refused.code, refused.stdout]).toEqual([1, 's: 1 app, 1 object, 1 error: not written\n'])
  expect(refused.stderr).toContain('sites/s: error SECRET_PLAIN: ')
  expect(warned.read('rendered/s/web/web/Secret_db.yaml')).toContain('password: x')
  warned.write('decapod.yaml', 'validate: {exempt: [{objects: web/web/Secret_db, reason: a test}]}\n')
  expect((await runCli(['render', 's'], warned.dir)).stderr).not.toContain('SECRET_PLAIN')
})

test('what init makes has nothing to find', async () => {
  const workspace = new TestWorkspace(initFiles)
  workspaces.push(workspace)
  const { code, stdout } = await runCli(['validate', '--all', '--strict'], workspace.dir)
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^site-x: \d+ objects, 0 errors, 0 warnings\n$/)])
})
