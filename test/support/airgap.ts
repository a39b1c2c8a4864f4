/** Both sides of an air gap: a workspace with its sources and images on the one, a registry and a git server on the other. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeLayer, pushImage, pushIndex, registryClient } from './images.ts'
import { type RunningRegistry, type RunningServer, startRegistry } from './servers.ts'
import {
  type ChartRepository,
  chartArchive,
  makeRepository,
  startChartRepository,
  startGitHttp,
} from './source-servers.ts'
import { TestWorkspace } from './workspace.ts'

const chartFiles = {
  'values.yaml': 'image: {registry: docker.io, repository: team/web, tag: "1.0"}\n',
  'templates/web.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
      - {name: side, image: "quay.io/team/side:3"}
      containers:
      - {name: web, image: "{{ .Values.image.registry }}/{{ .Values.image.repository }}:{{ .Values.image.tag }}"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: session}
data: {seed: {{ randAlphaNum 20 | quote }}}
`,
}

const release = (url: string, tag: string): string => `apiVersion: helm.fluxcd.io/v1
kind: HelmRelease
metadata: {name: web}
spec:
  chart: {type: helmrepo, repository: ${url}, name: web, version: 1.0.0}
  releaseName: web
  targetNamespace: web
  values: {image: {tag: "${tag}"}}
`

/** Everything a journey needs; stop() ends and removes it. */
export interface AirGap {
  readonly dir: string
  readonly workspace: TestWorkspace
  readonly near: RunningRegistry
  readonly far: RunningRegistry
  readonly charts: ChartRepository
  /** The URL of the far git repository, and its directory. */
  readonly git: { readonly url: string; readonly dir: string; readonly host: string }
  /** The environment of the connected side: a cache of its own. */
  readonly env: Record<string, string>
  /** Lets the web app run another image. */
  readonly useTag: (tag: string) => void
  readonly stop: () => Promise<void>
}

/**
 * Images: docker.io/team/web:1.0 (two platforms), :1.1 (shares all but a small layer), docker.io/team/tool:2.0 (shares a
 * layer with them), quay.io/team/side:3 (a zstd layer); `size` bytes in the shared layer.
 */
export async function startAirGap(size: number): Promise<AirGap> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'decapod-airgap-')))
  const archive = chartArchive('web', '1.0.0', { files: chartFiles })
  const [near, far, charts] = await Promise.all([
    startRegistry(),
    startRegistry(),
    startChartRepository([{ name: 'web', version: '1.0.0', archive }]),
  ])
  await pushImages(near.host, size)
  const repositories = join(dir, 'git')
  mkdirSync(repositories)
  makeRepository(repositories, 'bases.git', [
    {
      files: {
        'tool/kustomization.yaml': 'resources: [job.yaml]\n',
        'tool/job.yaml': `apiVersion: batch/v1
kind: Job
metadata: {name: tool}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: tool, image: "team/tool:2.0"}]
`,
      },
      tag: 'v1',
    },
  ])
  const farGit = join(repositories, 'far.git')
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', farGit])
  execFileSync('git', ['--git-dir', farGit, 'config', 'http.receivepack', 'true'])
  const server: RunningServer = await startGitHttp(repositories)
  const workspace = new TestWorkspace(
    new Map([
      [
        'decapod.yaml',
        'kubeVersion: 1.31.0\ndelivery: {repoURL: "https://git.site-z.internal/manifests.git", revision: main}\n',
      ],
      [
        'base/store/base/kustomization.yaml',
        `resources: [resources.yaml, "git::http://${server.host}/bases.git//tool?ref=v1"]\n`,
      ],
      ['base/store/base/resources.yaml', release(charts.url, '1.0')],
      ['sites/site-z/store/kustomization.yaml', 'resources: [../base]\n'],
      [
        'sites/site-z/site.yaml',
        `airgapped: true\nmirrors:\n  docker.io: ${far.host}/docker.io\n  quay.io: ${far.host}/quay.io\ndelivery: {path: site-z}\n`,
      ],
      // Another site: none of the bundle's business.
      ['sites/site-a/store/kustomization.yaml', 'resources: [../base]\n'],
      ['sites/site-a/site.yaml', 'labels: {secret: of-site-a}\n'],
    ]),
  )
  return {
    dir,
    workspace,
    near,
    far,
    charts,
    git: { url: `http://${server.host}/far.git`, dir: farGit, host: server.host },
    // What a killed process leaves is removed with the rest.
    env: { DECAPOD_CACHE: join(dir, 'cache'), HOME: dir, TMPDIR: dir, PATH: process.env['PATH'] ?? '' },
    useTag: tag => workspace.write('base/store/base/resources.yaml', release(charts.url, tag)),
    stop: async () => {
      await Promise.all([near.stop(), far.stop(), charts.stop(), server.stop()])
      workspace.remove()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

async function pushImages(host: string, size: number): Promise<void> {
  const registry = registryClient(host)
  const shared = makeLayer('shared', size)
  for (const [tag, own] of [
    ['1.0', makeLayer('web one', 20_000)],
    ['1.1', makeLayer('web two', 20_000)],
  ] as const) {
    await pushIndex(registry, 'team/web', tag, [
      await pushImage(registry, 'team/web', undefined, 'amd64', [shared, own]),
      await pushImage(registry, 'team/web', undefined, 'arm64', [shared, makeLayer('arm', 10_000)]),
    ])
  }
  await pushImage(registry, 'team/tool', '2.0', 'amd64', [shared, makeLayer('tool', 5_000)])
  await pushImage(registry, 'team/side', '3', 'amd64', [makeLayer('side', 30_000, 'zstd')])
}
