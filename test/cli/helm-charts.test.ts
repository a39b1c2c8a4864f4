/** helmCharts of a workspace's kustomizations, end to end: from a chart repository and a registry to rendered files. */
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Registry, sha256 } from '../../src/io/registry.ts'
import { installed, type RunningRegistry, startRegistry } from '../support/servers.ts'
import { type ChartRepository, chartArchive, startChartRepository } from '../support/source-servers.ts'
import { SourceWorkspace } from '../support/source-workspace.ts'

const template = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  chart: {{ .Chart.Name }}-{{ .Chart.Version }}
  from: {{ .Values.from | quote }}
  file: {{ .Values.file | default "none" }}
`
const archive = (name: string, version: string): Buffer =>
  chartArchive(name, version, { files: { 'templates/config.yaml': template, 'values.yaml': 'from: chart\n' } })

/** Puts a packaged chart into a registry, as `helm push` does. */
async function push(host: string, name: string, version: string): Promise<void> {
  const registry = new Registry(host, {
    http: { env: {}, sleep: async () => {} },
    credentials: async () => undefined,
  })
  const repository = `charts/${name}`
  const blob = async (mediaType: string, bytes: Buffer): Promise<object> => {
    const descriptor = { digest: sha256(bytes), size: bytes.length }
    await registry.pushBlob(repository, descriptor, (start, end) => Readable.from([bytes.subarray(start, end)]))
    return { mediaType, ...descriptor }
  }
  const config = await blob('application/vnd.cncf.helm.config.v1+json', Buffer.from('{}'))
  const layer = await blob('application/vnd.cncf.helm.chart.content.v1.tar+gzip', archive(name, version))
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }))
  await registry.pushManifest(repository, version, { mediaType, digest: sha256(bytes), bytes })
}

const there = installed('docker-registry')
describe.skipIf(!there)(`helmCharts${there ? '' : ' (skipped: docker-registry not installed)'}`, () => {
  let repository: ChartRepository
  let registry: RunningRegistry
  let workspace: SourceWorkspace
  const run = (args: string) => workspace.run(args, { REPO: repository.host, REGISTRY: registry.host })

  beforeAll(async () => {
    repository = await startChartRepository(
      ['1.0.0', '1.1.0'].map(version => ({ name: 'near', version, archive: archive('near', version) })),
    )
    registry = await startRegistry()
    await push(registry.host, 'far', '2.0.0')
    workspace = new SourceWorkspace({})
    workspace.write('base/app/base/resources.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\n')
    workspace.write('base/app/base/more.yaml', 'file: given\n')
    workspace.write(
      'base/app/base/kustomization.yaml',
      `resources: [resources.yaml]
namespace: app
helmCharts:
- {name: near, repo: "${repository.url}", version: ~1.0, releaseName: first, additionalValuesFiles: [more.yaml]}
- {name: far, repo: "oci://${registry.host}/charts", version: 2.0.0, releaseName: second, valuesInline: {from: inline}}
`,
    )
    workspace.write(
      'sites/site-x/app/kustomization.yaml',
      'resources: [../base]\npatches:\n- target: {name: first}\n  patch: "- {op: add, path: /data/patched, value: here}"\n',
    )
  })
  let serving = true
  const stopServers = async (): Promise<void> => {
    if (!serving) return
    serving = false
    await repository.stop()
    await registry.stop()
  }
  afterAll(async () => {
    workspace.remove()
    await stopServers()
  })

  test('what has not been fetched is told to be missing', async () => {
    const { code, stderr } = await run('render site-x')
    expect(code).toBe(1)
    expect(stderr).toContain(
      'base/app/base/kustomization.yaml:4:3: error REMOTE_UNRESOLVED: chart near ~1.0 of http://REPO/repo has not been fetched',
    )
    expect(stderr).toContain('run decapod fetch')
  })

  test('fetch pins them', async () => {
    expect(await run('fetch')).toMatchObject({ code: 0 })
    const lock = workspace
      .read('decapod.lock')
      .replaceAll(repository.host, 'REPO')
      .replaceAll(registry.host, 'REGISTRY')
    expect(lock).toContain('helm http://REPO/repo near ~1.0')
    expect(lock).toContain('1.0.0')
    expect(lock).toContain('oci REGISTRY/charts/far 2.0.0')
  })

  test('vendored, they are rendered with the network gone and the cache empty', async () => {
    expect((await run('vendor')).code).toBe(0)
    await stopServers()
    workspace.env['DECAPOD_CACHE'] += '-empty'
    const { code, stderr } = await run('render site-x')
    expect([stderr, code]).toEqual([expect.stringMatching(/^1 site, 1 app in .*\n$/), 0])
    const shown = (name: string) => workspace.read(`rendered/site-x/app/app/${name}`)
    expect(shown('ConfigMap_plain.yaml')).toContain('namespace: app')
    const object = (name: string, data: string): string =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: app\ndata:\n${data}`
    expect(shown('ConfigMap_first.yaml')).toBe(
      object('first', '  chart: near-1.0.0\n  from: chart\n  file: given\n  patched: here\n'),
    )
    expect(shown('ConfigMap_second.yaml')).toBe(object('second', '  chart: far-2.0.0\n  from: inline\n  file: none\n'))
  })
})
