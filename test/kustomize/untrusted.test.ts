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
