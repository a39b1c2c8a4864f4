import { describe, expect, test } from 'vitest'
import { formatError } from '../../src/errors.ts'
import type { Lock } from '../../src/lock.ts'
import { imageLockKey, neededImages } from '../../src/render/images.ts'
import { type RenderSettings, renderSite, type SiteResult } from '../../src/render/pipeline.ts'
import { selectUnits } from '../../src/site/plan.ts'
import { loadConfig, loadWorkspace, type Root } from '../../src/site/workspace.ts'
import { memoryTree } from '../../src/tree.ts'

type Files = Record<string, string>

interface Given {
  readonly selectors?: readonly string[]
  readonly settings?: Partial<RenderSettings>
  readonly lock?: Lock
  readonly last?: ReadonlyMap<string, Uint8Array>
}

function render(files: Files, { selectors = ['s'], settings, lock, last }: Given = {}): SiteResult {
  const root = (label: string, prefix: string): Root => {
    const inside = Object.entries(files).filter(([path]) => path.startsWith(prefix))
    return {
      tree: memoryTree(Object.fromEntries(inside.map(([path, text]) => [path.slice(prefix.length), text]))),
      label,
    }
  }
  const project = root('', '')
  const config = loadConfig(project, [])
  const workspace = loadWorkspace(config, { project, base: root('base', 'base/'), sites: root('sites', 'sites/') })
  const [selection] = selectUnits(workspace, selectors, false)
  return renderSite(
    workspace,
    selection!,
    { kubeVersion: '1.31.0', placeholders: undefined, format: undefined, ...settings },
    {
      chart: () => {
        throw new Error('no fetched charts here')
      },
      helm: () => ({}),
      ...(lock && { lock }),
      ...(last && { last: () => last }),
    },
  )
}

/** One group with a chart, a directory for Kustomize, and objects as they are. */
const base: Files = {
  'base/g/charts/c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
  'base/g/charts/c/values.yaml': 'image: {repository: quay.io/o/web, tag: "1"}\nextra: quay.io/o/side:2\n',
  'base/g/charts/c/templates/web.yaml': `# quay.io/o/web:1 serves
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas:   1 # one
  template:
    spec:
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}" # {{ .Values.image.repository }}:{{ .Values.image.tag }}
          args: [--helper={{ .Values.extra }}, --name=quay.io]
        - {name: init, image: nginx}
`,
  'base/g/base/kustomization.yaml': 'resources: [resources.yaml]\n',
  'base/g/base/resources.yaml': `apiVersion: helm.fluxcd.io/v1
kind: HelmRelease
metadata: {name: a}
spec:
  chart: {type: path, path: charts/c}
  targetNamespace: ns
  values:
    replicas: 1
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: k}
spec: {path: ./job}
---
apiVersion: v1
kind: Pod
metadata: {name: raw}
spec:
  containers:
  - name: raw
    image: ghcr.io/o/raw:3
`,
  'base/g/job/kustomization.yaml': 'resources: [job.yaml]\nnamePrefix: my-\n',
  'base/g/job/job.yaml':
    'apiVersion: batch/v1\nkind: Job\nmetadata: {name: j}\nspec:\n  template:\n    spec:\n      containers:\n      - name: j\n        image: docker.io/o/job:4\n',
  'sites/s/g/kustomization.yaml': 'resources: [../base]\ntransformers: [site-values.yaml]\n',
  'sites/s/g/site-values.yaml': values(''),
}

function values(charts: string): string {
  return `apiVersion: openinfradev.github.com/v1\nkind: HelmValuesTransformer\nmetadata: {name: x}\nglobal: {}\ncharts: [${charts}]\n`
}

const mirrors = 'mirrors: {docker.io: m.local/hub, quay.io/o: m.local/o, ghcr.io: m.local/ghcr}\n'
const digest = `sha256:${'d'.repeat(64)}`
const lockOf = (...names: string[]): Lock => new Map(names.map(name => [`image ${name}`, { digest }]))

function texts(result: SiteResult): Record<string, string> {
  return Object.fromEntries([...result.files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]))
}

function errors(result: SiteResult): string[] {
  return result.failures.map(failure => formatError(failure.error))
}

function replaced(
  files: Record<string, string>,
  pairs: readonly (readonly [string, string])[],
): Record<string, string> {
  const replace = (text: string): string => pairs.reduce((out, [from, to]) => out.replaceAll(from, to), text)
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [path, replace(text)]))
}

describe('moving', () => {
  test('images of charts, kustomizations and plain objects move; everything else stays byte for byte', () => {
    const plain = render(base)
    const moved = render({ ...base, 'sites/s/site.yaml': mirrors })
    expect(errors(moved)).toEqual([])
    expect(texts(moved)).toEqual(
      replaced(texts(plain), [
        ['image: nginx', 'image: m.local/hub/library/nginx'],
        ['image: quay.io/o/web:1', 'image: m.local/o/web:1'],
        ['image: docker.io/o/job:4', 'image: m.local/hub/o/job:4'],
        ['image: ghcr.io/o/raw:3', 'image: m.local/ghcr/o/raw:3'],
      ]),
    )
  })

  test('verbatim: comments, quotes and blanks stay', () => {
    const settings = { format: 'verbatim' } as const
    const plain = texts(render(base, { settings }))
    const moved = texts(render({ ...base, 'sites/s/site.yaml': mirrors }, { settings }))
    expect(plain['g/a/Deployment_web.yaml']).toContain('replicas:   1 # one')
    expect(moved['g/a/Deployment_web.yaml']).toBe(
      plain['g/a/Deployment_web.yaml']!.replace('image: "quay.io/o/web:1"', 'image: "m.local/o/web:1"').replace(
        'image: nginx',
        'image: m.local/hub/library/nginx',
      ),
    )
  })

  test("a site's mirrors go before those of decapod.yaml, line by line", () => {
    const files = {
      ...base,
      'decapod.yaml': 'mirrors: {docker.io: all.local/hub, ghcr.io: all.local/ghcr}\n',
      'sites/s/site.yaml': 'mirrors: {docker.io: m.local/hub}\n',
    }
    const { images } = render(files)
    expect(images?.images.map(({ reference, target }) => [reference.path, target?.host])).toEqual([
      ['library/nginx', 'm.local'],
      ['o/job', 'm.local'],
      ['o/raw', 'all.local'],
      ['o/side', undefined],
      ['o/web', undefined],
    ])
  })

  test('what is only possible stays until decapod.yaml confirms it', () => {
    const site = { 'sites/s/site.yaml': `airgapped: true\n${mirrors}` }
    const possible = render({ ...base, ...site })
    expect(texts(possible)['g/a/Deployment_web.yaml']).toContain('--helper=quay.io/o/side:2')
    expect(possible.warnings.map(warning => [warning.code, warning.notes])).toEqual([
      ['IMAGE_UNMAPPED', ['quay.io/o/side:2']],
    ])
    const confirmed = render({ ...base, ...site, 'decapod.yaml': 'images: {confirm: ["quay.io/o/side:*"]}\n' })
    expect(texts(confirmed)['g/a/Deployment_web.yaml']).toContain('--helper=m.local/o/side:2')
    const refused = render({ ...base, ...site, 'decapod.yaml': 'images: {refuse: ["quay.io/o/side:*"]}\n' })
    expect(texts(refused)['g/a/Deployment_web.yaml']).toContain('--helper=quay.io/o/side:2')
    expect([...confirmed.warnings, ...refused.warnings]).toEqual([])
  })
})

describe('custom resources', () => {
  const crd = (group: string): string =>
    `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.${group}}\nspec:\n  group: ${group}\n  names: {kind: Thing}\n  versions:\n  - name: v1\n    schema: {openAPIV3Schema: {properties: {spec: {properties: {image: {type: string}}}}}}\n`
  const files: Files = {
    // The CRD comes with a group that is rendered after the one that uses it.
    'base/a/base/kustomization.yaml': 'resources: [thing.yaml]\n',
    'base/a/base/thing.yaml':
      'apiVersion: x.example.com/v1\nkind: Thing\nmetadata: {name: t}\nspec: {image: "o/thing:1"}\n---\napiVersion: y.example.com/v1\nkind: Thing\nmetadata: {name: u}\nspec: {image: "o/thing:1"}\n',
    'base/z/base/kustomization.yaml': 'resources: [crd.yaml]\n',
    'base/z/base/crd.yaml': crd('x.example.com'),
    'sites/s/a/kustomization.yaml': 'resources: [../base]\n',
    'sites/s/z/kustomization.yaml': 'resources: [../base]\n',
    'sites/s/site.yaml': mirrors,
  }

  test('a field that a CRD of another group declares moves; kinds without CRD are named', () => {
    const { files: written, images, failures } = render(files)
    expect(failures).toEqual([])
    const text = (path: string): string => Buffer.from(written.get(path)!).toString('utf8')
    expect(text('a/a/Thing_t.yaml')).toContain('image: m.local/hub/o/thing:1')
    expect(text('a/a/Thing_u.yaml')).toContain('image: o/thing:1')
    expect(images?.images.map(({ certainty, uses }) => [certainty, uses[0]?.file])).toEqual([
      ['confirmed', 'a/a/Thing_t.yaml'],
      ['possible', 'a/a/Thing_u.yaml'],
    ])
    expect(images?.unknown.map(({ file }) => file)).toEqual(['a/a/Thing_u.yaml'])
  })

  test('a part of a site gives the same bytes: the last render has the CRDs of the rest', () => {
    const whole = render(files)
    const part = render(files, { selectors: ['s/a'], last: whole.files })
    expect(part.files.get('a/a/Thing_t.yaml')).toEqual(whole.files.get('a/a/Thing_t.yaml'))
    // Nothing was rendered before: what the CRD says cannot be known.
    expect(texts(render(files, { selectors: ['s/a'] }))['a/a/Thing_t.yaml']).toContain('image: o/thing:1')
  })

  test('the schema of a CRD names no image', () => {
    const described = crd('x.example.com').replace('type: string', 'type: string, default: "quay.io/o/x:1"')
    expect(render({ ...files, 'base/z/base/crd.yaml': described }).images?.images.map(i => i.reference.path)).toEqual([
      'o/thing',
      'o/thing',
    ])
  })
})

describe('refusing', () => {
  const airgapped = {
    'sites/s/site.yaml': 'airgapped: true\nmirrors: {docker.io: m.local/hub, ghcr.io: m.local/ghcr}\n',
  }

  test('an image without a mirror fails its app, at the value that names it, and no other', () => {
    const result = render({
      ...base,
      ...airgapped,
      'sites/s/g/site-values.yaml': values(
        '{name: a, override: {\n  image: {\n    repository: quay.io/x/web}, fullnameOverride: web}}',
      ),
    })
    expect(errors(result)).toEqual([
      `sites/s/g/site-values.yaml:7:17: error IMAGE_UNMAPPED: s is airgapped, and none of its mirrors has quay.io/x/web:1
  used by Deployment web of base/g/charts/c/templates/web.yaml, spec.template.spec.containers[name=web].image
  in g/a of s
  hint: add "quay.io: m.local/quay.io" to mirrors of sites/s/site.yaml, or refuse it in decapod.yaml (images.refuse) if nothing pulls it`,
    ])
    expect(result.apps.map(({ app, status }) => [app, status]).sort()).toEqual([
      ['a', 'failed'],
      ['g', 'rendered'],
      ['k', 'rendered'],
    ])
    expect([...result.files.keys()].filter(path => path.startsWith('g/a/'))).toEqual([])
  })

  test("a chart's own image is shown in its values or at the release, an object's in its file", () => {
    const table = 'airgapped: true\nmirrors: {quay.io/o/side: m.local/side}\n'
    const heads = errors(render({ ...base, 'sites/s/site.yaml': table })).map(text => text.split('\n')[0])
    expect(heads.sort()).toEqual([
      'base/g/base/resources.yaml:21:12: error IMAGE_UNMAPPED: s is airgapped, and none of its mirrors has ghcr.io/o/raw:3',
      'base/g/base/resources.yaml:3:18: error IMAGE_UNMAPPED: s is airgapped, and none of its mirrors has docker.io/library/nginx',
      'base/g/charts/c/values.yaml:1:21: error IMAGE_UNMAPPED: s is airgapped, and none of its mirrors has quay.io/o/web:1',
      'base/g/job/job.yaml:9:16: error IMAGE_UNMAPPED: s is airgapped, and none of its mirrors has docker.io/o/job:4',
    ])
  })

  test('listing moves and refuses nothing, and says where each would lie', () => {
    const result = render({ ...base, ...airgapped }, { settings: { images: 'listed' } })
    expect([...errors(result), ...result.warnings]).toEqual([])
    expect(texts(result)['g/g/Pod_raw.yaml']).toContain('image: ghcr.io/o/raw:3')
    expect(neededImages([{ site: 's', images: result.images! }]).map(i => [i.reference.path, ...i.targets])).toEqual([
      ['library/nginx', 'm.local/hub/library/nginx'],
      ['o/job', 'm.local/hub/o/job:4'],
      ['o/raw', 'm.local/ghcr/o/raw:3'],
      ['o/web'],
    ])
  })

  test('what is no reference is told', () => {
    const result = render({
      ...base,
      ...airgapped,
      'sites/s/g/site-values.yaml': values('{name: a, override: {image: {repository: ""}}}'),
    })
    expect(errors(result)).toEqual([])
    expect(result.warnings.map(warning => warning.message)).toContain(
      'the image ":1" is not a reference, and nothing can pull it (spec.template.spec.containers[name=web].image of g/a/Deployment_web.yaml)',
    )
  })

  test.each<[file: string, text: string, want: string]>([
    ['sites/s/site.yaml', 'airgaped: true\n', '"airgaped" is no field of site.yaml'],
    ['sites/s/site.yaml', 'pinDigests: please\n', 'pinDigests of site.yaml must be true or false'],
    ['sites/s/site.yaml', 'mirrors: [a]\n', 'mirrors of site.yaml must be a map'],
  ])('%s: %s', (file, text, want) => {
    expect(render({ ...base, [file]: text }).failures.map(failure => failure.error.message)).toEqual([want])
  })
})

describe('pinning', () => {
  const names = ['docker.io/library/nginx:latest', 'quay.io/o/web:1', 'docker.io/o/job:4', 'ghcr.io/o/raw:3']

  test('mirrors and digests', () => {
    const files = { ...base, 'sites/s/site.yaml': `pinDigests: true\n${mirrors}` }
    expect(texts(render(files, { lock: lockOf(...names) }))).toEqual(
      replaced(texts(render(base)), [
        ['image: nginx', `image: m.local/hub/library/nginx@${digest}`],
        ['image: quay.io/o/web:1', `image: m.local/o/web:1@${digest}`],
        ['image: docker.io/o/job:4', `image: m.local/hub/o/job:4@${digest}`],
        ['image: ghcr.io/o/raw:3', `image: m.local/ghcr/o/raw:3@${digest}`],
      ]),
    )
  })

  test('digests without mirrors', () => {
    const files = { ...base, 'sites/s/site.yaml': 'pinDigests: true\n' }
    const text = texts(render(files, { lock: lockOf(...names) }))
    expect(text['g/g/Pod_raw.yaml']).toContain(`image: ghcr.io/o/raw:3@${digest}`)
  })

  test('a digest that is missing is an error that says what to run', () => {
    const files = { ...base, 'sites/s/site.yaml': `pinDigests: true\n${mirrors}` }
    expect(errors(render(files, { lock: lockOf(names[3]!) }))).toEqual([
      `base/g/charts/c/values.yaml:1:21: error LOCK_DRIFT: 2 images have no digest in decapod.lock, and s pins digests
  quay.io/o/web:1
  docker.io/library/nginx
  in g/a of s
  hint: run "decapod images s --lock"`,
      `base/g/job/job.yaml:9:16: error LOCK_DRIFT: the image docker.io/o/job:4 has no digest in decapod.lock, and s pins digests
  in g/k of s
  hint: run "decapod images s --lock"`,
    ])
  })

  test('an image that names its digest needs no lock, and a locked tag changes nothing unless asked for', () => {
    const own = `ghcr.io/o/raw:3@sha256:${'e'.repeat(64)}`
    const files = {
      ...base,
      'base/g/base/resources.yaml': base['base/g/base/resources.yaml']!.replace('ghcr.io/o/raw:3', own),
    }
    const pinned = render(
      { ...files, 'sites/s/site.yaml': 'pinDigests: true\n' },
      { lock: lockOf(...names.slice(0, 3)) },
    )
    expect(texts(pinned)['g/g/Pod_raw.yaml']).toContain(`image: ${own}`)
    const moved = render({ ...base, 'sites/s/site.yaml': mirrors }, { lock: lockOf(...names) })
    expect(texts(moved)['g/g/Pod_raw.yaml']).toContain('image: m.local/ghcr/o/raw:3\n')
  })

  test('the name of an image in the lock', () => {
    expect(imageLockKey({ host: 'docker.io', path: 'library/nginx', tag: undefined, digest: undefined })).toBe(
      'image docker.io/library/nginx:latest',
    )
  })
})
