import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type CliResult, runCli } from '../support/cli.ts'
import { makeLayer, pushImage, pushIndex, registryClient } from '../support/images.ts'
import { installed, type RunningRegistry, startRegistry } from '../support/servers.ts'
import { TestWorkspace } from '../support/workspace.ts'

const container = (name: string, image: string): string => `      - {name: ${name}, image: "${image}"}\n`
const deployment = (name: string, ...containers: string[]): string =>
  `---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: ${name}, namespace: shop}\nspec:\n  template:\n    spec:\n      containers:\n${containers.join('')}`

/** A site whose images are at `host`. */
function workspaceAt(host: string): TestWorkspace {
  return new TestWorkspace(
    new Map([
      ['base/shop/base/kustomization.yaml', 'resources: [objects.yaml]\n'],
      [
        'base/shop/base/objects.yaml',
        `${deployment('web', container('web', `${host}/team/web:1.0`), container('side', `${host}/team/side:2`))}${deployment('api', container('web', `${host}/team/web:1.0`))}---
apiVersion: v1
kind: ConfigMap
metadata: {name: "settings"}
data: {helper: "quay.io/team/helper:3", config: "image: team/config", broken: "say \\"quay.io/team/other:4\\", please"}
---
apiVersion: example.com/v1
kind: Thing
metadata: {name: 'a,"b"'}
spec: {image: team/thing:5}
`,
      ],
      ['sites/s/shop/kustomization.yaml', 'resources: [../base]\n'],
      ['sites/s/site.yaml', `mirrors: {${host}/team: mirror.local/team}\n`],
    ]),
  )
}

let workspace: TestWorkspace
const run = (args: string, screen: { columns?: number } = {}): Promise<CliResult> =>
  runCli(args.split(' '), workspace.dir, { DECAPOD_CACHE: join(workspace.dir, '.cache') }, screen)

describe('lists', () => {
  beforeEach(() => {
    workspace = workspaceAt('reg.local:5000')
  })
  afterEach(() => workspace.remove())

  test('for people', async () => {
    expect(await run('images s')).toEqual({
      code: 0,
      stderr: '',
      stdout: `s: 2 images, 4 possible, 1 object of unknown kinds

reg.local:5000/team/side:2
  → mirror.local/team/side:2
  shop/shop/Deployment_web.yaml

reg.local:5000/team/web:1.0
  → mirror.local/team/web:1.0
  shop/shop/Deployment_api.yaml
  shop/shop/Deployment_web.yaml

Possibly images; images.confirm and images.refuse of decapod.yaml decide:

docker.io/team/config
  no tag: latest is meant
  shop/shop/ConfigMap_settings.yaml
    data.config

docker.io/team/thing:5
  shop/shop/Thing_a,"b".yaml
    spec.image

quay.io/team/helper:3
  shop/shop/ConfigMap_settings.yaml
    data.helper

quay.io/team/other:4
  shop/shop/ConfigMap_settings.yaml
    data.broken

Objects of kinds that no CRD of the site defines; they may name more images:

Thing (example.com/v1): 1 object
  shop/shop a,"b"
`,
    })
  })

  test('confirmed and refused by decapod.yaml', async () => {
    workspace.write('decapod.yaml', 'images:\n  confirm: [team/thing:*]\n  refuse: ["quay.io/*", team/config]\n')
    expect((await run('images s')).stdout.split('\n')[0]).toBe('s: 3 images, 1 object of unknown kinds')
  })

  test('no line is wider than the terminal, but for what one would copy', async () => {
    workspace.edit('base/shop/base/objects.yaml', 'helper:', `${'settings-'.repeat(9)}helper:`)
    const long = [`      ${'settings-'.repeat(9)}helper`]
    for (const columns of [60, 80]) {
      const lines = (await run('images s', { columns })).stdout.split('\n')
      expect(lines.filter(line => line.length > columns)).toEqual(long)
    }
  })

  test('as CSV, with quotes where they are needed', async () => {
    const { stdout } = await run('images s --format csv')
    expect(
      stdout,
    ).toBe(`site,image,registry,repository,tag,digest,certainty,mirror,group,app,apiVersion,kind,namespace,name,file,path
s,docker.io/team/config,docker.io,team/config,,,possible,,shop,shop,v1,ConfigMap,,settings,shop/shop/ConfigMap_settings.yaml,data.config
s,docker.io/team/thing:5,docker.io,team/thing,5,,possible,,shop,shop,example.com/v1,Thing,,"a,""b""","shop/shop/Thing_a,""b"".yaml",spec.image
s,quay.io/team/helper:3,quay.io,team/helper,3,,possible,,shop,shop,v1,ConfigMap,,settings,shop/shop/ConfigMap_settings.yaml,data.helper
s,quay.io/team/other:4,quay.io,team/other,4,,possible,,shop,shop,v1,ConfigMap,,settings,shop/shop/ConfigMap_settings.yaml,data.broken
s,reg.local:5000/team/side:2,reg.local:5000,team/side,2,,confirmed,mirror.local/team/side:2,shop,shop,apps/v1,Deployment,shop,web,shop/shop/Deployment_web.yaml,spec.template.spec.containers[name=side].image
s,reg.local:5000/team/web:1.0,reg.local:5000,team/web,1.0,,confirmed,mirror.local/team/web:1.0,shop,shop,apps/v1,Deployment,shop,api,shop/shop/Deployment_api.yaml,spec.template.spec.containers[name=web].image
s,reg.local:5000/team/web:1.0,reg.local:5000,team/web,1.0,,confirmed,mirror.local/team/web:1.0,shop,shop,apps/v1,Deployment,shop,web,shop/shop/Deployment_web.yaml,spec.template.spec.containers[name=web].image
`)
  })

  test('for skopeo', async () => {
    expect((await run('images s --format skopeo')).stdout).toBe(`"reg.local:5000":
  images:
    "team/side":
      - "2"
    "team/web":
      - "1.0"
`)
  })

  test('as data', async () => {
    const { stdout } = await run('images s --json')
    const { sites } = JSON.parse(stdout)
    expect(sites).toHaveLength(1)
    expect(Object.keys(sites[0])).toEqual(['site', 'images', 'unreadable', 'unknown', 'failures'])
    expect(sites[0].images[4]).toEqual({
      image: 'reg.local:5000/team/side:2',
      registry: 'reg.local:5000',
      repository: 'team/side',
      tag: '2',
      digest: null,
      certainty: 'confirmed',
      mirror: 'mirror.local/team/side:2',
      uses: [
        {
          group: 'shop',
          app: 'shop',
          file: 'shop/shop/Deployment_web.yaml',
          object: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'shop' },
          path: 'spec.template.spec.containers[name=side].image',
        },
      ],
    })
    expect(sites[0].unknown[0].object.kind).toBe('Thing')
  })

  test('an airgapped site is listed with what no mirror has, which its render refuses', async () => {
    workspace.write('sites/s/site.yaml', 'airgapped: true\nmirrors: {reg.local:5000/team/web: m.local/web}\n')
    const listed = await run('images s')
    expect(listed.code).toBe(0)
    expect(listed.stdout).toContain('reg.local:5000/team/side:2\n  no mirror has it\n')
    const rendered = await run('render s')
    expect(rendered.code).toBe(1)
    expect(rendered.stderr).toContain(
      `base/shop/base/objects.yaml:10:29: error IMAGE_UNMAPPED: s is airgapped, and none of its mirrors has reg.local:5000/team/side:2\n`,
    )
    expect(rendered.stderr).toContain('hint: add "reg.local:5000: m.local/reg.local" to mirrors of sites/s/site.yaml')
  })

  test('what fails is told, the rest is listed', async () => {
    workspace.write('base/other/base/kustomization.yaml', 'resources: [missing.yaml]\n')
    workspace.write('sites/s/other/kustomization.yaml', 'resources: [../base]\n')
    const { code, stdout, stderr } = await run('images s')
    expect(code).toBe(1)
    expect(stdout).toContain('s: 2 images')
    expect(stderr).toContain('missing.yaml')
  })

  test.each<[args: string, code: number, want: string]>([
    ['images', 2, 'which site?'],
    ['images x', 1, 'no site "x"'],
    ['images s --update', 2, '--update goes with --lock'],
    ['images s --format xml', 2, 'Allowed choices are text, skopeo, csv'],
  ])('%s is refused', async (args, want, message) => {
    const { code, stderr } = await run(args)
    expect(code).toBe(want)
    expect(stderr).toContain(message)
  })
})

const there = installed('docker-registry')
describe.skipIf(!there)(`pins${there ? '' : ' (skipped: docker-registry not installed)'}`, () => {
  let registry: RunningRegistry
  const digests = new Map<string, string>()

  beforeAll(async () => {
    registry = await startRegistry()
    const client = registryClient(registry.host)
    const layer = makeLayer('web', 100)
    const images = [
      await pushImage(client, 'team/web', undefined, 'amd64', [layer]),
      await pushImage(client, 'team/web', undefined, 'arm64', [layer]),
    ]
    digests.set('web', await pushIndex(client, 'team/web', '1.0', images))
    digests.set('side', (await pushImage(client, 'team/side', '2', 'amd64', [layer])).manifest.digest)
  }, 30_000)
  afterAll(() => registry.stop())
  beforeEach(() => {
    workspace = workspaceAt(registry.host)
    workspace.write('sites/s/site.yaml', `pinDigests: true\nmirrors: {${registry.host}/team: mirror.local/team}\n`)
  })
  afterEach(() => workspace.remove())

  const entry = (name: string, tag: string): string =>
    `  "image ${registry.host}/team/${name}:${tag}":\n    digest: ${digests.get(name)}\n`

  test('in decapod.lock, of an index as a whole; render writes what is pinned', async () => {
    const before = await run('render s')
    expect(before.code).toBe(1)
    expect(before.stderr).toContain('hint: run "decapod images s --lock"')
    expect(await run('images --all --lock')).toEqual({
      code: 0,
      stderr: '',
      stdout: 'decapod.lock written: 2 images, 2 asked for\n',
    })
    const lock = workspace.read('decapod.lock')
    expect(lock).toMatch(new RegExp(`sources:\n${entry('side', '2')}${entry('web', '1.0')}$`))
    expect(await run('images --all --lock')).toMatchObject({
      stdout: 'decapod.lock is up to date: 2 images, 0 asked for\n',
    })
    expect((await run('render s')).code).toBe(0)
    const web = workspace.read('rendered/s/shop/shop/Deployment_web.yaml')
    expect(web).toContain(`image: mirror.local/team/web:1.0@${digests.get('web')}\n`)
    expect(web).toContain(`image: mirror.local/team/side:2@${digests.get('side')}\n`)
    expect((await run('images s')).stdout).toContain(`  digest ${digests.get('web')}\n`)
    expect((await run('images s --format skopeo')).stdout).toContain(`"team/web":\n      - "${digests.get('web')}"\n`)
  })

  test('decapod lock keeps images; --lock drops what no site runs any more', async () => {
    await run('images --all --lock')
    const pinned = workspace.read('decapod.lock')
    expect((await run('lock')).stdout).toBe('decapod.lock is up to date: 0 sources, 2 images\n')
    expect((await run('lock --frozen')).code).toBe(0)
    expect(workspace.read('decapod.lock')).toBe(pinned)
    workspace.edit('base/shop/base/objects.yaml', container('side', `${registry.host}/team/side:2`), '')
    await run('images s --lock')
    expect(workspace.read('decapod.lock')).toBe(pinned)
    await run('images --all --lock')
    expect(workspace.read('decapod.lock')).not.toContain('side')
  })

  test('a tag that moved stays pinned until --update', async () => {
    await run('images --all --lock')
    workspace.edit('decapod.lock', digests.get('side')!, `sha256:${'0'.repeat(64)}`)
    await run('images --all --lock')
    expect(workspace.read('decapod.lock')).toContain('0'.repeat(64))
    await run('images --all --lock --update')
    expect(workspace.read('decapod.lock')).toContain(entry('side', '2'))
  })

  test('from a mirror where the registry itself is out of reach', async () => {
    workspace.edit('base/shop/base/objects.yaml', registry.host, 'localhost:1')
    workspace.write('decapod.yaml', `mirrors: {"localhost:1": "${registry.host}"}\n`)
    expect((await run('images --all --lock')).code).toBe(0)
    expect(workspace.read('decapod.lock')).toContain(
      `"image localhost:1/team/web:1.0":\n    digest: ${digests.get('web')}`,
    )
  })

  test('every image that has no digest is named, and the lock stays', async () => {
    workspace.edit('base/shop/base/objects.yaml', 'team/side:2', 'team/side:3')
    workspace.write('sites/s/site.yaml', `mirrors: {${registry.host}/team: ${registry.host}/other}\n`)
    workspace.edit('base/shop/base/objects.yaml', 'team/web:1.0', 'team/web:9')
    const { code, stderr } = await run('images s --lock')
    expect(code).toBe(1)
    expect(stderr.replaceAll(registry.host, 'REG')).toBe(`error SOURCE_INVALID: no digest of REG/team/side:3
  REG/other/side:3 does not exist
  REG/team/side:3 does not exist
error SOURCE_INVALID: no digest of REG/team/web:9
  REG/other/web:9 does not exist
  REG/team/web:9 does not exist
`)
    expect(existsSync(join(workspace.dir, 'decapod.lock'))).toBe(false)
  })

  const skopeo = installed('skopeo')
  test.skipIf(!skopeo)(`skopeo sync takes the file${skopeo ? '' : ' (skipped: skopeo not installed)'}`, async () => {
    await run('images --all --lock')
    const { stdout } = await run('images s --format skopeo')
    workspace.write('images.yaml', stdout.replace('  images:', '  tls-verify: false\n  images:'))
    workspace.write('policy.json', '{"default": [{"type": "insecureAcceptAnything"}]}\n')
    const to = join(workspace.dir, 'synced')
    const args = ['--policy', 'policy.json', 'sync', '--all', '--scoped']
    const done = spawnSync('skopeo', [...args, '--src', 'yaml', '--dest', 'dir', 'images.yaml', to], {
      cwd: workspace.dir,
      encoding: 'utf8',
    })
    expect(done.stderr).toContain('Synced 2 images from 2 sources')
    const index = join(to, registry.host, `team/web@${digests.get('web')}`, 'manifest.json')
    expect(JSON.parse(readFileSync(index, 'utf8')).manifests).toHaveLength(2)
    rmSync(to, { recursive: true })
  })
})
