/** Kustomizations from strangers: nothing outside the root, nothing without end, every refusal told clearly. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { diskTree } from '../../src/io/fs.ts'
import { type BuildOptions, buildKustomization } from '../../src/kustomize/build.ts'
import { formatResources } from '../../src/kustomize/output.ts'
import { type FileTree, memoryTree } from '../../src/tree.ts'

function failure(tree: FileTree, dir: string, options: BuildOptions = {}): DecapodError {
  try {
    formatResources(buildKustomization(tree, dir, options).resources)
  } catch (error) {
    if (error instanceof DecapodError) return error
    throw error
  }
  throw new Error('the build should have failed')
}

const configMap = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n${more}`

describe('links and paths', () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'decapod-untrusted-')))
  afterAll(() => rmSync(root, { recursive: true, force: true }))
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  write('secret/key', 'k')
  write('secret/a.yaml', configMap('a'))
  mkdirSync(join(root, 'app'))
  symlinkSync('../secret/a.yaml', join(root, 'app/file.yaml'))
  symlinkSync('../secret', join(root, 'app/dir'))
  symlinkSync('loop', join(root, 'app/loop'))

  test.each<[name: string, kustomization: string]>([
    ['a path', 'resources: [../secret/a.yaml]'],
    ['an absolute path', `resources: [${root}/secret/a.yaml]`],
    ['a link to a file', 'resources: [file.yaml]'],
    ['a file below a link to a directory', 'resources: [dir/a.yaml]'],
    ['a generator', 'configMapGenerator: [{name: c, files: [dir/key]}]'],
    ['an env file', 'secretGenerator: [{name: c, envs: [../secret/key]}]'],
    ['a patch', 'resources: []\npatches: [{path: dir/a.yaml}]'],
    ['a configuration', 'resources: []\nconfigurations: [dir/a.yaml]'],
    ['a schema', 'resources: []\nopenapi: {path: dir/a.yaml}'],
    ['CRDs', 'resources: []\ncrds: [dir/a.yaml]'],
    ['a replacement', 'resources: []\nreplacements: [{path: dir/a.yaml}]'],
    ['values of a chart', 'helmCharts: [{name: x, additionalValuesFiles: [dir/a.yaml]}]'],
  ])('%s that leads out of the root', (_, kustomization) => {
    write('app/kustomization.yaml', `${kustomization}\n`)
    const helm = { find: () => undefined, inflate: () => '' }
    const error = failure(diskTree(), join(root, 'app'), { helm })
    expect(error.message).toMatch(/security; file '.*' is not in or below '.*\/app'/)
    expect(error.at?.file).toBeDefined()
  })

  test('a link in a circle', () => {
    write('app/kustomization.yaml', 'resources: [loop]\n')
    expect(failure(diskTree(), join(root, 'app')).code).toBe('FILE_NOT_FOUND')
  })
})

describe('size and depth', () => {
  test('billions of laughs', () => {
    const levels = Array.from({ length: 30 }, (_, i) => {
      const before = i === 0 ? '"ha"' : `*a${i - 1}`
      return `  l${i}: &a${i} [${Array(10).fill(before).join(', ')}]`
    })
    const tree = memoryTree({
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': configMap('a', `spec:\n${levels.join('\n')}\n`),
    })
    const start = performance.now()
    expect(failure(tree, '/').message).toMatch(/excessive aliasing|too many|more than/)
    expect(performance.now() - start).toBeLessThan(10_000)
  })

  test('nesting without end', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const resource = memoryTree({
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': configMap('a', `x: ${deep}\n`),
    })
    expect(failure(resource, '/').message).toMatch(/max depth|nesting/)
    expect(failure(memoryTree({ 'kustomization.yaml': `resources: ${deep}\n` }), '/').message).toMatch(
      /max depth|nesting/,
    )
  })

  test('files, resources and kustomizations within limits', () => {
    const list = Array.from(
      { length: 200 },
      (_, i) => `- ${configMap(`c${i}`).replaceAll('\n', '\n  ').trimEnd()}\n`,
    ).join('')
    const tree = memoryTree({
      'kustomization.yaml': 'resources: [a.yaml]\n',
      'a.yaml': `apiVersion: v1\nkind: List\nitems:\n${list}`,
    })
    expect(failure(tree, '/', { limits: { maxResources: 100 } }).message).toContain('more than 100 resources')
    expect(failure(tree, '/', { limits: { maxFileBytes: 1000 } }).message).toContain('more than the limit of 1000')
    // Each layer names the next twice: 2^20 kustomizations from twenty files.
    const files: Record<string, string> = { 'k20/kustomization.yaml': 'resources: []\n' }
    for (let i = 0; i < 20; i++) {
      files[`k${i}/kustomization.yaml`] = `resources: [../k${i + 1}, ../k${i + 1}/../k${i + 1}]\n`
    }
    expect(failure(memoryTree(files), '/k0', { limits: { maxKustomizations: 500 } }).message).toContain(
      'reads more than 500 kustomizations',
    )
  })

  test('regular expressions cannot run away', () => {
    const tree = memoryTree({
      'kustomization.yaml': `resources: [a.yaml]\npatches:\n- target: {name: "(a+)+$"}\n  patch: '[{"op": "remove", "path": "/data"}]'\n`,
      'a.yaml': configMap(`${'a'.repeat(200)}b`),
    })
    const start = performance.now()
    buildKustomization(tree, '/')
    expect(performance.now() - start).toBeLessThan(5000)
  })
})

/** `n` levels that each name the one before ten times. */
const laughs = (n: number, indent: string): string =>
  Array.from({ length: n }, (_, i) => {
    const before = i === 0 ? '"ha"' : `*a${i - 1}`
    return `${indent}l${i}: &a${i} [${Array(10).fill(before).join(', ')}]\n`
  }).join('')

describe('what a few lines could make grow without end', () => {
  const one = (kustomization: string, files: Record<string, string> = {}): FileTree =>
    memoryTree({
      'kustomization.yaml': `resources: [a.yaml]\n${kustomization}`,
      'a.yaml': configMap('a', 'data: {a: x-y}\nspec: {x: y}\n'),
      ...files,
    })
  const times = (n: number, make: (i: number) => string): string =>
    Array.from({ length: n }, (_, i) => make(i)).join('')
  const inTarget = 'targets: [{select: {kind: ConfigMap}, fieldPaths:'

  test.each<[name: string, tree: FileTree, message: RegExp]>([
    [
      'a text that replacements double',
      one(
        `replacements:\n${times(40, () => `- {source: {kind: ConfigMap, fieldPath: data.a}, ${inTarget} [data.a], options: {delimiter: "-", index: 1}}]}\n`)}`,
      ),
      /a text of more than \d+ characters/,
    ],
    [
      'a map that replacements copy into itself',
      one(
        `replacements:\n${times(40, i => `- {source: {kind: ConfigMap, fieldPath: spec}, ${inTarget} [spec.a${i}], options: {create: true}}]}\n`)}`,
      ),
      /copy more than \d+ values/,
    ],
    [
      'a map that a JSON patch copies into itself',
      one('patches: [{path: p.yaml, target: {kind: ConfigMap}}]\n', {
        'p.yaml': times(40, i => `- {op: copy, from: /spec, path: /spec/a${i}}\n`),
      }),
      /copy more than \d+ values/,
    ],
    [
      'vars of long texts in long texts',
      memoryTree({
        'kustomization.yaml':
          'resources: [a.yaml]\nvars: [{name: A, objref: {apiVersion: v1, kind: ConfigMap, name: a}, fieldref: {fieldPath: metadata.annotations.x}}]\n',
        'a.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, annotations: {x: "${'$(A)'.repeat(20_000)}"}}\n`,
      }),
      /texts of more than \d+ characters together/,
    ],
    ['aliases in the kustomization', one(`metadata:\n  annotations:\n${laughs(30, '    ')}`), /excessive aliasing/],
    [
      'aliases in a configuration',
      one('configurations: [c.yaml]\n', { 'c.yaml': `nope:\n${laughs(30, '  ')}` }),
      /excessive aliasing/,
    ],
    ['aliases in CRDs', one('crds: [c.yaml]\n', { 'c.yaml': `x:\n${laughs(30, '  ')}` }), /excessive aliasing/],
    [
      'aliases in a patch',
      one('patches: [{path: p.yaml}]\n', { 'p.yaml': configMap('a', `spec:\n${laughs(30, '  ')}`) }),
      /unable to parse SM or JSON patch/,
    ],
    [
      'aliases in a transformer',
      one('transformers: [t.yaml]\n', {
        't.yaml': `apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: x}\nlabels:\n${laughs(30, '  ')}`,
      }),
      /excessive aliasing/,
    ],
    [
      'aliases in a text that a replacement looks into',
      memoryTree({
        'kustomization.yaml': `resources: [a.yaml]\nreplacements: [{source: {kind: ConfigMap, fieldPath: metadata.name}, ${inTarget} [data.t.l29]}]}]\n`,
        'a.yaml': configMap('a', `data:\n  t: |\n${laughs(30, '    ')}`),
      }),
      /excessive aliasing/,
    ],
    [
      'merge keys that each name the one before twice',
      memoryTree({
        'kustomization.yaml': 'resources: [a.yaml]\n',
        'a.yaml': configMap(
          'a',
          `spec:\n${times(28, i => `  m${i}: &m${i} ${i === 0 ? '{a: b}' : `{<<: [*m${i - 1}, *m${i - 1}], k${i}: v}`}\n`)}`,
        ),
      }),
      /excessive aliasing/,
    ],
    [
      'components named again and again',
      memoryTree({
        'kustomization.yaml': `components: [${Array(30_000).fill('c').join(', ')}]\n`,
        'c/kustomization.yaml': 'kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamePrefix: a\n',
      }),
      /reads more than \d+ kustomizations/,
    ],
    [
      'an index far behind the end of a list',
      one(
        `replacements: [{source: {kind: ConfigMap, fieldPath: metadata.name}, ${inTarget} [spec.l.999999999], options: {create: true}}]}]\n`,
      ),
      /index 999999999 specified but only 0 elements found/,
    ],
  ])('%s', (_, tree, message) => {
    // Lower than the defaults, which take seconds to reach.
    const limits = { maxCopiedNodes: 100_000, maxKustomizations: 2000 }
    expect(failure(tree, '/', { limits }).message).toMatch(message)
  })

  test('patches for all of many resources, and an object that is renamed for ever', () => {
    const many = memoryTree({
      'kustomization.yaml': `resources: [a.yaml]\npatches:\n${times(20, () => `- {target: {kind: "C.*"}, patch: '[{"op": "add", "path": "/data", "value": {"a": "b"}}]'}\n`)}`,
      'a.yaml': times(20, i => `---\n${configMap(`c${i}`)}`),
    })
    expect(failure(many, '/', { limits: { maxSteps: 2000 } }).message).toContain('too many patches and references')
    const renamed = memoryTree({
      'kustomization.yaml': `resources: [a.yaml]\ncomponents: [${Array(1100).fill('c').join(', ')}]\n`,
      'a.yaml': configMap('a'),
      'c/kustomization.yaml':
        'kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\npatches: [{target: {kind: ConfigMap}, patch: "[{\\"op\\": \\"add\\", \\"path\\": \\"/x\\", \\"value\\": 1}]"}]\n',
    })
    expect(failure(renamed, '/').message).toContain('renamed, moved or patched more than 1000 times')
  })
})

test('a cycle is named from its beginning', () => {
  const error = failure(
    memoryTree({
      'a/kustomization.yaml': 'resources: [../b]\n',
      'b/kustomization.yaml': 'resources: [../c]\n',
      'c/kustomization.yaml': 'resources: [../a]\n',
    }),
    '/a',
  )
  expect(error.code).toBe('KUSTOMIZATION_CYCLE')
  expect(error.notes.join()).toContain('/a → /b → /c → /a')
})

test('names of Object.prototype are ordinary keys', () => {
  const tree = memoryTree({
    'kustomization.yaml': 'resources: [a.yaml]\ncommonLabels: {__proto__: x, constructor: z}\n',
    'a.yaml': configMap('a', 'data: {__proto__: "1", toString: "2"}\n'),
  })
  const output = formatResources(buildKustomization(tree, '/').resources)
  expect(output).toContain('__proto__: "1"')
  expect(output).toContain('constructor: z')
  expect(({} as Record<string, unknown>)['x']).toBeUndefined()
})
