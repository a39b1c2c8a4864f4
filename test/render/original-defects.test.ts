// biome-ignore-all lint/suspicious/noTemplateCurlyInString: other languages' templates are data here.
/**
 * What the original loses or garbles (spec of the original, 1.4: B1 to B42), one row each: the same input rendered here.
 * Defects of the merge alone are in test/values.test.ts too; those of CI, tokens and images have tests where decapod
 * does that work (test/cli/commit.test.ts, test/io, test/bundle).
 */
import { describe, expect, test } from 'vitest'
import { machinePorts } from '../../src/io/clock.ts'
import { document, errors, type Files, release, render, style1, style2, texts } from '../support/render.ts'

/** One release "a" of a chart with the given template, overridden so; style 2. */
function one(template: string, base: string, body: string, more: Files = {}): Files {
  return {
    'base/g/charts/c/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n',
    'base/g/charts/c/templates/t.yaml': template,
    'base/g/base/resources.yaml': release('a', base),
    'sites/s/g/site-values.yaml': document(body),
    ...more,
  }
}

/** A ConfigMap whose data are the values as Helm sees them. */
const dump =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata:\n{{ toYaml .Values | indent 2 }}\n'

function override(lines: string, global = ''): string {
  const block = (text: string, by: string): string => text.replace(/^/gm, by)
  return `${global === '' ? '' : `global:\n${block(global, '  ')}\n`}charts:\n- name: a\n  override:\n${block(lines, '    ')}\n`
}

/** The data of the dump above. */
function data(files: Files, app = 'a'): string {
  const { result } = render(files)
  expect(errors(result)).toEqual([])
  return texts(result)
    [`g/${app}/ConfigMap_${app}.yaml`]!.replace(/^[\s\S]*\ndata:\s/, '')
    .replace(/^ {2}/gm, '')
}

describe('merge and variables', () => {
  test.each<[name: string, base: string, body: string, want: string]>([
    ['B2 a boolean over a string is no string', 'v: TO_BE_FIXED', override('v: false'), 'v: false\n'],
    ['B3 nulls of the base reach Helm', 'v: null\nw: 1', override('x: 2'), 'v: null\nw: 1\nx: 2\n'],
    ['B4 a, then a.b', 'v: 0', override('a: {b: 1, c: 1}\na.b: 2'), 'a:\n  b: 2\n  c: 1\nv: 0\n'],
    ['B4 a.b, then a', 'v: 0', override('a.b: 2\na: {b: 1, c: 1}'), 'a:\n  b: 1\n  c: 1\nv: 0\n'],
    [
      'B5 a path below a variable leaves the variable as it is',
      'v: 0',
      override('a: $(m)\na.extra: 1\nb: $(m)', 'm: {k: x}'),
      'a:\n  extra: 1\n  k: x\nb:\n  k: x\nv: 0\n',
    ],
    [
      'B6 a map in a map stays a map',
      'v: 0',
      override('v: {n: $(m)}', 'm: {taco-lma: enabled}'),
      'v:\n  "n":\n    taco-lma: enabled\n',
    ],
    ['B7 text keeps its type', 'v: 0', override('v: {n: $(m)}', 'm: "8080"'), 'v:\n  "n": "8080"\n'],
    ['B7 text is not parsed', 'v: 0', override('v: {n: $(m)}', 'm: "x: [1 # y"'), 'v:\n  "n": \'x: [1 # y\'\n'],
    ['B8 a million', 'v: 0', override('v: n-$(m)', 'm: 1000000'), 'v: n-1000000\n'],
    ['B9 blanks in a reference end', 'v: 0', override('v: x$( m )', 'm: 1'), 'v: x1\n'],
    [
      'B10 \\. is a literal dot',
      'v: 0',
      override('grafana\\.ini.auth: {a.b: 1}'),
      'grafana.ini:\n  auth:\n    a.b: 1\nv: 0\n',
    ],
    ['B11 a map over text', 'v: text', override('v: {a: 1}'), 'v:\n  a: 1\n'],
    ['B11 a map over a list', 'v: [1]', override('v: {a: 1}'), 'v:\n  a: 1\n'],
    ['foreign templating passes', 'v: 0', override('v: "${DB} {{ .x }}"'), 'v: ${DB} {{ .x }}\n'],
  ])('%s', (_, base, body, want) => expect(data(one(dump, base, body))).toBe(want))

  test('B3 a null deletes the default of the chart', () => {
    const files = one(dump, 'w: 1', override('v: null'), { 'base/g/charts/c/values.yaml': 'v: default\n' })
    expect(data(files)).toBe('w: 1\n')
  })

  test('B2 what the site switches off is off in a template', () => {
    const template = '{{ if .Values.v }}apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n{{ end }}'
    const { result } = render(one(template, 'v: TO_BE_FIXED', override('v: false')))
    expect(errors(result)).toEqual([])
    expect(texts(result)).toEqual({})
  })

  test.each<[name: string, base: string, body: string, want: string[]]>([
    [
      'B1 values that are no YAML',
      'v: 0',
      'charts: [\n',
      ['sites/s/g/site-values.yaml:5:1: error YAML_PARSE: did not find expected node content'],
    ],
    [
      'B9 a variable of itself',
      'v: 0',
      override('v: $(m)', 'm: x$(m)'),
      ['sites/s/g/site-values.yaml:5:6: error VARIABLE_INVALID: variable "m" refers to itself: m → m'],
    ],
    [
      'B13 a variable where there are none',
      'v: $(m)',
      'charts: [{name: a}]\n',
      ['base/g/base/resources.yaml:9:8: error VARIABLE_UNDEFINED: variable "m" is not defined'],
    ],
    [
      'B12 placeholders as a whole, in text, misspelt, in keys',
      'v: 0\nok: [CHANGE, FIX, TOD, ANG, TODAY]',
      override('a: CHANGEME-account-role\nb: xFIXMEx\nc: CHNAGEME\nd: TO_BE_FIXED\ne: {CHANGEME: 1}'),
      [
        'sites/s/g/site-values.yaml:7:8: error PLACEHOLDER: a.a still has the placeholder CHANGEME',
        'sites/s/g/site-values.yaml:8:9: error PLACEHOLDER: a.b still has the placeholder FIXME',
        'sites/s/g/site-values.yaml:9:8: error PLACEHOLDER: a.c still has the placeholder CHNAGEME (for CHANGEME)',
        'sites/s/g/site-values.yaml:10:8: error PLACEHOLDER: a.d still has the placeholder TO_BE_FIXED',
        'sites/s/g/site-values.yaml:11:9: error PLACEHOLDER: a.e.CHANGEME still has the placeholder CHANGEME',
      ],
    ],
  ])('%s', (_, base, body, want) => {
    const { result } = render(one(dump, base, body))
    expect(errors(result)).toEqual(want)
    expect(texts(result)).toEqual({})
  })
})

describe('releases and sources', () => {
  test('B14 a release that the base has twice is an error, in whatever order directories are read', () => {
    const twice = {
      'base/g/infra/aws/resources.yaml': release('a', 'v: aws'),
      'base/g/infra/byoh/resources.yaml': release('a'),
    }
    const { result } = render({ ...style2, 'base/g/base/resources.yaml': '', ...twice })
    expect(result.failures.map(({ error }) => [error.code, error.at, error.notes])).toEqual([
      [
        'RESOURCE_CONFLICT',
        { file: 'base/g/infra/byoh/resources.yaml', line: 2, column: 1 },
        ['the other one comes from base/g/infra/aws/resources.yaml:2'],
      ],
    ])
  })

  // Four sites and bases of the original have such keys; its parsers took the last.
  test('a key that a release of the base has twice: the last value counts, and the lost one is told', () => {
    const { result } = render({
      ...one(dump, 'v: 1\nw: {x: 1, x: 2}\nv: 3', 'charts: [{name: a}]\n'),
    })
    expect(errors(result)).toEqual([])
    expect(texts(result)['g/a/ConfigMap_a.yaml']).toContain('  v: 3\n  w:\n    x: 2\n')
    expect(result.warnings.map(({ at, message }) => [at?.line, at?.column, message])).toEqual([
      [9, 5, '"v" is given twice; the first value is lost'],
      [10, 9, '"x" is given twice; the first value is lost'],
    ])
  })

  test('B15 a release without values renders', () => {
    const bare = release('a').replace(/ {2}values:[\s\S]*$/, '')
    expect(data({ ...one(dump, '', 'charts: [{name: a}]\n'), 'base/g/base/resources.yaml': bare })).toBe('{}\n')
  })

  /** A release of a fetched chart. */
  const fetched = (chart: string): Files => ({
    'base/g/base/resources.yaml': `apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  chart: ${chart}\n`,
    'sites/s/g/site-values.yaml': document('global: {r: "http://mirror"}\ncharts: [{name: a}]\n'),
  })
  const files = { '/Chart.yaml': 'apiVersion: v2\nname: c\nversion: 1.0.0\n', '/templates/t.yaml': dump }

  test.each<[name: string, chart: string, source: string]>([
    [
      'a repository, whatever its last slash',
      '{repository: "http://r/", name: c, version: 1.0.0}',
      'helm http://r c 1.0.0',
    ],
    // B26: oci:// repositories went to helm pull --repo, which fails.
    ['B26 a registry', '{type: helmrepo, repository: "oci://r/p", name: c, version: 1.0.0}', 'oci r/p/c 1.0.0'],
    // B27: `tks/opa-scorecard` broke the name of the archive.
    ['B27 a name with a slash', '{repository: "http://r", name: tks/c, version: 1.0.0}', 'helm http://r tks/c 1.0.0'],
  ])('%s', (_, chart, source) => {
    const asked: string[] = []
    const get = (_: object, key: string | symbol): Files => {
      asked.push(String(key))
      return files
    }
    const charts = new Proxy<Record<string, Files>>({}, { get })
    const { result } = render(fetched(chart), ['s'], charts)
    expect(errors(result)).toEqual([])
    expect(asked).toEqual([source])
  })

  test('B16 source: counts without a kustomization too: an airgapped site reads its mirror', () => {
    const at = { ...fetched('{repository: "http://r", name: c, version: 1.0.0}') }
    at['sites/s/g/site-values.yaml'] = document(
      'global: {r: "http://mirror"}\ncharts: [{name: a, source: {repository: $(r)}}]\n',
    )
    const { result } = render(at, ['s'], { 'helm http://mirror c 1.0.0': files })
    expect(errors(result)).toEqual([])
    expect(Object.keys(texts(result))).toEqual(['g/a/ConfigMap_a.yaml'])
  })

  test('B18 an unknown type does not take the chart of the release before', () => {
    const second = release('b').replace('type: path', 'type: hlemrepo')
    const { result } = render({ ...style1, 'base/g/base/resources.yaml': release('a') + second })
    expect(errors(result)).toEqual([
      'base/g/base/resources.yaml:15:10: error SOURCE_INVALID: the chart of "b" has the unknown type "hlemrepo"',
    ])
    expect(Object.keys(texts(result))).toEqual(['g/a/ConfigMap_a.yaml'])
  })

  test('B37 a site may have docs, output or offline in its name', () => {
    const site = 'docs-output-offline'
    const files = Object.fromEntries(
      Object.entries(style2).map(([path, text]) => [path.replace('sites/s/', `sites/${site}/`), text]),
    )
    expect(Object.keys(texts(render(files, [site]).result))).toEqual(['g/a/ConfigMap_a.yaml'])
  })
})

/** What a template wrote, as files of app "a". */
function written(template: string, more: Files = {}): { files: Record<string, string>; errors: string[] } {
  const { result } = render(one(template, 'v: 0', 'charts: [{name: a}]\n', more))
  const files = Object.entries(texts(result)).map(([path, text]) => [path.replace(/^g\/a\//, ''), text])
  return { files: Object.fromEntries(files), errors: errors(result) }
}

const map = (name: string, more = ''): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`

describe('rendered files', () => {
  test('B17 a chart that fails is told, and takes nothing else with it', () => {
    const broken: Files = {
      'base/g/charts/d/Chart.yaml': 'apiVersion: v2\nname: d\nversion: 1.0.0\n',
      'base/g/charts/d/templates/t.yaml': '{{ required "no host" .Values.host }}\n',
      'base/g/base/resources.yaml': release('a', 'v: 0', 'd') + release('b'),
    }
    const { result } = render({ ...style1, ...broken })
    expect(errors(result)).toHaveLength(1)
    expect(errors(result)[0]).toMatch(/^base\/g\/charts\/d\/templates\/t\.yaml:1:4: error TEMPLATE_EXEC: .*no host/)
    expect(result.apps.map(({ app, status }) => [app, status])).toEqual([
      ['a', 'failed'],
      ['b', 'rendered'],
    ])
  })

  test('B19 --- inside a value separates nothing', () => {
    const pem = 'data:\n  cert: |\n    -----BEGIN CERTIFICATE-----\n    ---\n    -----END CERTIFICATE-----\n'
    expect(written(map('x', pem))).toEqual({ files: { 'ConfigMap_x.yaml': map('x', pem) }, errors: [] })
  })

  test('B20 separators with blanks, a carriage return or a comment separate', () => {
    const text = `${map('a')}--- \n${map('b')}---\r\n${map('c')}--- # d\n${map('d')}`
    expect(Object.keys(written(text).files)).toEqual(['a', 'b', 'c', 'd'].map(name => `ConfigMap_${name}.yaml`))
  })

  test.each([
    ['without a kind', 'apiVersion: v1\nmetadata: {name: x}\n', 'an object has no kind'],
    ['without a name', 'apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n', 'an object has no name'],
  ])('B20b a document %s is an error, no file without an ending', (_, text, want) => {
    expect(written(text).errors.join()).toContain(want)
  })

  test('B21 one kind and name in two namespaces and API groups are two files each', () => {
    const role = (namespace: string, group: string): string =>
      `---\napiVersion: ${group}/v1\nkind: Role\nmetadata: {name: x, namespace: ${namespace}}\n`
    const text = role('m', 'a.example') + role('n', 'a.example') + role('n', 'b.example')
    expect(Object.keys(written(text).files).sort()).toEqual(['Role_x.yaml', 'Role_x_n.yaml', 'Role_x_n_b.example.yaml'])
  })

  test('B22 lists and generateName', () => {
    const text =
      'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: x}}\n- {apiVersion: v1, kind: Secret, metadata: {name: y}}\n---\napiVersion: batch/v1\nkind: Job\nmetadata: {generateName: j-}\n'
    expect(Object.keys(written(text).files).sort()).toEqual(['ConfigMap_x.yaml', 'Job_j-.yaml', 'Secret_y.yaml'])
  })

  test('B23 a spec: before the name hides it from nobody', () => {
    const text = 'apiVersion: v1\nkind: Service\nspec:\n  type: ClusterIP\nmetadata:\n  name: x\n'
    expect(written(text).files).toEqual({ 'Service_x.yaml': text })
  })

  test('B24 keys keep their order, and what YAML 1.1 would take for something else keeps its meaning', () => {
    const text = map(
      'x',
      'data:\n  z: "on"\n  octal: "0755"\n  date: "2022-06-16"\n  a: "1e3"\n  equals: "="\n  sexagesimal: "1:30"\n',
    )
    expect(written(text).files).toEqual({ 'ConfigMap_x.yaml': text })
  })

  const crd = (name: string, scope = 'Cluster'): string =>
    `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: ${name}\nspec:\n  scope: ${scope}\n`

  test('B25 CRDs lie in directories too, and several in a file', () => {
    const crds = {
      'base/g/charts/c/crds/a.yaml': `${crd('a.x')}---\n${crd('b.x')}`,
      'base/g/charts/c/crds/v1/c.yaml': crd('c.x'),
    }
    const { result } = render({ ...one(map('x'), 'v: 0', 'charts: [{name: a}]\n'), ...crds })
    expect(Object.keys(texts(result)).sort()).toEqual([
      'g/a/ConfigMap_x.yaml',
      'g/g-CRD/CustomResourceDefinition_a.x.yaml',
      'g/g-CRD/CustomResourceDefinition_b.x.yaml',
      'g/g-CRD/CustomResourceDefinition_c.x.yaml',
    ])
  })

  test('B25 the templates of a -crds release are not run: what they need is for its twin to say', () => {
    const files = one('{{ fail "needs cert-manager" }}', 'v: 0', 'charts: [{name: a}, {name: a-crds}]\n', {
      'base/g/charts/c/crds/x.yaml':
        'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: x.y.z}\n',
      'base/g/base/resources.yaml': release('a') + release('a-crds'),
    })
    const { result } = render(files)
    expect(result.failures.map(({ error }) => error.notes.at(-1))).toEqual(['in g/a of s'])
    expect(Object.keys(texts(result))).toEqual(['g/g-CRD/CustomResourceDefinition_x.y.z.yaml'])
  })

  test('B40 Secrets are told before they are in git; decapod.yaml refuses them, or says why they may', () => {
    const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {tls.key: {{ .Values.v | quote }}}\n'
    const site = (settings: string): ReturnType<typeof render>['result'] =>
      render(one(secret, 'v: private', 'charts: [{name: a}]\n', { 'decapod.yaml': settings })).result
    const told = site('')
    expect(errors(told)).toEqual([])
    expect(told.warnings.map(({ code, message, notes }) => [code, message, ...notes])).toEqual([
      ['SECRET_PLAIN', 's: a Secret goes to the output with what it holds', 'g/a/Secret_s.yaml'],
    ])
    expect(errors(site('validate: {rules: {plain-secret: error}}'))).toEqual([
      'sites/s: error SECRET_PLAIN: s: a Secret goes to the output with what it holds',
    ])
    const exempt = site('validate: {exempt: [{rule: plain-secret, objects: g/a/Secret_s, reason: a test}]}')
    expect([exempt.warnings, exempt.failures]).toEqual([[], []])
  })

  test('B29 what is random stays as the last render left it, and what it is hashed into', () => {
    const template =
      '{{ $p := randAlphaNum 12 }}apiVersion: v1\nkind: Secret\nmetadata:\n  name: x\nstringData:\n  p: {{ $p }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: x\ndata:\n  sum: {{ sha256sum $p }}\n'
    const files = one(template, 'v: 0', 'charts: [{name: a}]\n')
    const ports = { helm: () => machinePorts() }
    const first = render(files, ['s'], {}, { ports }).result
    const other = render(files, ['s'], {}, { ports }).result
    const second = render(files, ['s'], {}, { ports: { ...ports, last: () => first.files } }).result
    expect(texts(other)).not.toEqual(texts(first))
    expect(texts(second)).toEqual(texts(first))
  })

  test('B35 one CRD of two charts: equal ones are one file, different ones an error that names both', () => {
    const second = (scope: string): Files => ({
      ...style1,
      'base/g/charts/c/crds/a.yaml': crd('a.x'),
      'base/g/charts/d/Chart.yaml': 'apiVersion: v2\nname: d\nversion: 1.0.0\n',
      'base/g/charts/d/crds/a.yaml': crd('a.x', scope),
      'base/g/base/resources.yaml': release('a') + release('b', 'v: 0', 'd'),
    })
    expect(errors(render(second('Cluster')).result)).toEqual([])
    const [failure] = render(second('Namespaced')).result.failures
    expect([failure?.error.code, ...(failure?.error.notes.slice(0, 2) ?? [])]).toEqual([
      'OUTPUT_CONFLICT',
      'one comes from base/g/charts/c/crds/a.yaml',
      'the other from base/g/charts/d/crds/a.yaml',
    ])
  })
})
