import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { runCli } from '../support/cli.ts'
import { type ChartRepository, chartArchive, startChartRepository } from '../support/source-servers.ts'

/** `decapod template` of charts that are elsewhere, and of charts whose dependencies are. */
const dir = mkdtempSync(join(tmpdir(), 'decapod-template-'))
const env = { HOME: dir, DECAPOD_CACHE: join(dir, 'cache') }
let repository: ChartRepository
const files = { 'templates/config.yaml': 'v: {{ .Chart.Name }} {{ .Chart.Version }}\n' }

beforeAll(async () => {
  repository = await startChartRepository(
    ['1.2.0', '1.3.0', '2.0.0-rc1'].map(version => ({
      name: 'web',
      version,
      archive: chartArchive('web', version, { files }),
    })),
  )
  mkdirSync(join(dir, 'umbrella/templates'), { recursive: true })
  mkdirSync(join(dir, 'near/templates'), { recursive: true })
  writeFileSync(join(dir, 'near/Chart.yaml'), 'apiVersion: v2\nname: near\nversion: 0.1.0\n')
  writeFileSync(join(dir, 'near/templates/a.yaml'), files['templates/config.yaml'])
  writeFileSync(
    join(dir, 'umbrella/Chart.yaml'),
    `apiVersion: v2
name: umbrella
version: 0.1.0
dependencies:
- {name: web, version: ~1.2, repository: "${repository.url}"}
- {name: web, version: ~1.2, repository: "${repository.url}", alias: again}
- {name: near, version: 0.1.0, repository: file://../near}
`,
  )
  mkdirSync(join(dir, 'helm'))
  writeFileSync(join(dir, 'helm/repositories.yaml'), `repositories:\n- {name: shop, url: "${repository.url}"}\n`)
})
afterAll(async () => {
  await repository.stop()
  rmSync(dir, { recursive: true })
})

const shown = (version: string): string => `---\n# Source: web/templates/config.yaml\nv: web ${version}\n`

test.each<[name: string, args: (url: string) => string[], version: string]>([
  ['the newest that is stable', url => ['web', '--repo', url], '1.3.0'],
  ['a constraint', url => ['web', '--repo', url, '--version', '~1.2'], '1.2.0'],
  ['--devel', url => ['rel', 'web', '--repo', url, '--devel'], '2.0.0-rc1'],
  ['the URL of an archive', url => [`${url}/charts/web-1.2.0.tgz`], '1.2.0'],
  ['a repository that helm knows', () => ['shop/web', '--version', '1.2.0'], '1.2.0'],
])('%s', async (_, args, version) => {
  const settings = { ...env, HELM_REPOSITORY_CONFIG: join(dir, 'helm/repositories.yaml') }
  const { code, stdout, stderr } = await runCli(['template', ...args(repository.url)], dir, settings)
  expect([stderr, code, stdout]).toEqual(['', 0, shown(version)])
})

test.each<[name: string, args: (url: string) => string[], message: (url: string) => string]>([
  [
    'no such version',
    url => ['web', '--repo', url, '--version', '9'],
    url => `chart "web" version "9" not found in ${url} repository`,
  ],
  ['no such chart', url => ['nope', '--repo', url], url => `chart "nope" not found in ${url} repository`],
  ['no such repository', () => ['x/web'], () => 'repo x not found'],
  [
    'neither path nor URL',
    () => ['web'],
    () => 'non-absolute URLs should be in form of repo_name/path_to_chart, got: web',
  ],
  ['no such path', () => ['./web'], () => 'path "./web" not found'],
])('%s fails in the words of Helm', async (_, args, message) => {
  const { code, stdout, stderr } = await runCli(['template', ...args(repository.url)], dir, env)
  expect([stderr.split('\n')[0], code, stdout]).toEqual([`Error: ${message(repository.url)}`, 1, ''])
})

test('--dependency-update brings charts/ and Chart.lock up to date, and prints what helm prints', async () => {
  const without = await runCli(['template', 'umbrella'], dir, env)
  expect(without.stderr).toContain('missing in charts/ directory: web, web, near')
  const { code, stdout, stderr } = await runCli(['template', 'umbrella', '--dependency-update'], dir, env)
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.split('---\n')[0]).toBe(
    `Getting updates for unmanaged Helm repositories...
...Successfully got an update from the "${repository.url}" chart repository
Saving 3 charts
Downloading web from repo ${repository.url}
Already downloaded web from repo ${repository.url}
Deleting outdated charts
`,
  )
  expect(stdout.match(/# Source: .*|v: .*/g)).toEqual([
    '# Source: umbrella/charts/again/templates/config.yaml',
    'v: again 1.2.0',
    '# Source: umbrella/charts/near/templates/a.yaml',
    'v: near 0.1.0',
    '# Source: umbrella/charts/web/templates/config.yaml',
    'v: web 1.2.0',
  ])
  expect(readdirSync(join(dir, 'umbrella')).sort()).toEqual(['Chart.lock', 'Chart.yaml', 'charts', 'templates'])
  expect(readdirSync(join(dir, 'umbrella/charts')).sort()).toEqual(['near-0.1.0.tgz', 'web-1.2.0.tgz'])
  expect(
    readFileSync(join(dir, 'umbrella/Chart.lock'), 'utf8')
      .replace(/"20.*"/, 'TIME')
      .replace(/(?<=sha256:)[0-9a-f]{64}/, 'HEX'),
  ).toBe(
    [
      'dependencies:',
      '- name: web',
      `  repository: ${repository.url}`,
      '  version: 1.2.0',
      '- name: web',
      `  repository: ${repository.url}`,
      '  version: 1.2.0',
      '- name: near',
      '  repository: file://../near',
      '  version: 0.1.0',
      'digest: sha256:HEX',
      'generated: TIME',
      '',
    ].join('\n'),
  )
  // What is there is not fetched again.
  expect((await runCli(['template', 'umbrella', '--dependency-update'], dir, env)).stdout).toMatch(/^---\n/)
})

/** What is wrong with a chart's dependencies, in Helm's words, after what is printed until then. */
test.each<[name: string, dependency: string, printed: string[], message: string]>([
  [
    'a directory that is not there',
    'name: x, version: 1.x, repository: file://../gone',
    [],
    'directory DIR/gone not found',
  ],
  [
    'a directory with another version',
    'name: near, version: ">=2", repository: file://../near',
    [],
    'can\'t get a valid version for 1 subchart(s): "near" (repository "file://../near", version ">=2"). Make sure a ' +
      'matching chart version exists in the repo, or change the version constraint in Chart.yaml',
  ],
  [
    'a chart that a repository lacks',
    'name: none, version: 1.x, repository: URL',
    [
      'Getting updates for unmanaged Helm repositories...',
      '...Successfully got an update from the "URL" chart repository',
    ],
    'none chart not found in repo URL',
  ],
  [
    'a constraint that is none',
    'name: near, version: x y, repository: file://../near',
    [],
    'dependency "near" has an invalid version/constraint format: improper constraint: "x y"',
  ],
  [
    'a name that no repository has',
    'name: x, version: 1.x, repository: "@x"',
    [],
    'no repository definition for @x. ' + "Please add them via 'helm repo add'",
  ],
  ['a chart of its own charts/', 'name: own, version: 1.x', [], 'directory DIR/broken/charts/own not found'],
])('--dependency-update: %s', async (_, dependency, printed, message) => {
  const filled = (text: string): string => text.replaceAll('URL', repository.url).replaceAll('DIR', dir)
  mkdirSync(join(dir, 'broken'), { recursive: true })
  const metadata = `apiVersion: v2\nname: broken\nversion: 0.1.0\ndependencies:\n- {${filled(dependency)}}\n`
  writeFileSync(join(dir, 'broken/Chart.yaml'), metadata)
  const { code, stdout, stderr } = await runCli(['template', 'broken', '--dependency-update'], dir, env)
  expect([code, stdout, stderr.split('\n')[0]]).toEqual([
    1,
    printed.map(line => `${filled(line)}\n`).join(''),
    `Error: ${filled(message)}`,
  ])
})
