import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
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

test('--dependency-update fetches what is missing and leaves the chart as it is', async () => {
  const without = await runCli(['template', 'umbrella'], dir, env)
  expect(without.stderr).toContain('missing in charts/ directory: web, web, near')
  const { code, stdout } = await runCli(['template', 'umbrella', '--dependency-update'], dir, env)
  expect(code).toBe(0)
  expect(stdout.match(/# Source: .*|v: .*/g)).toEqual([
    '# Source: umbrella/charts/again/templates/config.yaml',
    'v: again 1.2.0',
    '# Source: umbrella/charts/near/templates/a.yaml',
    'v: near 0.1.0',
    '# Source: umbrella/charts/web/templates/config.yaml',
    'v: web 1.2.0',
  ])
  expect(readdirSync(join(dir, 'umbrella')).sort()).toEqual(['Chart.yaml', 'templates'])
})
