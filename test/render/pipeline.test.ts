import { expect, test } from 'vitest'
import { formatError } from '../../src/errors.ts'
import { withKept } from '../../src/render/keep.ts'
import { renderSite, type SiteResult } from '../../src/render/pipeline.ts'
import { type Selection, selectUnits } from '../../src/site/plan.ts'
import { loadConfig, loadWorkspace, type Root } from '../../src/site/workspace.ts'
import { memoryTree } from '../../src/tree.ts'

type Files = Record<string, string>

/** Renders sites of a workspace given as data; files below base/, sites/ and at the top. */
function render(
  files: Files,
  selectors: string[] = ['s'],
  charts: Files = {},
): { result: SiteResult; selection: Selection } {
  const root = (label: string, prefix: string): Root => {
    const inside = Object.entries({ ...files, ...charts }).filter(([path]) => path.startsWith(prefix))
    return {
      tree: memoryTree(Object.fromEntries(inside.map(([path, text]) => [path.slice(prefix.length), text]))),
      label,
    }
  }
  const project = root('', '')
  const workspace = loadWorkspace(loadConfig(project, []), {
    project,
    base: root('base', 'base/'),
    sites: root('sites', 'sites/'),
  })
  const [selection] = selectUnits(workspace, selectors, false)
  const settings = { kubeVersion: '1.31.0', placeholders: undefined, format: undefined }
  const result = renderSite(workspace, selection!, settings, {
    chart: () => {
      throw new Error('no fetched charts here')
    },
    helm: () => ({}),
  })
  return { result, selection: selection! }
}

function release(name: string, values = 'v: base', chart = 'c'): string {
  const indented = values.replace(/^/gm, '    ')
  return `---\napiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: ${name}}\nspec:\n  chart: {type: path, path: charts/${chart}}\n  targetNamespace: ns\n  values:\n${indented}\n`
}

function document(body: string): string {
  return `apiVersion: openinfradev.github.com/v1\nkind: HelmValuesTransformer\nmetadata: {name: x}\n${body}`
}

const crd =
  'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\n'

/** A chart that prints `v`, and one CRD. */
const chart: Files = {
  'base/g/charts/c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
  'base/g/charts/c/templates/cm.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n  namespace: {{ .Release.Namespace }}\ndata:\n  v: {{ .Values.v | quote }}\n',
}

const style1: Files = {
  ...chart,
  'base/g/base/kustomization.yaml': 'resources: [resources.yaml]\n',
  'base/g/base/resources.yaml': release('a') + release('b'),
  'sites/s/g/kustomization.yaml': 'resources: [../base]\ntransformers: [site-values.yaml]\n',
  'sites/s/g/site-values.yaml': document('charts:\n- {name: a, override: {v: site}}\n'),
}

const style2: Files = {
  ...chart,
  'base/g/base/resources.yaml': release('a') + release('b'),
  'sites/s/g/site-values.yaml': document('charts:\n- {name: a, override: {v: site}}\n'),
}

function texts(result: SiteResult): Record<string, string> {
  return Object.fromEntries([...result.files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]))
}

function errors(result: SiteResult): string[] {
  return result.failures.map(failure => formatError(failure.error).split('\n')[0]!)
}

test('style 1: ../base is the base without copying, and every release of it renders', () => {
  const { result } = render(style1)
  expect(errors(result)).toEqual([])
  expect(Object.keys(texts(result)).sort()).toEqual(['g/a/ConfigMap_a.yaml', 'g/b/ConfigMap_b.yaml'])
  expect(texts(result)['g/a/ConfigMap_a.yaml']).toContain('v: site')
})

test('style 2: what the site lists renders; what it does not list is a warning', () => {
  const { result } = render(style2)
  expect(errors(result)).toEqual([])
  expect(Object.keys(texts(result))).toEqual(['g/a/ConfigMap_a.yaml'])
  expect(result.warnings.map(warning => warning.message)).toEqual([
    '1 release of the base is not listed under charts: and not rendered: b',
  ])
})

test('style 2 also where the kustomization names a ../base that has none', () => {
  const { result } = render({ ...style2, 'sites/s/g/kustomization.yaml': style1['sites/s/g/kustomization.yaml']! })
  expect(Object.keys(texts(result))).toEqual(['g/a/ConfigMap_a.yaml'])
})

test('a listed release that the base does not have is an error with the nearest name', () => {
  const { result } = render({
    ...style2,
    'base/g/base/resources.yaml': release('grafana'),
    'sites/s/g/site-values.yaml': document('charts:\n- {name: grafna}\n'),
  })
  expect(result.failures.map(f => formatError(f.error))).toEqual([
    'sites/s/g/site-values.yaml:5:10: error RELEASE_UNKNOWN: charts: names "grafna", which no HelmRelease is named\n' +
      '  hint: did you mean "grafana"?',
  ])
})

// B17: a failing Helm left an empty directory, and the app vanished from git without a word.
test('one app that fails is reported with its place and hides nothing of the others', () => {
  const { result } = render({
    ...style1,
    'base/g/base/resources.yaml': release('a') + release('b', 'v: base', 'broken') + release('d', 'v: x', 'absent'),
    'base/g/charts/broken/Chart.yaml': 'apiVersion: v2\nname: broken\nversion: 1.0.0\n',
    'base/g/charts/broken/templates/x.yaml': 'a: {{ fail "no" }}\n',
  })
  expect(Object.keys(texts(result))).toEqual(['g/a/ConfigMap_a.yaml'])
  expect(result.failures.map(failure => [failure.app, failure.error.code])).toEqual([
    ['b', 'TEMPLATE_EXEC'],
    ['d', 'CHART_NOT_FOUND'],
  ])
  expect(result.failures[0]!.error.at?.file).toBe('base/g/charts/broken/templates/x.yaml')
})

test('placeholders and undefined variables are listed together, and what they concern is not rendered', () => {
  const { result } = render({
    ...style2,
    'sites/s/g/site-values.yaml': document(
      'global:\n  unused: CHNAGEME\ncharts:\n- {name: a, override: {v: x-TO_BE_FIXED}}\n- {name: b, override: {v: $(nope)}}\n',
    ),
  })
  expect(errors(result)).toEqual([
    'sites/s/g/site-values.yaml:8:27: error VARIABLE_UNDEFINED: variable "nope" is not defined',
    'sites/s/g/site-values.yaml:5:11: error PLACEHOLDER: global.unused still has the placeholder CHNAGEME (for CHANGEME)',
    'sites/s/g/site-values.yaml:7:29: error PLACEHOLDER: a.v still has the placeholder TO_BE_FIXED',
  ])
  expect(result.files.size).toBe(0)
})

test('layers apply in their order, then the site, then overlays; site.yaml variables go before defaults of the base', () => {
  const { result } = render({
    ...style1,
    'base/g/base/kustomization.yaml': 'resources: [resources.yaml]\ntransformers: [site-values.yaml]\n',
    'base/g/base/site-values.yaml': document('global: {w: base}\ncharts:\n- {name: b, override: {v: $(w)}}\n'),
    'base/g/image/image-values.yaml': document('charts: [{name: a, override: {o: overlay}}]\n'),
    'base/g/charts/c/templates/cm.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n{{ toYaml .Values | indent 2 }}\n',
    'sites/s/site.yaml': 'layers: [one, two]\noverlays: [image]\nvariables: {w: outer}\n',
    'sites/one/g/site-values.yaml': document('charts: [{name: a, override: {v: one, x: one}}]\n'),
    'sites/two/g/site-values.yaml': document('charts: [{name: a, override: {v: two, y: two}}]\n'),
  })
  expect(errors(result)).toEqual([])
  expect(texts(result)['g/a/ConfigMap_a.yaml']).toBe(
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  o: overlay\n  v: site\n  x: one\n  "y": two\n',
  )
  expect(texts(result)['g/b/ConfigMap_b.yaml']).toContain('v: outer')
})

// B21: a file name of kind and name alone let the last object win. B25: -crds copied files.
test('CRDs of charts have a directory of their own; a -crds twin stands for them alone', () => {
  const { result } = render({
    ...style1,
    'base/g/base/resources.yaml': release('a') + release('a-crds'),
    'base/g/charts/c/crds/crd.yaml': crd,
  })
  expect(errors(result)).toEqual([])
  expect(Object.keys(texts(result)).sort()).toEqual([
    'g/a/ConfigMap_a.yaml',
    'g/g-CRD/CustomResourceDefinition_things.example.com.yaml',
  ])
})

test('a release named -crds without a twin is a release like any other', () => {
  const { result } = render({ ...style1, 'base/g/base/resources.yaml': release('a') + release('z-crds') })
  expect(Object.keys(texts(result))).toContain('g/z-crds/ConfigMap_z-crds.yaml')
})

test('a site in part keeps what it says nothing about; a whole one does not', () => {
  const old = new Map(
    ['g/a/Old.yaml', 'g/b/Old.yaml', 'gone/x/Old.yaml', 'argocd/Old.yaml'].map(path => [path, Buffer.from('old')]),
  )
  const part = render(style1, ['s/g/a'])
  expect([...withKept(old, part.result, part.selection).keys()].sort()).toEqual([
    'argocd/Old.yaml',
    'g/a/ConfigMap_a.yaml',
    'g/b/Old.yaml',
    'gone/x/Old.yaml',
  ])
  const whole = render(style1)
  expect([...withKept(old, whole.result, whole.selection).keys()].sort()).toEqual([
    'g/a/ConfigMap_a.yaml',
    'g/b/ConfigMap_b.yaml',
  ])
})

test('a selector that names no app says which is near', () => {
  expect(() => render(style1, ['s/g/c'])).toThrow('s/g has no app "c"')
  expect(() => render(style1, ['t'])).toThrow('no site "t" in sites')
})
