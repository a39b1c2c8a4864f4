import { describe, expect, test } from 'vitest'
import { GoTime } from '../../src/go/time.ts'
import { loadChart } from '../../src/helm/load.ts'
import { formatObject } from '../../src/render/output.ts'
import { renderSite, type SiteResult } from '../../src/render/pipeline.ts'
import { type CachePort, digestOfDirectory } from '../../src/render/unit-cache.ts'
import { selectUnits } from '../../src/site/plan.ts'
import { formatSource } from '../../src/source.ts'
import { seededRandom } from '../../src/sprig/ports.ts'
import { memoryTree } from '../../src/tree.ts'
import { document, errors, type Files, release, style1, texts, workspaceOf } from '../support/render.ts'

/** Everything around a render that is not a file of the workspace. */
interface Around {
  readonly engine?: string
  readonly kubeVersion?: string
  readonly format?: 'canonical' | 'verbatim'
  readonly fetched?: Files
  readonly last?: ReadonlyMap<string, Uint8Array>
  readonly order?: 'backward'
  readonly seed?: string
}

class MemoryCache {
  readonly entries = new Map<string, Uint8Array>()
  hits = 0
  /** Names of apps that were inflated and kept. */
  writes = 0

  render(files: Files, around: Around = {}, cached = true): SiteResult {
    const { engine = 'e', kubeVersion = '1.31.0', format, fetched = {}, last = new Map(), order, seed = 's' } = around
    const workspace = workspaceOf(files)
    const [selection] = selectUnits(workspace, ['s'], false)
    const chart = memoryTree(fetched)
    const cache: CachePort = {
      engine,
      chartLabels: [],
      chartDigest: () => digestOfDirectory(chart, '/'),
      read: key => {
        const entry = this.entries.get(key)
        if (entry !== undefined) this.hits++
        return entry
      },
      write: (key, entry) => {
        this.writes++
        this.entries.set(key, entry)
      },
    }
    const settings = { kubeVersion, placeholders: undefined, format, order }
    return renderSite(workspace, selection!, settings, {
      chart: source => ({ chart: loadChart(chart, '/', { label: formatSource(source) }), label: 'fetched' }),
      helm: () => ({ now: () => GoTime.fromMilliseconds(0), random: name => seededRandom(Buffer.from(seed), name) }),
      last: () => last,
      cache: cached ? cache : undefined,
    })
  }
}

const tool =
  'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: k}\nspec: {path: ./plain}\n'
const flux =
  'apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: f}\nspec:\n' +
  '  chart: {repository: https://charts.example.com, name: f, version: 1.0.0}\n  values: {v: 1}\n'

/** A release of a chart by path, one of a fetched chart, a kustomization, patches of both kinds. */
const files: Files = {
  ...style1,
  'base/g/base/resources.yaml': `${release('a')}---\n${flux}---\n${tool}`,
  'base/g/plain/kustomization.yaml': 'resources: [cm.yaml]\n',
  'base/g/plain/cm.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: plain}\ndata: {x: "1"}\n',
  'sites/s/g/a/kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: patch.yaml}]\n',
  'sites/s/g/a/patch.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: ns}\ndata: {p: "1"}\n',
}
const fetched: Files = {
  'Chart.yaml': 'apiVersion: v2\nname: f\nversion: 1.0.0\n',
  'templates/x.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: f}\ndata: {v: {{ .Values.v | quote }}, k: {{ .Capabilities.KubeVersion.Version | quote }}}\n',
}

test('what is unchanged comes from the cache, and is what was rendered', () => {
  const cache = new MemoryCache()
  const first = cache.render(files, { fetched })
  expect(errors(first)).toEqual([])
  expect([cache.hits, cache.writes]).toEqual([0, 3])
  const second = cache.render(files, { fetched })
  expect([cache.hits, cache.writes]).toEqual([3, 3])
  expect(texts(second)).toEqual(texts(first))
  expect(second.apps).toEqual(first.apps)
  expect(texts(cache.render(files, { fetched }, false))).toEqual(texts(first))
})

/** What of it is changed alone, and which apps then miss. */
test.each<[name: string, files: Files, around: Around, missed: number]>([
  ['nothing', {}, {}, 0],
  ['a template of a chart by path', { 'base/g/charts/c/templates/more.yaml': '# {{ 1 }}\n' }, {}, 1],
  ['a default value of a chart', { 'base/g/charts/c/values.yaml': 'w: 1\n' }, {}, 1],
  ['the version of a chart', { 'base/g/charts/c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.1\n' }, {}, 1],
  ['a file a chart reads', { 'base/g/charts/c/files/x.txt': 'x' }, {}, 1],
  ['what a chart leaves out', { 'base/g/charts/c/.helmignore': 'x\n' }, {}, 1],
  ['a CRD of a chart', { 'base/g/charts/c/crds/x.yaml': '{}\n' }, {}, 1],
  ['a fetched chart', {}, { fetched: { ...fetched, 'values.yaml': 'w: 1\n' } }, 1],
  [
    'a value of the site',
    { 'sites/s/g/site-values.yaml': document('charts:\n- {name: a, override: {v: other}}\n') },
    {},
    1,
  ],
  [
    // 1 and "1" are different values to a template.
    'the type of a value',
    { 'base/g/base/resources.yaml': files['base/g/base/resources.yaml']!.replace('{v: 1}', '{v: "1"}') },
    {},
    1,
  ],
  [
    'where a value stands, and a comment: not what it is',
    { 'sites/s/g/site-values.yaml': document('# why\ncharts:\n- {name: a, override: {v: site}}\n') },
    {},
    0,
  ],
  [
    'the namespace',
    {
      'base/g/base/resources.yaml': files['base/g/base/resources.yaml']!.replace(
        'targetNamespace: ns',
        'targetNamespace: n2',
      ),
    },
    {},
    1,
  ],
  [
    'the name of the release',
    {
      'base/g/base/resources.yaml': files['base/g/base/resources.yaml']!.replace(
        'targetNamespace:',
        'releaseName: r\n  targetNamespace:',
      ),
    },
    {},
    1,
  ],
  [
    'a post-renderer',
    {
      'base/g/base/resources.yaml': files['base/g/base/resources.yaml']!.replace(
        'targetNamespace:',
        'postRenderers: [{kustomize: {nameSuffix: -x}}]\n  targetNamespace:',
      ),
    },
    {},
    1,
  ],
  ['a patch of the site', { 'sites/s/g/a/patch.yaml': files['sites/s/g/a/patch.yaml']!.replace('"1"', '"2"') }, {}, 1],
  [
    'a new component of the site',
    { 'sites/s/g/f/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n' },
    {},
    1,
  ],
  [
    'a file of a kustomization',
    { 'base/g/plain/cm.yaml': files['base/g/plain/cm.yaml']!.replace('"1"', '"2"') },
    {},
    1,
  ],
  ['a kustomization', { 'base/g/plain/kustomization.yaml': 'resources: [cm.yaml]\nnamePrefix: x-\n' }, {}, 1],
  [
    'a field of a Flux Kustomization',
    {
      'base/g/base/resources.yaml': files['base/g/base/resources.yaml']!.replace('./plain', './plain, namePrefix: x-'),
    },
    {},
    1,
  ],
  ['the program', {}, { engine: 'f' }, 3],
  ['the Kubernetes version', {}, { kubeVersion: '1.30.0' }, 3],
  ['API versions of the cluster', { 'sites/s/site.yaml': 'apiVersions: [x/v1]\n' }, {}, 3],
  ["which Helm's semantics", { 'decapod.yaml': 'semantics: "4"\n' }, {}, 3],
  ['which CRDs are moved', { 'decapod.yaml': 'crds: all\n' }, {}, 3],
  ['the format', {}, { format: 'verbatim' }, 3],
])('changed alone: %s', (_, changed, around, missed) => {
  const cache = new MemoryCache()
  cache.render(files, { fetched })
  cache.writes = 0
  const all = { ...files, ...changed }
  const got = cache.render(all, { fetched, ...around })
  expect(cache.writes).toBe(missed)
  expect(texts(got)).toEqual(texts(new MemoryCache().render(all, { fetched, ...around }, false)))
  // And what was there before is still right.
  expect(texts(cache.render(files, { fetched }))).toEqual(texts(new MemoryCache().render(files, { fetched }, false)))
})

test('apps are inflated in the opposite order with the same result', () => {
  const forward = new MemoryCache().render(files, { fetched }, false)
  const backward = new MemoryCache().render(files, { fetched, order: 'backward' }, false)
  expect([...backward.files]).toEqual([...forward.files])
  expect(backward.apps).toEqual(forward.apps)
})

const random: Files = {
  ...style1,
  'base/g/charts/c/templates/cm.yaml':
    'apiVersion: v1\nkind: Secret\nmetadata: {name: {{ .Release.Name }}}\nstringData: {p: {{ randAlphaNum 12 }}, v: {{ .Values.v }}}\n',
}

test('a random value is kept with the render that has it, and with no other', () => {
  const cache = new MemoryCache()
  const first = cache.render(random, { seed: 'one' })
  expect(cache.writes).toBe(2)
  const again = cache.render(random, { seed: 'two', last: first.files })
  expect(cache.writes).toBe(2)
  expect(texts(again)).toEqual(texts(first))
  // Somebody changed the password in the output: it stays as they wrote it.
  const edited = new Map(first.files)
  const file = 'g/a/Secret_a.yaml'
  edited.set(file, Buffer.from(texts(first)[file]!.replace(/p: \S+/, 'p: chosenByHand')))
  expect(texts(cache.render(random, { seed: 'three', last: edited }))[file]).toContain('p: chosenByHand')
  // Without a last render there is a new one.
  expect(texts(cache.render(random, { seed: 'four' }))[file]).not.toBe(texts(first)[file])
})

test('a failure is kept, and told again as long as its lines are where they were', () => {
  const broken: Files = {
    ...style1,
    'base/g/charts/c/templates/x.yaml': '{{ if eq .Values.v "site" }}{{ fail "no" }}{{ end }}',
  }
  const cache = new MemoryCache()
  const first = cache.render(broken)
  expect(first.failures).toHaveLength(1)
  expect(cache.writes).toBe(2)
  const second = cache.render(broken)
  expect(cache.writes).toBe(2)
  expect(errors(second)).toEqual(errors(first))
  expect(second.apps).toEqual(first.apps)
  cache.render({ ...broken, 'sites/s/g/site-values.yaml': `\n${broken['sites/s/g/site-values.yaml']}` })
  expect(cache.writes).toBe(3)
})

test('a release is rendered anew when a chart that its chart depends on changes', () => {
  const nested: Files = {
    ...style1,
    'base/g/charts/c/Chart.yaml':
      'apiVersion: v2\nname: c\nversion: 1.0.0\ndependencies: [{name: d, version: 1.0.0, repository: file://../d}]\n',
    'base/g/charts/d/Chart.yaml': 'apiVersion: v2\nname: d\nversion: 1.0.0\n',
    'base/g/charts/d/templates/x.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-d}\n',
  }
  const cache = new MemoryCache()
  expect(errors(cache.render(nested))).toEqual([])
  cache.render(nested)
  expect(cache.writes).toBe(2)
  const changed = { ...nested, 'base/g/charts/d/values.yaml': 'x: 1\n' }
  cache.render(changed)
  expect(cache.writes).toBe(4)
})

test('what is moved to mirrors is moved also when it comes from the cache', () => {
  const pods: Files = {
    ...style1,
    'base/g/charts/c/templates/cm.yaml':
      'apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\nspec: {containers: [{name: c, image: "docker.io/library/nginx:1"}]}\n',
  }
  const mirrored = (host: string): Files => ({ ...pods, 'sites/s/site.yaml': `mirrors: {docker.io: ${host}}\n` })
  const cache = new MemoryCache()
  cache.render(pods)
  expect(cache.writes).toBe(2)
  for (const host of ['one.example.com/x', 'two.example.com/x']) {
    const moved = cache.render(mirrored(host))
    expect(cache.writes).toBe(2)
    expect(texts(moved)['g/a/Pod_a.yaml']).toContain(`image: ${host}/library/nginx:1\n`)
    expect(texts(moved)).toEqual(texts(new MemoryCache().render(mirrored(host), {}, false)))
  }
})

describe.each(['canonical', 'verbatim'] as const)('the objects of crds/, %s', format => {
  const crd = (kind: string): string =>
    `# what ${kind} is\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n` +
    `metadata: { name: ${kind}s.example.com }\nspec: {group: example.com, names: {kind: ${kind}}}\n`
  const withCrds: Files = {
    ...style1,
    'decapod.yaml': 'crds: all\n',
    'base/g/charts/c/crds/one.yaml': crd('One'),
    'base/g/charts/c/crds/more.yaml': `${crd('Two')}---\n${crd('Three')}`,
    'base/g/charts/c/templates/crd.yaml': crd('Four'),
  }
  const value = (v: string): Files => ({
    ...withCrds,
    'sites/s/g/site-values.yaml': document(`charts:\n- {name: a, override: {v: ${v}}}\n`),
  })
  const plainly = (files: Files): SiteResult => new MemoryCache().render(files, { format }, false)

  test('are worked out once for all releases of a chart, and not again where a value changes', () => {
    const cache = new MemoryCache()
    const first = cache.render(withCrds, { format })
    expect(errors(first)).toEqual([])
    expect(Object.keys(texts(first)).filter(path => path.includes('-CRD/'))).toHaveLength(4)
    // Two releases and what their chart has in crds/: the second release takes that from the first.
    expect([cache.hits, cache.writes]).toEqual([1, 3])
    const changed = cache.render(value('other'), { format })
    expect([cache.hits, cache.writes]).toEqual([3, 4])
    expect(texts(changed)).toEqual(texts(plainly(value('other'))))
    expect([...changed.objects].map(([path, { origin, at }]) => [path, origin, at])).toEqual(
      [...plainly(value('other')).objects].map(([path, { origin, at }]) => [path, origin, at]),
    )
  })

  test('are worked out anew when one of the files changes', () => {
    const cache = new MemoryCache()
    cache.render(withCrds, { format })
    const changed = { ...withCrds, 'base/g/charts/c/crds/one.yaml': crd('Five') }
    expect(texts(cache.render(changed, { format }))).toEqual(texts(plainly(changed)))
    expect(cache.writes).toBe(6)
  })

  test('are looked into like others', () => {
    const cache = new MemoryCache()
    cache.render(withCrds, { format })
    const moving = { ...value('other'), 'sites/s/site.yaml': 'mirrors: {docker.io: m.example.com/x}\n' }
    const moved = cache.render(moving, { format })
    expect(errors(moved)).toEqual([])
    expect(texts(moved)).toEqual(texts(plainly(moving)))
    expect([...moved.objects.values()].map(({ node }) => formatObject(node))).toEqual(
      [...plainly(moving).objects.values()].map(({ node }) => formatObject(node)),
    )
  })
})
