/** KRM functions: what they are given, what becomes of what they print; all as kustomize 5.8.2 does it. */
import { describe, expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { buildKustomization } from '../../src/kustomize/build.ts'
import type { FunctionOptions, Run } from '../../src/kustomize/functions.ts'
import { formatResources } from '../../src/kustomize/output.ts'
import { memoryTree } from '../../src/tree.ts'

const fn = `apiVersion: example.com/v1
kind: Fn
metadata:
  name: fn
  annotations:
    config.kubernetes.io/function: |
      exec: {path: ./fn, args: [a b], envs: [A=1, B=1]}
spec: {b: 1, a: "2"}
`
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {b: 0755, a: }\n'
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: d}
spec: {template: {spec: {volumes: [{configMap: {name: a}}]}}}
`

function build(
  kustomization: string,
  resources: string,
  answer: (run: Run) => string,
  more: Partial<FunctionOptions> = {},
): string {
  const tree = memoryTree({ 'kustomization.yaml': kustomization, 'r.yaml': resources, 'fn.yaml': fn })
  const plugins: FunctionOptions = { alphaPlugins: true, exec: true, run: answer, ...more }
  try {
    return formatResources(buildKustomization(tree, '/', { plugins }).resources)
  } catch (error) {
    if (error instanceof DecapodError) return `Error: ${error.message}`
    throw error
  }
}

const transformers = 'resources: [r.yaml]\ntransformers: [fn.yaml]\n'

test('what a transformer is given: resources as they would be printed, with annotations to follow them', () => {
  let seen: Run | undefined
  const watch = (run: Run): string => {
    seen = run
    return run.stdin
  }
  build(`namePrefix: p-\n${transformers}`, configMap, watch, { env: ['B=2'] })
  expect(seen).toMatchObject({ command: './fn', args: ['a b'], cwd: '/', env: ['A=1', 'B=1', 'B=2'] })
  expect(seen?.stdin).toBe(`apiVersion: config.kubernetes.io/v1
kind: ResourceList
items:
- apiVersion: v1
  data:
    a: ""
    b: 493
  kind: ConfigMap
  metadata:
    annotations:
      internal.config.kubernetes.io/prefixes: p-
      internal.config.kubernetes.io/previousKinds: ConfigMap
      internal.config.kubernetes.io/previousNames: a
      internal.config.kubernetes.io/previousNamespaces: default
      kustomize.config.k8s.io/id: |
        kind: ConfigMap
        name: p-a
        version: v1
      config.kubernetes.io/index: '0'
      internal.config.kubernetes.io/index: '0'
      internal.config.kubernetes.io/annotations-migration-resource-id: '0'
      internal.config.kubernetes.io/id: '1'
      config.k8s.io/id: '1'
    name: p-a
functionConfig:
  apiVersion: example.com/v1
  kind: Fn
  metadata:
    annotations:
      config.kubernetes.io/function: |
        exec: {path: ./fn, args: [a b], envs: [A=1, B=1]}
      config.kubernetes.io/local-config: 'true'
    name: fn
  spec:
    a: "2"
    b: 1
`)
})

const bare = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: p}\n'
const list = (items: string): string => `apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems:\n${items}`

describe('what becomes of the output', () => {
  test.each<[name: string, kustomization: string, resources: string, answer: (run: Run) => string, want: string]>([
    [
      'what is given back stays, and names are still referred to',
      `namePrefix: p-\n${transformers}`,
      `${configMap}---\n${deployment}`,
      run => run.stdin,
      'apiVersion: v1\ndata:\n  a: ""\n  b: 493\nkind: ConfigMap\nmetadata:\n  name: p-a\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: p-d\nspec:\n  template:\n    spec:\n      volumes:\n      - configMap:\n          name: p-a\n',
    ],
    [
      'a function that drops all annotations makes the build forget earlier names',
      `namePrefix: p-\n${transformers}`,
      `${configMap}---\n${deployment}`,
      run => run.stdin.replace(/^ {4}annotations:\n(?: {6}.*\n)+/gm, ''),
      'apiVersion: v1\ndata:\n  a: ""\n  b: 493\nkind: ConfigMap\nmetadata:\n  name: p-a\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: p-d\nspec:\n  template:\n    spec:\n      volumes:\n      - configMap:\n          name: a\n',
    ],
    [
      'plain documents replace everything',
      transformers,
      configMap,
      () => bare,
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: p\n',
    ],
    ['nothing leaves nothing', transformers, configMap, () => '', ''],
    [
      'a doubled resource',
      transformers,
      configMap,
      () => `${bare}---\n${bare}`,
      'Error: plugin api: example.com/v1, kind: Fn, name: fn generated duplicate resource: {"version":"v1","kind":"ConfigMap","name":"p"}',
    ],
    [
      'what is no YAML',
      transformers,
      configMap,
      () => '{{{\n',
      "Error: couldn't execute function: MalformedYAMLError: yaml: line 1: did not find expected node content ",
    ],
    [
      'an object without a name is shown with the path that it was given',
      transformers,
      configMap,
      () => list('- {apiVersion: v1, kind: ConfigMap}\n'),
      'Error: missing metadata.name in object {{v1 ConfigMap} {{ } map[] map[config.kubernetes.io/path:configmap_.yaml internal.config.kubernetes.io/path:configmap_.yaml]}}',
    ],
    [
      'a path that is changed under both names',
      transformers,
      configMap,
      () =>
        list(
          '- {apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {config.kubernetes.io/path: a, internal.config.kubernetes.io/path: b}}}\n',
        ),
      "Error: couldn't execute function: resource input to function has mismatched legacy and internal path annotations ",
    ],
    [
      'a generator is given itself and may print itself',
      'generators: [fn.yaml]\n',
      '',
      run =>
        `${list('')}${/^- [\s\S]*?(?=^functionConfig)/m.exec(run.stdin)![0]}- ${bare.trimEnd().replaceAll('\n', '\n  ')}\n`,
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: p\n',
    ],
    [
      'a validator that is a function always changes something: a path',
      'resources: [r.yaml]\nvalidators: [fn.yaml]\n',
      configMap,
      run => run.stdin,
      'Error: validator shouldn\'t modify the resource map: nodes unequal: \n -- {"apiVersion":"v1","data":{"a":"","b":493},"kind":"ConfigMap","metadata":{"name":"a"}},\n -- {"apiVersion":"v1","data":{"a":"","b":493},"kind":"ConfigMap","metadata":{"annotations":{"config.kubernetes.io/path":"configmap_a.yaml","internal.config.kubernetes.io/path":"configmap_a.yaml"},"name":"a"}}',
    ],
  ])('%s', (_, kustomization, resources, answer, want) => {
    expect(build(kustomization, resources, answer)).toBe(want)
  })
})

test('a function that is a program is passed over without --enable-exec', () => {
  const never = (): string => {
    throw new Error('it was run')
  }
  expect(build(transformers, bare, never, { exec: false })).toContain('name: p')
  expect(build(transformers, bare, never, { alphaPlugins: false })).toBe(
    "Error: external plugins disabled; unable to load external plugin 'Fn'",
  )
})
