import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ImageTree, readImage } from '../../src/io/images.ts'
import { readFiles } from '../../src/io/output.ts'
import { type AirGap, startAirGap } from '../support/airgap.ts'
import { builtProgram } from '../support/built.ts'
import { type CliResult, runCli } from '../support/cli.ts'
import { registryClient } from '../support/images.ts'
import { installed } from '../support/servers.ts'

const there = ['docker-registry', 'git', 'zstd'].every(installed)
const why = there ? '' : ' (skipped: docker-registry, git or zstd not installed)'
let gap: AirGap
const at = (name: string): string => join(gap.dir, name)

/** Output with what differs from run to run given names. */
function plain(text: string): string {
  return gap.workspace
    .plain(text)
    .replaceAll(gap.dir, 'TMP')
    .replaceAll(gap.near.host, 'NEAR')
    .replaceAll(gap.far.host, 'FAR')
    .replaceAll(gap.charts.host, 'CHARTS')
    .replaceAll(gap.git.host, 'GIT')
    .replace(/sha256:[0-9a-f]{64}/g, 'DIGEST')
    .replace(/\b[0-9a-f]{12}\b/g, 'SHORT')
    .replace(/[\d.]+ (B|KiB|MiB)/g, 'SIZE')
}

async function bundle(...args: string[]): Promise<CliResult> {
  const { code, stdout, stderr } = await runCli(['bundle', ...args], gap.workspace.dir, gap.env)
  return { code, stdout: plain(stdout), stderr: plain(stderr) }
}
const from = (): string[] => ['--from', `docker.io=${gap.near.host}`, '--from', `quay.io=${gap.near.host}`]
const doExport = (out: string, ...more: string[]): Promise<CliResult> =>
  bundle('export', 'site-z', '--out', at(out), ...from(), ...more)
const doImport = (file: string, ...more: string[]): Promise<CliResult> =>
  bundle('import', at(file), '--registry', gap.far.host, '--git', gap.git.url, '--charts', at('vendor'), ...more)

beforeAll(async () => {
  if (!there) return
  gap = await startAirGap(300_000)
  await runCli(['fetch'], gap.workspace.dir, gap.env)
  await runCli(['render', 'site-z'], gap.workspace.dir, gap.env)
}, 60_000)
afterAll(async () => {
  await gap?.stop()
})

describe.skipIf(!there)(`the journey of a site${why}`, () => {
  test('export', async () => {
    expect(await doExport('1.bundle')).toEqual({
      code: 0,
      stderr: '',
      stdout: `TMP/1.bundle
1 Argo CD file, 1 chart, 2 branches, 3 images, 1 lock, 1 SBOM, 1 source; 21 blobs, SIZE; DIGEST
`,
    })
  })

  test('the same bytes from another directory, with another cache, in another order of the day', async () => {
    const copy = at('elsewhere')
    execFileSync('cp', ['-r', gap.workspace.dir, copy])
    execFileSync('touch', ['-d', '2001-01-01', join(copy, 'decapod.yaml')])
    const env = { ...gap.env, DECAPOD_CACHE: at('other-cache'), TZ: 'Asia/Seoul' }
    const args = ['bundle', 'export', 'site-z', '--out', at('again.bundle'), ...from(), '--jobs', '1']
    expect(await runCli(args, copy, env)).toMatchObject({ code: 0, stderr: '' })
    expect(readFileSync(at('again.bundle')).equals(readFileSync(at('1.bundle')))).toBe(true)
  })

  test('inspect', async () => {
    expect((await bundle('inspect', at('1.bundle'))).stdout.replace(/ +SIZE/g, ' SIZE')).toBe(`sites    site-z
engine   decapod 0.1.0
digest   DIGEST

argo SIZE  argocd/site-z.yaml
chart SIZE  helm http://CHARTS/repo web 1.0.0
git SIZE  manifests main
                   refs/heads/main SHORT
git SIZE  workspace
                   refs/heads/decapod-workspace SHORT
image SIZE  docker.io/team/tool:2.0
image SIZE  docker.io/team/web:1.0
                   for linux/amd64, linux/arm64
image SIZE  quay.io/team/side:3
lock SIZE  decapod.lock
sbom SIZE  sbom.cdx.json
source SIZE  git http://GIT/bases.git v1

1 Argo CD file, 1 chart, 2 branches, 3 images, 1 lock, 1 SBOM, 1 source; 21 blobs, SIZE
`)
  })

  test('another site has no part in it', async () => {
    const { stdout } = await bundle('inspect', at('1.bundle'), '--json')
    const manifest = JSON.parse(stdout) as { contents: { name: string; files?: object }[] }
    const files = Object.keys(manifest.contents.find(c => c.name === 'workspace')!.files!)
    expect(files.filter(path => path.includes('site-a'))).toEqual([])
    expect(files.slice(0, 6)).toEqual([
      'base/store/base/kustomization.yaml',
      'base/store/base/resources.yaml',
      'decapod.lock',
      'decapod.yaml',
      'rendered/site-z/argocd/AppProject_store.yaml',
      'rendered/site-z/argocd/Application_site-z.yaml',
    ])
  })

  test('sign and verify, with minisign in both directions', async () => {
    await bundle('keygen', '--out', at('key'))
    expect(await bundle('sign', at('1.bundle'), '--key', at('key.key'))).toMatchObject({
      code: 0,
      stdout: 'TMP/1.bundle.minisig\n',
    })
    expect(await bundle('verify', at('1.bundle'), '--key', at('key.pub'))).toMatchObject({
      code: 0,
      stdout:
        'TMP/1.bundle is whole and signed with the given key: 1 Argo CD file, 1 chart, 2 branches, 3 images, 1 lock, 1 SBOM, 1 source; 21 blobs, SIZE\n',
    })
    if (!installed('minisign')) return
    const minisign = (...args: string[]): string =>
      execFileSync('minisign', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
    expect(minisign('-Vm', at('1.bundle'), '-p', at('key.pub'))).toContain('Signature and comment signature verified')
    minisign('-G', '-W', '-f', '-p', at('theirs.pub'), '-s', at('theirs.key'))
    minisign('-Sm', at('1.bundle'), '-s', at('theirs.key'), '-x', at('1.bundle.minisig'))
    expect((await bundle('verify', at('1.bundle'), '--key', at('theirs.pub'))).code).toBe(0)
    expect(await bundle('verify', at('1.bundle'), '--key', at('key.pub'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('is signed with the key') as string,
    })
  })

  test('a wrong signature or a flipped byte is refused, and nothing is written', async () => {
    const bytes = readFileSync(at('1.bundle'))
    bytes[bytes.length - 3000]! ^= 1
    writeFileSync(at('bad.bundle'), bytes)
    const { code, stderr } = await doImport('bad.bundle')
    expect(code).toBe(1)
    expect(stderr).toMatch(
      /error BUNDLE_INVALID: TMP\/bad\.bundle is damaged or changed: the blob DIGEST has the content DIGEST \(at byte \d+\)/,
    )
    expect(await doImport('bad.bundle', '--key', at('key.pub'))).toMatchObject({ code: 1 })
    expect(await registryClient(gap.far.host).manifestDigest('docker.io/team/web', '1.0')).toBeUndefined()
    expect(execFileSync('git', ['--git-dir', gap.git.dir, 'branch'], { encoding: 'utf8' })).toBe('')
    expect(existsSync(at('vendor'))).toBe(false)
  })

  test('import, and again', async () => {
    expect(await doImport('1.bundle')).toEqual({
      code: 0,
      stderr: '',
      stdout: `pushed  FAR/docker.io/team/tool:2.0
pushed  FAR/docker.io/team/web:1.0
pushed  FAR/quay.io/team/side:3
pushed  FAR/charts/web:1.0.0
pushed  helm http://CHARTS/repo web 1.0.0
pushed  git http://GIT/bases.git v1
pushed  manifests main refs/heads/main
pushed  workspace refs/heads/decapod-workspace
1 Argo CD file, 1 chart, 2 branches, 3 images, 1 lock, 1 SBOM, 1 source; 21 blobs, SIZE: 8 pushed (SIZE of layers), 0 there already
`,
    })
    expect(await doImport('1.bundle')).toEqual({
      code: 0,
      stderr: '',
      stdout:
        '1 Argo CD file, 1 chart, 2 branches, 3 images, 1 lock, 1 SBOM, 1 source; 21 blobs, SIZE: 0 pushed (SIZE of layers), 8 there already\n',
    })
  })

  test('the cluster finds every image that the manifests name', async () => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['--git-dir', gap.git.dir, ...args], { encoding: 'utf8' })
    const paths = git('ls-tree', '-r', '--name-only', 'main').trim().split('\n')
    const images = paths.flatMap(path =>
      [...git('show', `main:${path}`).matchAll(/image: "?([^\s"]+)/g)].map(m => m[1]!),
    )
    expect([...new Set(images)].map(plain).sort()).toEqual([
      'FAR/docker.io/team/tool:2.0',
      'FAR/docker.io/team/web:1.0',
      'FAR/quay.io/team/side:3',
    ])
    for (const image of new Set(images)) {
      const [, path, tag] = /^[^/]+\/(.*):([^:]+)$/.exec(image)!
      const origin = path!.replace(/^(docker|quay)\.io\//, '')
      expect(await registryClient(gap.far.host).manifestDigest(path!, tag!)).toBe(
        await registryClient(gap.near.host).manifestDigest(origin, tag!),
      )
    }
  })

  const alone = there && spawnSync('unshare', ['-n', 'true']).status === 0
  test.skipIf(!alone)(
    `rendering from what was imported, without any network, gives the manifests that were carried${alone ? '' : ' (skipped: unshare -n is not permitted)'}`,
    () => {
      const site = at('site')
      execFileSync('git', ['clone', '--quiet', '--branch', 'decapod-workspace', gap.git.dir, site])
      execFileSync('git', ['clone', '--quiet', '--branch', 'main', gap.git.dir, at('manifests')])
      execFileSync('cp', ['-r', at('vendor'), join(site, 'vendor')])
      const rendered = (out: string, cwd: string, ...more: string[]): Record<string, string> => {
        // Outside random values would be new ones: what was rendered last keeps them.
        if (existsSync(join(cwd, 'rendered'))) execFileSync('cp', ['-r', join(cwd, 'rendered'), at(out)])
        const args = ['-n', '--', process.execPath, builtProgram(), 'render', 'site-z', '--out', at(out), ...more]
        const env = {
          PATH: gap.env['PATH'],
          HOME: '/nonexistent',
          DECAPOD_CACHE: more.length > 0 ? gap.env['DECAPOD_CACHE'] : at('no-cache'),
        }
        const done = spawnSync('unshare', args, { cwd, env, encoding: 'utf8' })
        expect(done).toMatchObject({ status: 0 })
        return Object.fromEntries(
          [...readFiles(join(at(out), 'site-z'))].map(([path, bytes]) => [path, bytes.toString()]),
        )
      }
      const offline = rendered('offline', site)
      const carried = Object.fromEntries(
        [...readFiles(join(at('manifests'), 'site-z'))].map(([path, bytes]) => [path, bytes.toString()]),
      )
      expect(offline).toEqual(carried)
      expect(Object.keys(offline)).toContain('store/web/ConfigMap_session.yaml')
      // The connected side, had it no mirrors, renders the same but for them.
      const settings = gap.workspace.read('sites/site-z/site.yaml')
      gap.workspace.write('sites/site-z/site.yaml', 'delivery: {path: site-z}\n')
      const connected = rendered('connected', gap.workspace.dir, '--quiet')
      gap.workspace.write('sites/site-z/site.yaml', settings)
      const back = (text: string): string =>
        text.replaceAll(`${gap.far.host}/docker.io/team/tool`, 'team/tool').replaceAll(`${gap.far.host}/`, '')
      expect(Object.fromEntries(Object.entries(offline).map(([path, text]) => [path, back(text)]))).toEqual(connected)
    },
  )

  test('a delta of one changed layer, and what it needs', async () => {
    gap.useTag('1.1')
    await runCli(['render', 'site-z'], gap.workspace.dir, gap.env)
    expect(await doExport('2.bundle', '--since', at('1.bundle'))).toEqual({
      code: 0,
      stderr: '',
      stdout: `TMP/2.bundle
1 Argo CD file, 1 chart, 2 branches, 3 images, 1 lock, 1 SBOM, 1 source; 7 blobs, SIZE; DIGEST
left out what TMP/1.bundle holds: 14 blobs, SIZE
`,
    })
    expect(readFileSync(at('2.bundle')).length).toBeLessThan(60_000)
    expect(readFileSync(at('1.bundle')).length).toBeGreaterThan(390_000)
    const empty = await startAirGap(1000)
    try {
      const args = [
        'bundle',
        'import',
        at('2.bundle'),
        '--registry',
        empty.far.host,
        '--git',
        empty.git.url,
        '--charts',
        at('nothing'),
      ]
      const { code, stderr } = await runCli(args, gap.workspace.dir, gap.env)
      expect(code).toBe(1)
      expect(stderr).toMatch(
        /this is a delta over the bundle sha256:[0-9a-f]{12}…, of which the far side lacks \d+ blobs/,
      )
      expect(stderr).toMatch(/this is a delta, and refs\/heads\/main on the git server lacks the commits it builds on/)
      expect(stderr).toMatch(/import the bundle it was made from first/)
      expect(existsSync(at('nothing'))).toBe(false)
    } finally {
      await empty.stop()
    }
    expect((await doImport('2.bundle')).stdout).toBe(`pushed  FAR/docker.io/team/web:1.1
pushed  manifests main refs/heads/main
pushed  workspace refs/heads/decapod-workspace
1 Argo CD file, 1 chart, 2 branches, 3 images, 1 lock, 1 SBOM, 1 source; 7 blobs, SIZE: 3 pushed (SIZE of layers), 4 there already
`)
  })

  test('diff says which apps, objects and images', async () => {
    expect((await bundle('diff', at('1.bundle'), at('2.bundle'))).stdout).toBe(`~ app     site-z/store/web
~ object  site-z/store/web/Deployment_web  SHORT → SHORT
- image   docker.io/team/web:1.0
+ image   docker.io/team/web:1.1
~ file    workspace: base/store/base/resources.yaml  SHORT → SHORT
~ file    workspace: rendered/site-z/store/web/Deployment_web.yaml  SHORT → SHORT
~ sbom    sbom.cdx.json  SHORT → SHORT
`)
    expect((await bundle('diff', at('1.bundle'), at('1.bundle'))).stdout).toBe('the bundles hold the same\n')
  })

  test('what is there with another content is refused, all of it at once, and replaced with --force', async () => {
    // An older state than the far side has by now.
    const { code, stdout, stderr } = await doImport('1.bundle')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/refs\/heads\/main on the git server has other commits than the bundle/)
    expect(stderr).toMatch(/refs\/heads\/decapod-workspace on the git server has other commits/)
    expect(await doImport('1.bundle', '--force')).toMatchObject({ code: 0 })
    expect(await doImport('2.bundle')).toMatchObject({ code: 0 })
  })

  test('parts are named by their number', async () => {
    expect((await doExport('s.bundle', '--split', '1MiB')).stdout).toContain('TMP/s.bundle.001\n')
    rmSync(at('s.bundle.001'))
    expect(await bundle('verify', at('s.bundle'))).toMatchObject({
      code: 1,
      stderr: 'TMP/s.bundle: error FILE_NOT_FOUND: there is no bundle TMP/s.bundle\n',
    })
  })

  test.skipIf(!installed('skopeo'))('skopeo reads our layout, and we read what skopeo writes', async () => {
    writeFileSync(at('policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}')
    const skopeo = (...args: string[]): string =>
      execFileSync('skopeo', ['--policy', at('policy.json'), ...args], { encoding: 'utf8' })
    for (const name of ['docker.io/team/web:1.0', 'quay.io/team/side:3', 'docker.io/team/tool:2.0']) {
      const raw = skopeo('inspect', '--raw', `oci-archive:${at('1.bundle')}:${name}`)
      expect(JSON.parse(raw)).toMatchObject({ schemaVersion: 2 })
    }
    const copy = (name: string, to: string, ...more: string[]): string =>
      skopeo(
        'copy',
        '--dest-tls-verify=false',
        ...more,
        `oci-archive:${at('1.bundle')}:${name}`,
        `docker://${gap.far.host}/${to}`,
      )
    const read = async (path: string): Promise<ImageTree> =>
      await readImage(registryClient(gap.far.host), { host: gap.far.host, path, tag: '1', digest: undefined })
    copy('docker.io/team/web:1.0', 'by-skopeo/web:1', '--all')
    expect((await read('by-skopeo/web')).root.digest).toBe(
      await registryClient(gap.near.host).manifestDigest('team/web', '1.0'),
    )
    // Docker's own media types, which skopeo writes when told so.
    copy('docker.io/team/tool:2.0', 'by-skopeo/tool:1', '--format', 'v2s2')
    const docker = await read('by-skopeo/tool')
    expect(docker.root.mediaType).toBe('application/vnd.docker.distribution.manifest.v2+json')
    expect(docker.blobs).toHaveLength(3)
  })

  test('one content at a time', async () => {
    const { stdout } = await bundle('extract', at('1.bundle'), 'sbom.cdx.json')
    expect(JSON.parse(stdout)).toMatchObject({ bomFormat: 'CycloneDX', components: { length: 5 } })
    expect((await bundle('extract', at('1.bundle'), 'argocd/site-z.yaml')).stdout).toMatch(
      /^apiVersion: argoproj\.io\/v1alpha1\nkind: AppProject/,
    )
    expect(await bundle('extract', at('1.bundle'), 'nothing')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('holds no "nothing"') as string,
    })
  })

  test('what cannot be exported says so and leaves nothing behind', async () => {
    expect(await bundle('export', 'site-z/store', '--out', at('no.bundle'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a bundle holds whole sites') as string,
    })
    expect(await bundle('export', 'site-z')).toMatchObject({ code: 2 })
    expect(await doExport('1.bundle', '--since', at('1.bundle'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--since and --out are the same file') as string,
    })
    expect(await doExport('no.bundle', '--platform', 'linux/s390x')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'docker.io/team/web:1.1: NEAR/team/web:1.1 is not made for linux/s390x',
      ) as string,
    })
    gap.useTag('9')
    const { code, stderr } = await doExport('no.bundle')
    expect(code).toBe(1)
    expect(stderr).toContain('docker.io/team/web:9: NEAR/team/web:9 does not exist')
    gap.useTag('1.1')
    expect(existsSync(at('no.bundle'))).toBe(false)
  })
})
