/**
 * helmCharts through our own Helm engine. The expected texts are what `kustomize build --enable-helm` 5.8.2 prints with
 * helm 3.22 for the same files.
 */
import { describe, expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { type BuildOptions, buildKustomization } from '../../src/kustomize/build.ts'
import { formatResources } from '../../src/kustomize/output.ts'
import { chartSource, helmPort } from '../../src/render/helm-charts.ts'
import { formatSource } from '../../src/source.ts'
import { memoryTree } from '../../src/tree.ts'

const chart = (dir: string): Record<string, string> => ({
  [`${dir}/Chart.yaml`]: 'apiVersion: v2\nname: demo\nversion: 1.2.3\n',
  [`${dir}/values.yaml`]: 'a: chart\nb: {c: chart, d: chart}\n',
  [`${dir}/crds/crd.yaml`]:
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}\n',
  [`${dir}/templates/cm.yaml`]: `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
data:
  values: {{ toJson .Values | quote }}
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  api: {{ .Capabilities.APIVersions.Has "foo/v1" | quote }}
`,
  [`${dir}/templates/hook.yaml`]:
    'apiVersion: v1\nkind: Pod\nmetadata: {name: hook, annotations: {"helm.sh/hook": pre-install}}\n',
  [`${dir}/templates/tests/t.yaml`]:
    'apiVersion: v1\nkind: Pod\nmetadata: {name: test, annotations: {"helm.sh/hook": test}}\n',
})

const files = {
  ...chart('charts/demo'),
  'more.yaml': 'b: {c: more}\n',
  'v.yaml': 'a: file\nb: {c: file}\n',
}

function build(kustomization: string, options: BuildOptions = {}, more: Record<string, string> = {}): string {
  const tree = memoryTree({ ...files, ...more, 'kustomization.yaml': kustomization })
  return formatResources(buildKustomization(tree, '/', { helm: helmPort(), ...options }).resources)
}

/** The ConfigMap's data, and the kinds and names of everything. */
function summary(output: string): { values: unknown; objects: string[]; line: (name: string) => string | undefined } {
  const values = /^ {2}values: '(.*)'$/m.exec(output)?.[1]
  const objects = output
    .split('---\n')
    .map(text => `${/^kind: (.*)$/m.exec(text)![1]} ${/^ {2}name: (.*)$/m.exec(text)![1]}`)
  const line = (name: string): string | undefined => new RegExp(`^ {2}${name}: (.*)$`, 'm').exec(output)?.[1]
  return { values: values === undefined ? undefined : JSON.parse(values), objects, line }
}

const entry = (fields: string): string => `helmCharts: [{name: demo, releaseName: rel, kubeVersion: 1.31.0${fields}}]\n`

describe('helmCharts', () => {
  test.each<[name: string, fields: string, values: unknown]>([
    ['the chart has its own values', '', { a: 'chart', b: { c: 'chart', d: 'chart' } }],
    ['valuesFile over them', ', valuesFile: v.yaml', { a: 'file', b: { c: 'file', d: 'chart' } }],
    [
      'valuesInline over the file',
      ', valuesFile: v.yaml, valuesInline: {a: inline}',
      { a: 'inline', b: { c: 'file', d: 'chart' } },
    ],
    [
      'valuesMerge: merge puts the file over valuesInline',
      ', valuesFile: v.yaml, valuesMerge: merge, valuesInline: {a: inline, z: 1}',
      { a: 'file', b: { c: 'file', d: 'chart' }, z: 1 },
    ],
    [
      'valuesMerge: replace leaves the file out',
      ', valuesFile: v.yaml, valuesMerge: replace, valuesInline: {z: 1}',
      { a: 'chart', b: { c: 'chart', d: 'chart' }, z: 1 },
    ],
    [
      'additionalValuesFiles over all of it',
      ', additionalValuesFiles: [more.yaml], valuesInline: {b: {c: inline}}',
      { a: 'chart', b: { c: 'more', d: 'chart' } },
    ],
    // The merged file lacks it, but Helm reads the chart's own file below that.
    [
      'null does not take a value of the chart away',
      ', valuesInline: {a: null}',
      { a: 'chart', b: { c: 'chart', d: 'chart' } },
    ],
  ])('%s', (_, fields, values) => expect(summary(build(entry(fields))).values).toEqual(values))

  test.each<[name: string, kustomization: string, objects: string[]]>([
    ['hooks and tests', entry(''), ['ConfigMap rel', 'Pod hook', 'Pod test']],
    ['skipHooks', entry(', skipHooks: true'), ['ConfigMap rel']],
    ['skipTests', entry(', skipTests: true'), ['ConfigMap rel', 'Pod hook']],
    [
      'includeCRDs',
      entry(', skipHooks: true, includeCRDs: true'),
      ['CustomResourceDefinition widgets.example.com', 'ConfigMap rel'],
    ],
    [
      'nameTemplate',
      'helmCharts: [{name: demo, nameTemplate: \'{{ upper "x" | lower }}-t\', skipHooks: true}]\n',
      ['ConfigMap x-t'],
    ],
    ['names are prefixed', `namePrefix: p-\n${entry(', skipHooks: true')}`, ['ConfigMap p-rel']],
  ])('%s', (_, kustomization, objects) => expect(summary(build(kustomization)).objects).toEqual(objects))

  test.each<[name: string, kustomization: string, namespace: string]>([
    ['none', entry(', skipHooks: true'), 'default'],
    ['that of the kustomization', `namespace: ns\n${entry(', skipHooks: true')}`, 'ns'],
    ['its own goes before', `namespace: ns\n${entry(', skipHooks: true, namespace: own')}`, 'own'],
  ])('namespace: %s', (_, kustomization, namespace) =>
    expect(summary(build(kustomization)).line('namespace')).toBe(namespace),
  )

  test('versions of the entry go before those of the command line', () => {
    const helm = helmPort({ kubeVersion: '1.28.0', apiVersions: ['foo/v1'] })
    const own = summary(build(entry(', apiVersions: [bar/v1]'), { helm }))
    expect([own.line('kube'), own.line('api')]).toEqual(['v1.31.0', '"false"'])
    const given = summary(build('helmCharts: [{name: demo, releaseName: rel}]\n', { helm }))
    expect([given.line('kube'), given.line('api')]).toEqual(['v1.28.0', '"true"'])
  })

  test('chartHome, and the directory of a chart with version and repository', () => {
    const other = chart('home/demo-1.2.3/demo')
    const kustomization = `helmGlobals: {chartHome: home}\n${entry(', version: 1.2.3, repo: "https://example.com", skipHooks: true')}`
    expect(summary(build(kustomization, {}, other)).objects).toEqual(['ConfigMap rel'])
  })

  test('a chart of a repository that was fetched', () => {
    const asked: string[] = []
    const tree = memoryTree(chart('demo'))
    const helm = helmPort({
      find: reference => {
        asked.push(formatSource(chartSource(reference)))
        return { tree, dir: '/demo' }
      },
    })
    const remote = (fields: string): string =>
      build(`helmCharts: [{name: far, releaseName: rel, skipHooks: true, ${fields}}]\n`, { helm })
    expect(summary(remote('repo: "https://example.com/charts", version: 1.0.0')).objects).toEqual(['ConfigMap rel'])
    remote('repo: "oci://example.com/charts", version: 1.0.0')
    remote('repo: "https://example.com/charts", devel: true')
    expect(asked).toEqual([
      'helm https://example.com/charts far 1.0.0',
      'oci example.com/charts/far 1.0.0',
      'helm https://example.com/charts far >0.0.0-0',
    ])
  })

  test.each<[name: string, kustomization: string, code: string, words: string]>([
    [
      'a chart that was not fetched',
      'helmCharts:\n- {name: far, repo: "https://example.com", version: 1.0.0}\n',
      'REMOTE_UNRESOLVED',
      'chart far 1.0.0 of https://example.com has not been fetched',
    ],
    [
      'a chart that is not there',
      'helmCharts:\n- {name: nope}\n',
      'CHART_NOT_FOUND',
      "no repo specified for pull, no chart found at '/charts/nope'",
    ],
    ['no name', 'helmCharts:\n- {releaseName: x}\n', 'KUSTOMIZATION_INVALID', 'chart name cannot be empty'],
    [
      'a name and a template for it',
      'helmCharts:\n- {name: demo, releaseName: a, nameTemplate: b}\n',
      'KUSTOMIZATION_INVALID',
      'cannot set --name-template and also specify a name',
    ],
    [
      'a values file that is not there',
      'helmCharts:\n- {name: demo, releaseName: a, valuesFile: nope.yaml}\n',
      'FILE_NOT_FOUND',
      "evalsymlink failure on '/nope.yaml'",
    ],
  ])('%s: code, words, place', (_, kustomization, code, words) => {
    try {
      build(kustomization)
    } catch (error) {
      const { code: found, message, at } = error as DecapodError
      expect(error).toBeInstanceOf(DecapodError)
      expect(found).toBe(code)
      expect(message).toContain(words)
      expect(at).toMatchObject({ file: '/kustomization.yaml', line: 2 })
      return
    }
    throw new Error('the build should have failed')
  })
})
