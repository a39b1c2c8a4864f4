// biome-ignore-all lint/suspicious/noTemplateCurlyInString: other languages' templates are data here.

import { expect, test } from 'vitest'
import { DecapodErrors, formatError } from '../../src/errors.ts'
import { transformReleases } from '../../src/values/apply.ts'
import { type ValuesContext, valuesContext } from '../../src/values/context.ts'
import { expandReleases } from '../../src/values/expand.ts'
import { originOf } from '../../src/values/origin.ts'
import { splitPath } from '../../src/values/path.ts'
import type { YamlMap, YamlNode } from '../../src/yaml/node.ts'
import { parseNode } from '../../src/yaml/parse.ts'
import { plain } from '../support/yaml.ts'

function release(values: string, name = 'app'): YamlMap {
  const text = `apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: {name: ${name}}\nspec:\n  chart: {name: c, repository: r, version: "1"}\n  values:\n${indent(values, 4)}`
  return parseNode(text, { file: 'base.yaml', dialect: 'v3' }) as YamlMap
}

function document(body: string, file = 'site-values.yaml'): YamlNode {
  const text = `apiVersion: openinfradev.github.com/v1\nkind: HelmValuesTransformer\nmetadata: {name: site}\n${body}`
  return parseNode(text, { file, dialect: 'v3' })!
}

function indent(text: string, by: number): string {
  return text
    .trim()
    .split('\n')
    .map(line => ' '.repeat(by) + line)
    .join('\n')
}

/** Applies documents to one release with the given values and gives the values, or the error messages. */
function merge(base: string, ...bodies: string[]): unknown {
  const context = valuesContext()
  const node = release(base)
  for (const body of bodies) transformReleases(document(body), [node], context)
  expandReleases([node], context)
  if (context.errors.length > 0) return messages(context)
  return plain((node.get('spec') as YamlMap).get('values')!)
}

function messages(context: ValuesContext): string[] {
  return context.errors.map(error => formatError(error).split('\n')[0]!)
}

function override(text: string, global = ''): string {
  return `${global === '' ? '' : `global:\n${indent(global, 2)}\n`}charts:\n- name: app\n  override:\n${indent(text, 4)}`
}

test.each<[name: string, base: string, document: string, want: unknown]>([
  ['maps merge', 'a: {b: 1, c: 2}', override('a: {c: 3}'), { a: { b: 1, c: 3 } }],
  [
    'a dotted key is a path',
    'a: {b: 1, c: 2}',
    override('a.c: 3\nx.y.z: 1'),
    { a: { b: 1, c: 3 }, x: { y: { z: 1 } } },
  ],
  // B10: the Python renderer lost grafana.ini's settings under a key `grafana\`.
  [
    '\\. is a literal dot',
    'x: 1',
    override('grafana\\.ini.server: {a: 1}'),
    { x: 1, 'grafana.ini': { server: { a: 1 } } },
  ],
  ['dots of nested keys are not split', 'x: 1', override('a: {b.c: 1}'), { x: 1, a: { 'b.c': 1 } }],
  ['lists replace', 'a: [1, 2, 3]', override('a: [9]'), { a: [9] }],
  ['an empty list replaces', 'a: [1]', override('a: []'), { a: [] }],
  ['an empty map changes nothing', 'a: {b: 1}', override('a: {}'), { a: { b: 1 } }],
  // B2 (Q1): a boolean over a string stayed a string, "false", which is true in a template.
  ['a boolean over a string is a boolean', 'enabled: TO_BE_FIXED', override('enabled: false'), { enabled: false }],
  ['a quoted override stays text', 'port: 1', override('port: "8080"'), { port: '8080' }],
  // B3 (Q2): nulls were dropped, and Helm never saw them.
  ['null reaches Helm', 'a: {b: 1}', override('a.b: null'), { a: { b: null } }],
  ['null over a map reaches Helm', 'a: {b: 1}', override('a: null'), { a: null }],
  ['nulls of the base stay', 'a: null\nb: 1', override('b: 2'), { a: null, b: 2 }],
  ['a map replaces a scalar', 'a: text', override('a: {b: 1}'), { a: { b: 1 } }],
  ['a path goes through a scalar of the base', 'a: text', override('a.b: 1'), { a: { b: 1 } }],
  ['a map replaces null', 'a: null', override('a: {b: 1}'), { a: { b: 1 } }],
  // B4: the order of a and a.b was that of a Go map.
  ['a then a.b: in the order written', 'x: 1', override('a: {b: 1, c: 1}\na.b: 2'), { x: 1, a: { b: 2, c: 1 } }],
  ['a.b then a: in the order written', 'x: 1', override('a.b: 2\na: {b: 1, c: 1}'), { x: 1, a: { b: 1, c: 1 } }],
  [
    'a path below a scalar set here',
    'x: 1',
    override('a: 1\na.b: 2'),
    ['site-values.yaml:8:5: error VALUES_INVALID: "a" is set to "1" here and cannot hold "b"'],
  ],
  [
    'a scalar over a map',
    'a: {b: 1}',
    override('a: text'),
    ['site-values.yaml:7:8: error VALUES_INVALID: "a" is a map; "text" would replace all of it'],
  ],
  [
    'a scalar over a map that is removed',
    'a: {b: 1}',
    'charts:\n- {name: app, remove: [a], override: {a: text}}',
    { a: 'text' },
  ],
  ['a scalar over an empty map', 'a: {}', override('a: text'), { a: 'text' }],
  ['remove takes a path out', 'a: {b: 1, c: 2}', 'charts:\n- {name: app, remove: [a.b]}', { a: { c: 2 } }],
  [
    'remove of what is not there',
    'a: {bcd: 1}',
    'charts:\n- {name: app, remove: [a.bdc]}',
    ['site-values.yaml:5:24: error VALUES_INVALID: nothing to remove at "a.bdc"'],
  ],
  [
    'an empty part of a path',
    'a: 1',
    override('a..b: 1'),
    ['site-values.yaml:7:5: error VALUES_INVALID: "a..b" is not a path: a part of it is empty'],
  ],
  [
    '__proto__ is an ordinary key',
    'a: 1',
    override('__proto__.polluted: 1'),
    JSON.parse('{"a":1,"__proto__":{"polluted":1}}'),
  ],
  ['override: null', 'a: 1', 'charts:\n- name: app\n  override:\n', { a: 1 }],
  ['no charts', 'a: 1', 'charts: []', { a: 1 }],
])('%s', (_, base, body, want) => {
  expect(merge(base, body)).toEqual(want)
})

test.each<[name: string, base: string, document: string, want: unknown]>([
  ['whole: a map', 'x: 1', override('a: $(v)', 'v: {k: 1}'), { x: 1, a: { k: 1 } }],
  ['whole: a list, nested', 'x: 1', override('a: {b: [$(v)]}', 'v: [1, 2]'), { x: 1, a: { b: [[1, 2]] } }],
  ['whole: a boolean', 'x: 1', override('a: $(v)', 'v: false'), { x: 1, a: false }],
  // B7: nested strings were typed anew by parsing the substituted text.
  ['whole: text that looks like a number', 'x: 1', override('a: {b: $(v)}', 'v: "8080"'), { x: 1, a: { b: '8080' } }],
  ['whole: text that is YAML', 'x: 1', override('a: {b: $(v)}', 'v: "a: b # c"'), { x: 1, a: { b: 'a: b # c' } }],
  ['whole: null is null', 'x: 1', override('a: $(v)', 'v: null'), { x: 1, a: null }],
  ['whole in quotes is whole', 'x: 1', override('a: "$(v)"', 'v: 3'), { x: 1, a: 3 }],
  ['in text', 'x: 1', override('a: $(h):$(p)', 'h: loki\np: 80'), { x: 1, a: 'loki:80' }],
  // B8: 1000000 printed as 1e+06.
  ['in text: a number as written', 'x: 1', override('a: n$(v)', 'v: 1000000'), { x: 1, a: 'n1000000' }],
  ['in text: the result is text', 'x: 1', override('a: $(v)0', 'v: 8'), { x: 1, a: '80' }],
  // B6: a map in text became map[k:1].
  [
    'in text: a map',
    'x: 1',
    override('a: x$(v)', 'v: {k: 1}'),
    ['site-values.yaml:9:9: error VARIABLE_INVALID: variable "v" is a map and cannot stand inside text'],
  ],
  [
    'in text: null',
    'x: 1',
    override('a: x$(v)', 'v:'),
    ['site-values.yaml:9:9: error VARIABLE_INVALID: variable "v" is null and cannot stand inside text'],
  ],
  [
    'a variable in a variable',
    'x: 1',
    override('a: $(u)', 'u: http://$(h)\nh: "$(d).x"\nd: k'),
    { x: 1, a: 'http://k.x' },
  ],
  // B9: a name that contains itself never ended.
  [
    'a variable that refers to itself',
    'x: 1',
    override('a: $(u)', 'u: x$(u)'),
    ['site-values.yaml:5:6: error VARIABLE_INVALID: variable "u" refers to itself: u → u'],
  ],
  [
    'a circle of variables',
    'x: 1',
    override('a: $(u)', 'u: $(v)\nv: $(u)'),
    ['site-values.yaml:5:6: error VARIABLE_INVALID: variable "u" refers to itself: u → v → u'],
  ],
  ['blanks around a name', 'x: 1', override('a: y$( v )', 'v: 3'), { x: 1, a: 'y3' }],
  ['$$( is a literal', 'x: 1', override('a: $$(POD_IP)\nb: x$$(A)$(v)', 'v: 3'), { x: 1, a: '$(POD_IP)', b: 'x$(A)3' }],
  ['unterminated is text', 'x: 1', override('a: $(v\nb: $()\nc: $', 'v: 3'), { x: 1, a: '$(v', b: '$()', c: '$' }],
  ['other templating passes', 'x: 1', override('a: ${USER} {{ .x }} $x'), { x: 1, a: '${USER} {{ .x }} $x' }],
  ['keys are never expanded', 'x: 1', override('$(v): {$(v): $(v)}', 'v: 3'), { x: 1, '$(v)': { '$(v)': 3 } }],
  // B13: without any global, $(x) was shipped as text.
  [
    'undefined',
    'x: 1',
    override('a: $(clustrName)'),
    ['site-values.yaml:7:8: error VARIABLE_UNDEFINED: variable "clustrName" is not defined'],
  ],
  [
    'values of the base are expanded',
    'a: {b: x-$(v)}\nc: $(v)',
    'global: {v: 3}\ncharts: []',
    { a: { b: 'x-3' }, c: 3 },
  ],
  [
    'undefined in the base',
    'a: $(w)',
    'global: {v: 3}\ncharts: []',
    ['base.yaml:7:8: error VARIABLE_UNDEFINED: variable "w" is not defined'],
  ],
  ['what a variable gave is not expanded again', 'x: 1', override('a: $(v)', 'v: $$(w)'), { x: 1, a: '$(w)' }],
])('variables, %s', (_, base, body, want) => {
  expect(merge(base, body)).toEqual(want)
})

test('each document sees its own globals; the base sees the last ones', () => {
  const first = override('a: $(v)', 'v: first')
  const second = override('b: $(v)', 'v: second')
  expect(merge('c: $(v)', first, second)).toEqual({ a: 'first', b: 'second', c: 'second' })
})

test('an undefined name is one error that lists every place and the nearest name', () => {
  const context = valuesContext()
  transformReleases(
    document(override('a: $(clustrName)\nb: x-$(clustrName)', 'clusterName: x')),
    [release('x: 1')],
    context,
  )
  expect(context.errors.map(error => formatError(error))).toEqual([
    'site-values.yaml:9:8: error VARIABLE_UNDEFINED: variable "clustrName" is not defined\n' +
      '  also used at site-values.yaml:10:10\n' +
      '  hint: did you mean $(clusterName)? Or write $$(clustrName) for the literal text $(clustrName)',
  ])
})

test('the column of a variable in a block is that of the variable', () => {
  const context = valuesContext()
  transformReleases(document(override('a: |\n  one\n  two $(x)\n')), [release('x: 1')], context)
  expect(context.errors[0]?.at).toEqual({ file: 'site-values.yaml', line: 9, column: 11 })
})

test('names outside come after a document, and before one that gives defaults', () => {
  const outer = new Map([['v', parseNode('outer', { file: 'site.yaml' })!]])
  const run = (outerFirst: boolean): unknown => {
    const context = valuesContext({ outer, outerFirst: () => outerFirst })
    const node = release('x: $(v)')
    transformReleases(document(override('a: $(v)', 'v: own')), [node], context)
    expandReleases([node], context)
    return plain((node.get('spec') as YamlMap).get('values')!)
  }
  expect(run(false)).toEqual({ x: 'own', a: 'own' })
  expect(run(true)).toEqual({ x: 'outer', a: 'outer' })
})

test('a few lines cannot name gigabytes', () => {
  const names = Array.from({ length: 30 }, (_, i) => `v${i + 1}: "$(v${i})$(v${i})"`).join('\n')
  expect(() => merge('x: 1', override('a: $(v30)', `v0: xxxxxxxxxxxxxxxx\n${names}`))).toThrow('expand to more than')
})

test.each<[name: string, body: string, want: string]>([
  ['an unknown field', 'chart: []', '4:1: error VALUES_INVALID: "chart" is no field of HelmValuesTransformer'],
  [
    'an unknown field of an entry',
    'charts: [{name: app, overide: {}}]',
    '4:22: error VALUES_INVALID: "overide" is no field of an entry of charts:',
  ],
  [
    'an unknown field of source',
    'charts: [{name: app, source: {repo: x}}]',
    '4:31: error VALUES_INVALID: "repo" is no field of source:',
  ],
  [
    'an unknown release',
    'charts: [{name: apq}]',
    '4:17: error RELEASE_UNKNOWN: charts: names "apq", which no HelmRelease is named',
  ],
  [
    'an unknown base',
    'charts: [{name: x, base: apq}]',
    '4:17: error RELEASE_UNKNOWN: "x" has base: "apq", which no HelmRelease is named',
  ],
  [
    'a release listed twice',
    'charts: [{name: app}, {name: app}]',
    '4:30: error RELEASE_DUPLICATE: "app" is listed twice under charts:',
  ],
  ['charts is no map', 'charts: {app: {}}', '4:9: error VALUES_INVALID: charts: is a list of releases (- name: …)'],
  ['global is no list', 'global: [a]', '4:9: error VALUES_INVALID: global: is a map of variable names to values'],
  ['override is no list', 'charts: [{name: app, override: [a]}]', '4:32: error VALUES_INVALID: override: is a map'],
  [
    'an entry without a name',
    'charts: [{override: {}}]',
    '4:10: error VALUES_INVALID: an entry of charts: needs a name',
  ],
])('%s is an error', (_, body, want) => {
  const context = valuesContext()
  transformReleases(document(body), [release('a: 1')], context)
  expect(messages(context)).toEqual([`site-values.yaml:${want}`])
})

test('without a context, errors are thrown together', () => {
  const body = 'charts: [{name: apq}, {name: app, override: {a: $(v)}}]'
  expect(() => transformReleases(document(body), [release('a: 1')])).toThrow(DecapodErrors)
})

test('a duplicate key is a warning that names what is lost', () => {
  const context = valuesContext()
  const node = release('x: 1')
  transformReleases(document(override('a: 1\nb: 2\na: 3')), [node], context)
  expect(context.warnings.map(w => formatError(w).split('\n').slice(0, 2))).toEqual([
    [
      'site-values.yaml:7:5: error VALUES_INVALID: "a" is given twice; the first value is lost',
      '  the value that counts is at site-values.yaml:9:5',
    ],
  ])
  expect(plain((node.get('spec') as YamlMap).get('values')!)).toEqual({ x: 1, b: 2, a: 3 })
})

test('source changes the chart', () => {
  const node = release('a: 1')
  transformReleases(document('global: {repo: "https://x"}\ncharts: [{name: app, source: {repository: $(repo)}}]'), [
    node,
  ])
  expect(plain((node.get('spec') as YamlMap).get('chart')!)).toEqual({
    name: 'c',
    repository: 'https://x',
    version: '1',
  })
})

test('base: makes a further release of its own name', () => {
  const base = release('a: 1')
  ;(base.get('spec') as YamlMap).set('releaseName', parseNode('app', { file: 'x' })!)
  const added = transformReleases(document('charts: [{name: two, base: app, override: {b: 2}}]'), [base])
  expect(added.map(node => plain(node))).toMatchObject([
    { metadata: { name: 'two' }, spec: { values: { a: 1, b: 2 } } },
  ])
  expect(plain(added[0]!)).not.toHaveProperty('spec.releaseName')
  expect(plain(base)).toMatchObject({ spec: { values: { a: 1 } } })
})

test('values remember who set them, what lost, and the variables', () => {
  const context = valuesContext()
  const node = release('a: old')
  transformReleases(document(override('a: first'), 'base/site-values.yaml'), [node], context)
  transformReleases(document(override('a: $(v)', 'v: 3'), 'site/site-values.yaml'), [node], context)
  const value = ((node.get('spec') as YamlMap).get('values') as YamlMap).get('a')!
  const chain: unknown[] = []
  for (let at: YamlNode | undefined = value; at !== undefined; at = originOf(at)?.replaced) {
    const origin = originOf(at)
    chain.push([plain(at), origin?.document?.file ?? at.source?.file, origin?.uses?.map(use => use.name)])
  }
  expect(chain).toEqual([
    [3, 'site/site-values.yaml', ['v']],
    ['first', 'base/site-values.yaml', undefined],
    ['old', 'base.yaml', undefined],
  ])
})

test.each<[string, string[]]>([
  ['a', ['a']],
  ['a.b', ['a', 'b']],
  ['a\\.b.c', ['a.b', 'c']],
  ['a\\b', ['a\\b']],
  ['a\\\\.b', ['a\\.b']],
  ['es[1].host', ['es[1]', 'host']],
])('splitPath %s', (key, want) => expect(splitPath(key)).toEqual(want))

test('merging thousands of paths takes no quadratic time', () => {
  const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`)
  const context = valuesContext()
  const node = release(keys.join('\n'))
  transformReleases(document(override(keys.join('\n').replaceAll(': 1', ': 2'))), [node], context)
  const values = (node.get('spec') as YamlMap).get('values') as YamlMap
  expect(values.pairs.length).toBe(20_000)
  expect(values.pairs.every(pair => plain(pair.value) === 2)).toBe(true)
})
