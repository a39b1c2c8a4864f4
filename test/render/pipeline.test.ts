import { describe, expect, test } from 'vitest'
import { DecapodError, formatError } from '../../src/errors.ts'
import { withoutJourney } from '../../src/render/errors.ts'
import { withKept } from '../../src/render/keep.ts'
import { document, errors, type Files, release, render, style1, style2, texts, workspaceOf } from '../support/render.ts'

const crd =
  'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.example.com}\n'

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
    'sites/s/g/site-values.yaml:5:11: error PLACEHOLDER: global.unused still has the placeholder CHNAGEME (for CHANGEME)',
    'sites/s/g/site-values.yaml:7:29: error PLACEHOLDER: a.v still has the placeholder TO_BE_FIXED',
    'sites/s/g/site-values.yaml:8:27: error VARIABLE_UNDEFINED: variable "nope" is not defined',
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

test('a directory that sites name as a layer is no site, unless it has a site.yaml', () => {
  const layered = {
    ...style2,
    'sites/s/site.yaml': 'layers: [common]\n',
    'sites/common/g/site-values.yaml': document('charts: [{name: a, override: {v: common}}]\n'),
  }
  expect(workspaceOf(layered).sites.map(site => site.name)).toEqual(['s'])
  expect(() => render(layered, ['common'])).toThrow('no site "common" in sites')
  const both = { ...layered, 'sites/common/site.yaml': 'labels: {a: b}\n' }
  expect(workspaceOf(both).sites.map(site => site.name)).toEqual(['common', 's'])
})

test('base: takes the release as the document found it, whatever its entries say and in which order', () => {
  const entries = ['- {name: a, override: {v: of-a}}', '- {name: two, base: a, override: {w: x}}']
  for (const charts of [entries, [...entries].reverse()]) {
    const { result } = render({ ...style2, 'sites/s/g/site-values.yaml': document(`charts:\n${charts.join('\n')}\n`) })
    expect(errors(result)).toEqual([])
    expect(texts(result)['g/a/ConfigMap_a.yaml']).toContain('v: of-a')
    expect(texts(result)['g/two/ConfigMap_two.yaml']).toContain('v: base')
  }
})

test.each<[name: string, files: Record<string, string>, want: string[]]>([
  [
    'a group that the base does not have',
    { 'sites/s/gg/site-values.yaml': document('charts: []\n') },
    ['sites/s/gg: error GROUP_NOT_FOUND: the base has no group "gg"'],
  ],
  [
    'a group whose values file is misspelt: it would vanish',
    { 'base/h/base/resources.yaml': release('x'), 'sites/s/h/site-value.yaml': document('charts: []\n') },
    ['sites/s/h: error WORKSPACE_INVALID: sites/s/h has neither site-values.yaml nor kustomization.yaml'],
  ],
  [
    'a kustomization of the site that is no YAML',
    { 'sites/s/g/kustomization.yaml': 'resources: [\n' },
    ['sites/s/g/kustomization.yaml:2:1: error YAML_PARSE: invalid Kustomization: did not find expected node content'],
  ],
  [
    'resources of the base that are no YAML, without the journey there',
    { 'base/g/base/resources.yaml': 'kind: HelmRelease\n  bad: [\n' },
    ['base/g/base/resources.yaml:2:6: error YAML_PARSE: mapping values are not allowed in this context'],
  ],
  [
    'a base that is not there',
    { 'sites/s/g/kustomization.yaml': 'resources: [../bse]\n' },
    ['sites/s/g/kustomization.yaml:1:13: error FILE_NOT_FOUND: there is no base/g/bse'],
  ],
  [
    'a file of the base that is not there',
    {
      'base/g/base/kustomization.yaml': 'resources: [reources.yaml]\n',
      'sites/s/g/kustomization.yaml': 'resources: [../base]\n',
    },
    ['base/g/base/kustomization.yaml:1:13: error FILE_NOT_FOUND: there is no base/g/base/reources.yaml'],
  ],
  [
    'a patch that is not there',
    { 'sites/s/g/kustomization.yaml': 'resources: [../base]\npatches: [{path: x.yaml}]\n' },
    ['sites/s/g/kustomization.yaml:2:11: error FILE_NOT_FOUND: there is no sites/s/g/x.yaml'],
  ],
])('%s', (_, files, want) => {
  expect(errors(render({ ...style2, ...files }).result)).toEqual(want)
})

const schema =
  '{"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"v": {"type": "integer"}, "w": {"properties": {"x": {"minimum": 3}}}}}'

test('violations of a schema are told at the value that is wrong', () => {
  const { result } = render({
    ...style2,
    'base/g/base/resources.yaml': release('a', 'v: base\nw: {x: 1}'),
    'base/g/charts/c/values.schema.json': schema,
  })
  expect(result.failures.map(({ error }) => formatError(error))).toEqual([
    'sites/s/g/site-values.yaml:5:27: error VALUES_SCHEMA: v: got string, want integer\n' +
      '  the schema is base/g/charts/c/values.schema.json\n  in g/a of s',
    'base/g/base/resources.yaml:10:12: error VALUES_SCHEMA: w.x: minimum: got 1, want 3\n' +
      '  the schema is base/g/charts/c/values.schema.json\n  in g/a of s',
  ])
})

test('what several apps of a group fail by is told once', () => {
  const { result } = render({ ...style1, 'base/g/charts/c/values.yaml': 'a: 1\n- b\n' })
  expect(result.failures.map(({ error }) => [error.code, error.notes])).toEqual([
    ['CHART_INVALID', ['in g/a, g/b of s']],
  ])
  expect(result.apps.map(({ app, status }) => [app, status])).toEqual([
    ['a', 'failed'],
    ['b', 'failed'],
  ])
})

test('a chart that is not where its path says', () => {
  const { result } = render({ ...style2, 'base/g/base/resources.yaml': release('a', 'v: 1', 'cc') })
  expect(result.failures.map(({ error }) => formatError(error))).toEqual([
    'base/g/base/resources.yaml:6:29: error CHART_NOT_FOUND: no chart charts/cc\n' +
      '  in g/a of s\n' +
      '  hint: there is no base/g/charts/cc: did you mean base/g/charts/c?',
  ])
})

// Argo CD reports a directory that is not there as an error, and what waits for the app would wait for ever.
test('an app of which nothing was rendered has no Application; what waits for it waits for what it waited for', () => {
  const { result } = render({
    ...style1,
    'decapod.yaml': 'delivery: {repoURL: "https://git.example.com/m.git"}\n',
    'base/g/group.yaml': 'apps: {b: {dependsOn: [a]}, d: {dependsOn: [b]}}\n',
    'base/g/charts/off/Chart.yaml': 'apiVersion: v2\nname: off\nversion: 1.0.0\n',
    'base/g/charts/off/templates/t.yaml': '{{ if .Values.on }}kind: X{{ end }}\n',
    'base/g/base/resources.yaml': release('a') + release('b', 'v: 0', 'off') + release('d'),
  })
  expect(errors(result)).toEqual([])
  const applications = Object.entries(texts(result)).filter(([path]) => path.startsWith('argocd/Application_'))
  expect(applications.map(([path, text]) => [path, /sync-wave: (.*)/.exec(text)?.[1]])).toEqual([
    ['argocd/Application_a.yaml', '"0"'],
    ['argocd/Application_d.yaml', '"1"'],
    ['argocd/Application_s.yaml', undefined],
  ])
})

test('post-renderers of a release, then the component of the site: both are Kustomize over its objects', () => {
  const patch = (name: string, value: string): string =>
    `{target: {kind: ConfigMap}, patch: '[{"op": "add", "path": "/data/${name}", "value": "${value}"}]'}`
  const { result } = render({
    ...style2,
    'base/g/base/resources.yaml': `${release('a')}  postRenderers:\n  - kustomize: {patches: [${patch('one', 'p')}, ${patch('two', 'p')}]}\n`,
    'sites/s/g/a/kustomization.yaml': `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [${patch('two', 'site')}]\n`,
  })
  expect(errors(result)).toEqual([])
  expect(texts(result)['g/a/ConfigMap_a.yaml']).toMatch(/data:\n {2}v: site\n {2}one: p\n {2}two: site\n$/)
})

test.each<[name: string, files: Record<string, string>, want: string]>([
  [
    'a post-renderer',
    { 'base/g/base/resources.yaml': `${release('a')}  postRenderers:\n  - kustomize: {patches: [{patch: "{"}]}\n` },
    'base/g/base/resources.yaml:11:16: error PATCH_INVALID: unable to parse SM or JSON patch from [patch: "{"]',
  ],
  [
    "the site's own component",
    {
      'sites/s/g/a/kustomization.yaml':
        'kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\npatches: [{path: no.yaml}]\n',
    },
    'sites/s/g/a/kustomization.yaml:3:11: error FILE_NOT_FOUND: there is no sites/s/g/a/no.yaml',
  ],
])('%s that fails is told at its place', (_, files, want) => {
  expect(errors(render({ ...style2, ...files }).result)).toEqual([want])
})

test('all: true renders what the site does not list, too', () => {
  const { result } = render({
    ...style2,
    'sites/s/g/site-values.yaml': document('all: true\ncharts: [{name: a, override: {v: site}}]\n'),
  })
  expect([errors(result), result.warnings]).toEqual([[], []])
  expect(Object.keys(texts(result))).toEqual(['g/a/ConfigMap_a.yaml', 'g/b/ConfigMap_b.yaml'])
})

test('of a group in part, values of other apps are not complained about', () => {
  const files = {
    ...style1,
    'base/g/base/resources.yaml': release('a') + release('b', 'v: $(no)\nw: TO_BE_FIXED'),
  }
  expect(errors(render(files, ['s/g/a']).result)).toEqual([])
  expect(errors(render(files, ['s/g']).result)).toHaveLength(2)
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

test.each<[name: string, kustomization: string, want: string]>([
  [
    'a misspelt path of a kustomization',
    'resources: [../bsae]\n',
    'sites/s/g/kustomization.yaml:1:13: error FILE_NOT_FOUND: there is no base/g/bsae | did you mean base/g/base?',
  ],
])('%s', (_, kustomization, want) => {
  const { result } = render({ ...style1, 'sites/s/g/kustomization.yaml': kustomization })
  expect(result.failures.map(({ error }) => `${errors(result)[0]} | ${error.hint}`)).toEqual([want])
})

test('a site of a group that the base does not have: the groups it has', () => {
  const { result } = render({ ...style1, 'sites/s/gg/kustomization.yaml': 'resources: [../base]\n' }, ['s/gg'])
  expect(result.failures.map(({ error }) => `${errors(result)[0]} | ${error.hint}`)).toEqual([
    'sites/s/gg/kustomization.yaml:1:13: error FILE_NOT_FOUND: there is no base/gg/base: the base has no group "gg" | did you mean "g"?',
  ])
})

test('style 2: resources.yaml of a chart is a template, no list of releases', () => {
  const { result } = render({ ...style2, 'base/g/charts/c/templates/resources.yaml': '{{- if .Values.no }}{{ end }}' })
  expect(errors(result)).toEqual([])
  expect(result.apps).toHaveLength(1)
})

describe('one object in two apps of a cluster is told: the original had four, and Argo CD fights for them', () => {
  const shared = (object: string, more: Files = {}): string[] => {
    const { result } = render({
      ...style2,
      'base/g/charts/c/templates/cm.yaml': object,
      'sites/s/g/site-values.yaml': document('charts: [{name: a}, {name: b}]\n'),
      ...more,
    })
    expect(errors(result)).toEqual([])
    return result.warnings.map(({ code, message, notes }) => `${code} ${message}: ${notes.join(', ')}`)
  }
  const told = (kind: string): string[] => [
    `OUTPUT_CONFLICT s: an object is in two apps, which will fight for it in the cluster: g/b/${kind}_x.yaml and g/a/${kind}_x.yaml`,
  ]
  const role = 'apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: x}\n'
  const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n'
  const custom = 'apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: x}\n'

  test.each<[name: string, object: string, more: Files, want: string[]]>([
    ['of the whole cluster', role, {}, told('ClusterRole')],
    ['in the namespace of both', map, {}, told('ConfigMap')],
    ['each in its own namespace', map.replace('}', ', namespace: {{ .Release.Name }}}'), {}, []],
    ['apps of two namespaces', map, { 'base/g/group.yaml': 'apps: {b: {namespace: other}}\n' }, []],
    ['apps of two clusters', role, { 'base/g/group.yaml': 'apps: {b: {target: admin}}\n' }, []],
    ['of a kind that may live anywhere', custom, {}, []],
    ['exempt', role, { 'decapod.yaml': 'validate: {exempt: [{objects: g/b/*, reason: r}]}\n' }, []],
    ['off', role, { 'decapod.yaml': 'validate: {rules: {duplicate: off}}\n' }, []],
  ])('%s', (_, object, more, want) => expect(shared(object, more)).toEqual(want))
})

test('a file that the system does not let be read is told without the journey to it', () => {
  const message =
    "accumulation err='accumulating resources from 'site-values.yaml': cannot read /w/site-values.yaml: permission denied': must build at directory: '/s/site-values.yaml': file is not directory"
  const error = new DecapodError('FILE_NOT_FOUND', message, { at: { file: '/w/site-values.yaml' } })
  const told = withoutJourney(error, { file: 'sites/s/g/kustomization.yaml' }, undefined)
  expect(formatError(told)).toBe(
    'sites/s/g/kustomization.yaml: error FILE_INVALID: cannot read /w/site-values.yaml: permission denied',
  )
})

describe('an app that failed, where the rest is written all the same', () => {
  const files: Files = {
    ...style2,
    'base/g/charts/bad/Chart.yaml': 'apiVersion: v2\nname: bad\nversion: 1.0.0\n',
    'base/g/charts/bad/templates/x.yaml': '{{ fail "no" }}',
    'base/g/base/resources.yaml': release('a') + release('b', 'v: 1', 'bad'),
    'sites/s/g/site-values.yaml': document('charts: [{name: a}, {name: b}]\n'),
    'decapod.yaml': 'delivery: {repoURL: https://git.example.com/m.git}\n',
  }
  const applications = (old: Record<string, string>): string[] => {
    const last = new Map(Object.entries(old).map(([path, text]) => [path, Buffer.from(text)]))
    const { result } = render(files, ['s'], {}, { ports: { last: () => last } })
    expect(result.failures).toHaveLength(1)
    return [...result.files.keys()].filter(path => path.includes('/Application_')).sort()
  }

  test('has no Application where nothing of it is there: Argo CD would show its directory as missing', () => {
    expect(applications({})).toEqual(['argocd/Application_a.yaml', 'argocd/Application_s.yaml'])
  })

  test('keeps it where the last render left its objects', () => {
    const old = { 'g/b/ConfigMap_b.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n' }
    expect(applications(old)).toContain('argocd/Application_b.yaml')
  })
})
