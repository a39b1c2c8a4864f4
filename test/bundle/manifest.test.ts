import { describe, expect, test } from 'vitest'
import {
  type BundleContent,
  type BundleManifest,
  diffBundles,
  formatBundleManifest,
  parseBundleManifest,
} from '../../src/bundle/manifest.ts'

const digest = (n: number): string => `sha256:${String(n).repeat(64).slice(0, 64)}`
const id = (n: number): string => String(n).repeat(40)
const git = (more: Partial<BundleContent> = {}): BundleContent => ({
  type: 'git',
  name: 'manifests main',
  digest: digest(1),
  size: 10,
  mediaType: 'application/x-git-bundle',
  refs: { 'refs/heads/main': id(1) },
  files: { 'site-z/lma/grafana/Deployment_grafana.yaml': `100644 ${id(2)}` },
  paths: { 'site-z': 'site-z' },
  ...more,
})
const manifest = (...contents: BundleContent[]): BundleManifest => ({
  version: 1,
  engine: '0.1.0',
  sites: ['site-z'],
  contents,
  blobs: [...new Set(contents.map(c => c.digest))].map(d => ({ digest: d, size: 10 })),
})

test('what is written is read', () => {
  const text = formatBundleManifest(manifest(git()))
  expect(formatBundleManifest(parseBundleManifest(text, 'x'))).toBe(text)
})

describe('a content that would reach out of its place is refused', () => {
  test.each<[name: string, more: Partial<BundleContent>, field: string]>([
    ['an option of git as ref', { refs: { '--upload-pack=x': id(1) } }, 'refs'],
    ['a ref that is no branch', { refs: { 'refs/tags/v1': id(1) } }, 'refs'],
    ['a ref with ..', { refs: { 'refs/heads/a..b': id(1) } }, 'refs'],
    ['an option of git as commit', { refs: { 'refs/heads/main': '--force' } }, 'refs'],
    ['a parent that is no commit', { parent: '-x' }, 'parent'],
    ['a path above', { files: { '../x': `100644 ${id(1)}` } }, 'files'],
    ['a path into .git', { files: { '.git/config': `100644 ${id(1)}` } }, 'files'],
    ['a link', { files: { x: `120000 ${id(1)}` } }, 'files'],
    ['a directory above', { paths: { 'site-z': '../other' } }, 'paths'],
    ['a file elsewhere', { type: 'chart', file: '../../etc/passwd' }, 'file'],
    ['a hidden file', { type: 'chart', file: '.bashrc' }, 'file'],
    ['a name that speaks to the terminal', { name: 'x\u001b[2J' }, 'name'],
    ['sites that are no names', { sites: [1] as unknown as string[] }, 'sites'],
  ])('%s', (_, more, field) => {
    const text = formatBundleManifest(manifest(git(more)))
    expect(() => parseBundleManifest(text, 'x')).toThrow(`no valid ${field}`)
  })
})

describe('differences', () => {
  const other = (files: Record<string, number>): BundleContent =>
    git({
      digest: digest(2),
      files: Object.fromEntries(Object.entries(files).map(([path, n]) => [path, `100644 ${id(n)}`])),
    })
  test.each<[name: string, files: Record<string, number>, want: string[]]>([
    ['the same files in another bundle', { 'site-z/lma/grafana/Deployment_grafana.yaml': 2 }, []],
    [
      'an object changed',
      { 'site-z/lma/grafana/Deployment_grafana.yaml': 3 },
      ['changed app site-z/lma/grafana', 'changed object site-z/lma/grafana/Deployment_grafana'],
    ],
    [
      'an object added',
      { 'site-z/lma/grafana/Deployment_grafana.yaml': 2, 'site-z/lma/grafana/Service_grafana.yaml': 3 },
      ['changed app site-z/lma/grafana', 'added object site-z/lma/grafana/Service_grafana'],
    ],
    [
      'an app for another',
      { 'site-z/lma/loki/Service_loki.yaml': 3 },
      [
        'removed app site-z/lma/grafana',
        'added app site-z/lma/loki',
        'removed object site-z/lma/grafana/Deployment_grafana',
        'added object site-z/lma/loki/Service_loki',
      ],
    ],
    [
      'a file that is no site’s',
      { 'site-z/lma/grafana/Deployment_grafana.yaml': 2, 'README.md': 3 },
      ['added file manifests main: README.md'],
    ],
  ])('%s', (_, files, want) => {
    const found = diffBundles(manifest(git()), manifest(other(files)))
    expect(found.map(d => `${d.change} ${d.type} ${d.name}`)).toEqual(want)
  })
})
