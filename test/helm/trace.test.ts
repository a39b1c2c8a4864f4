/** Which paths of the values templates read, and that nobody who does not ask pays for knowing. */
import { expect, test, vi } from 'vitest'
import { nearest } from '../../src/errors.ts'
import { loadChart } from '../../src/helm/load.ts'
import { type RenderOptions, renderChart } from '../../src/helm/render.ts'
import * as trace from '../../src/helm/trace.ts'
import { memoryTree } from '../../src/tree.ts'

vi.mock('../../src/helm/trace.ts', { spy: true })

const values = `
a: 1
b: {c: 2, d: {e: 3}}
l: [{x: 1}, {x: 2}]
m: {k: {v: 1}}
global: {g: 1}
s: {a: 5, own: 1}
`

function render(template: string, options: RenderOptions = {}): void {
  const tree = memoryTree({
    'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 0.1.0\n',
    'values.yaml': values,
    'templates/t.yaml': template.startsWith('sub: ') ? '# ' : `# ${template}`,
    'templates/_h.tpl': '{{ define "e" }}{{ .e }}{{ end }}{{ define "values" }}{{ .Values.b.c }}{{ end }}',
    'charts/s/Chart.yaml': 'apiVersion: v2\nname: s\nversion: 0.1.0\n',
    'charts/s/templates/t.yaml': template.startsWith('sub: ') ? `# ${template.slice(5)}` : '# ',
  })
  renderChart(loadChart(tree, '/'), options)
}

/** The paths a template reads, in order, but for those that only lead to others, as "s" leads to the subchart's. */
function pathsOf(template: string): string {
  const paths: string[] = []
  render(template, { trace: path => paths.push(path.join('.')) })
  return paths
    .filter(path => path !== 's' && !paths.some(other => other.startsWith(`${path}.`)))
    .sort()
    .join(' ')
}

test.each<[name: string, template: string, paths: string]>([
  ['nothing', '{{ .Release.Name }}', ''],
  ['a field', '{{ .Values.a }}', 'a'],
  ['a field that is not there', '{{ .Values.none }}{{ .Values.b.none }}', 'b.none none'],
  ['with', '{{ with .Values.b }}{{ .d.e }}{{ end }}', 'b.d.e'],
  ['with and $', '{{ with .Values.b }}{{ $.Values.a }}{{ .c }}{{ end }}', 'a b.c'],
  ['if alone', '{{ if .Values.b }}{{ end }}', 'b'],
  ['range over a map', '{{ range $k, $v := .Values.b }}{{ $k }}{{ end }}', 'b.c b.d'],
  ['range over a list', '{{ range .Values.l }}{{ .x }}{{ end }}', 'l'],
  ['a variable', '{{ $b := .Values.b }}{{ $b.c }}', 'b.c'],
  ['index', '{{ index .Values "b" "d" "e" }}', 'b.d.e'],
  ['get, hasKey', '{{ get .Values "a" }}{{ hasKey .Values.b "zz" }}', 'a b.zz'],
  ['pluck, pick', '{{ pluck "c" .Values.b }}{{ pick .Values.m "k" }}', 'b.c m.k.v'],
  ['omit reads all', '{{ omit .Values.b "c" }}', 'b.c b.d.e'],
  ['toYaml of a subtree', '{{ toYaml .Values.b }}', 'b.c b.d.e'],
  ['toJson, print', '{{ toJson .Values.m }}{{ .Values.b.d }}', 'b.d.e m.k.v'],
  ['include with a part', '{{ include "e" .Values.b.d }}', 'b.d.e'],
  ['include with all', '{{ include "values" . }}', 'b.c'],
  ['tpl', '{{ tpl "{{ .Values.b.c }}" . }}', 'b.c'],
  ['tpl of what is read', '{{ tpl (toString .Values.a) . }}', 'a'],
  ['merge reads its sources', '{{ merge (dict) .Values.m }}', 'm.k.v'],
  ['default', '{{ .Values.none | default .Values.a }}', 'a none'],
  ['what is not evaluated', '{{ if false }}{{ .Values.a }}{{ end }}{{ and .Values.none .Values.b.c }}', 'none'],
  ['a subchart', 'sub: {{ .Values.a }}{{ .Values.global.g }}', 's.a s.global.g'],
  ['the parent reads a subchart’s', '{{ .Values.s.own }}', 's.own'],
])('%s', (_, template, paths) => expect(pathsOf(template)).toBe(paths))

test('a path is told once', () => {
  const paths: string[] = []
  render('{{ range until 9 }}{{ $.Values.b.c }}{{ end }}', { trace: path => paths.push(path.join('.')) })
  expect(paths.filter(path => path === 'b.c')).toEqual(['b.c'])
})

// The finding is made of the paths and of the nearest name among them; render/explain.ts adds where the value stands.
test.each<[written: string, template: string, found: string | undefined]>([
  ['nodeSelectr', '{{ .Values.nodeSelector }}', 'nodeSelector'],
  ['replicas', '{{ .Values.replicaCount }}', undefined],
  ['image', '{{ .Values.images }}{{ .Values.a }}', 'images'],
])('%s is never read', (written, template, found) => {
  const known: string[] = []
  render(template, { trace: path => known.push(path[0]!) })
  expect(known).not.toContain(written)
  expect(nearest(written, known)).toBe(found)
})

test('who does not ask gets the values themselves: no copy, nothing noted', () => {
  vi.mocked(trace.traceValues).mockClear()
  render('{{ toYaml .Values }}')
  expect(trace.traceValues).not.toHaveBeenCalled()
  render('{{ toYaml .Values }}', { trace: () => {} })
  expect(trace.traceValues).toHaveBeenCalledTimes(1)
})
