/** Whole builds over trees in memory. The expected texts were confirmed with kustomize 5.8.2. */
import { describe, expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { type BuildOptions, buildKustomization } from '../../src/kustomize/build.ts'
import { formatResources } from '../../src/kustomize/output.ts'
import { memoryTree } from '../../src/tree.ts'

type Files = Readonly<Record<string, string>>

function build(files: Files, dir = '/app', options: BuildOptions = {}): string {
  return formatResources(buildKustomization(memoryTree(files), dir, options).resources)
}

function failure(files: Files, dir = '/app', options: BuildOptions = {}): DecapodError {
  try {
    build(files, dir, options)
  } catch (error) {
    if (error instanceof DecapodError) return error
    throw error
  }
  throw new Error('the build should have failed')
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: c, image: "nginx:1"}]
`
const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`

describe('builds', () => {
  test.each<[name: string, files: Files, want: string]>([
    ['an empty list of resources prints nothing', { 'app/kustomization.yaml': 'resources: []' }, ''],
    // Generated names end in a hash of the content, after every prefix.
    [
      'a generator',
      { 'app/kustomization.yaml': 'namePrefix: p-\nconfigMapGenerator: [{name: c, literals: [a=x]}]' },
      'apiVersion: v1\ndata:\n  a: x\nkind: ConfigMap\nmetadata:\n  name: p-c-5642bm9b6f\n',
    ],
    // The label transformers put one node into all places, so a later patch of one changes them all (kustomize does so).
    [
      'labels of a base are one node',
      {
        'base/kustomization.yaml': 'resources: [d.yaml]\nlabels: [{pairs: {app: foo}, includeSelectors: true}]',
        'base/d.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n',
        'app/kustomization.yaml': `resources: [../base]
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: d}
    spec: {template: {metadata: {labels: {app: bar}}}}
`,
      },
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  labels:\n    app: bar\n  name: d\nspec:\n  selector:\n    matchLabels:\n      app: bar\n  template:\n    metadata:\n      labels:\n        app: bar\n',
    ],
    // Images are changed in two passes, so a suffix is appended twice.
    [
      'a tag suffix',
      {
        'app/kustomization.yaml': 'resources: [d.yaml]\nimages: [{name: nginx, tagSuffix: -x}]',
        'app/d.yaml': deployment,
      },
      'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec:\n  template:\n    spec:\n      containers:\n      - image: nginx:1-x-x\n        name: c\n',
    ],
    // A configured field spec for some kinds takes the place of the default for all of one path.
    [
      'a configuration narrows a prefix',
      {
        'app/kustomization.yaml': 'resources: [a.yaml, d.yaml]\nnamePrefix: p-\nconfigurations: [c.yaml]',
        'app/c.yaml': 'namePrefix: [{path: metadata/name, kind: Deployment}]',
        'app/a.yaml': configMap('a'),
        'app/d.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d}\n',
      },
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: p-d\n',
    ],
    [
      'origins',
      {
        'app/kustomization.yaml': 'resources: [a.yaml]\nbuildMetadata: [originAnnotations]',
        'app/a.yaml': configMap('a'),
      },
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    config.kubernetes.io/origin: |\n      path: a.yaml\n  name: a\n',
    ],
    // Kustomize keeps its records in annotations, so that a patch may add to annotations the file does not have.
    [
      'a JSON patch adds to annotations that are not there',
      {
        'app/kustomization.yaml': `resources: [a.yaml]
patches:
- target: {kind: ConfigMap}
  patch: |-
    - {op: add, path: /metadata/annotations/x, value: "1"}
`,
        'app/a.yaml': configMap('a'),
      },
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    x: "1"\n  name: a\n',
    ],
    // go-yaml writes folded text with more breaks than it reads.
    [
      'folded text on its way to the output',
      {
        'app/kustomization.yaml': 'resources: [a.yaml]',
        'app/a.yaml': `${configMap('a')}data:\n  k: >\n    [\n      x\n    ]\n`,
      },
      'apiVersion: v1\ndata:\n  k: |\n    [\n\n      x\n    ]\nkind: ConfigMap\nmetadata:\n  name: a\n',
    ],
    // The first is read and cleared, then written into the second.
    [
      'annotations twice become one map',
      {
        'app/kustomization.yaml': 'resources: [a.yaml]',
        'app/a.yaml':
          'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations: {a: x}\n  name: a\n  annotations: {b: x}\n',
      },
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  annotations:\n    a: x\n    b: x\n  name: a\n',
    ],
  ])('%s', (_, files, want) => expect(build(files)).toBe(want))
})

describe('failures', () => {
  test.each<[name: string, files: Files, code: string, words: string]>([
    [
      'an unknown field, with what was meant',
      { 'app/kustomization.yaml': 'resurces: [a.yaml]' },
      'KUSTOMIZATION_INVALID',
      'invalid Kustomization: json: unknown field "resurces"',
    ],
    [
      'a type, in the words of encoding/json',
      { 'app/kustomization.yaml': 'patches: [a.yaml]' },
      'KUSTOMIZATION_INVALID',
      'json: cannot unmarshal string into Go struct field Kustomization.patches of type types.Patch',
    ],
    [
      'a file outside the root',
      { 'app/kustomization.yaml': 'resources: [../x.yaml]', 'x.yaml': configMap('x') },
      'PATH_OUTSIDE_ROOT',
      "security; file '/x.yaml' is not in or below '/app'",
    ],
    [
      'a cycle, named',
      { 'app/kustomization.yaml': 'resources: [../b]', 'b/kustomization.yaml': 'resources: [../app]' },
      'KUSTOMIZATION_CYCLE',
      "cycle detected: candidate root '/app' contains visited root '/app'",
    ],
    [
      'one id twice',
      {
        'app/kustomization.yaml': 'resources: [a.yaml, b.yaml]',
        'app/a.yaml': configMap('x'),
        'app/b.yaml': configMap('x'),
      },
      'RESOURCE_CONFLICT',
      'may not add resource with an already registered id: ConfigMap.v1.[noGrp]/x.[noNs]',
    ],
    [
      'a plugin that is not built in',
      {
        'app/kustomization.yaml': 'transformers: [t.yaml]',
        'app/t.yaml': 'apiVersion: example.com/v1\nkind: T\nmetadata: {name: t}\n',
      },
      'PLUGIN_REFUSED',
      "external plugins disabled; unable to load external plugin 'T'",
    ],
    [
      'a URL that was not fetched',
      { 'app/kustomization.yaml': 'resources: ["https://example.com/a.yaml"]' },
      'REMOTE_UNRESOLVED',
      "'https://example.com/a.yaml' has not been fetched",
    ],
  ])('%s', (_, files, code, words) => {
    const error = failure(files)
    expect(error.message).toContain(words)
    expect(error.code).toBe(code)
    expect(error.at?.file).toMatch(/^\//)
  })

  test('limits are kept', () => {
    const files: Record<string, string> = { 'app/kustomization.yaml': 'resources: [../k0]' }
    for (let i = 0; i < 20; i++) files[`k${i}/kustomization.yaml`] = `resources: [../k${i + 1}]`
    expect(failure(files, '/app', { limits: { maxDepth: 10 } }).message).toContain('more than 10 kustomizations')
    const large = { 'app/kustomization.yaml': 'resources: [a.yaml]', 'app/a.yaml': configMap('a'.repeat(500)) }
    expect(failure(large, '/app', { limits: { maxFileBytes: 100 } }).code).toBe('LIMIT_EXCEEDED')
  })
})
