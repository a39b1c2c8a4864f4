import { expect, test } from 'vitest'
import { cloneUrl, parseRepoSpec } from '../../src/kustomize/repo-spec.ts'

/** URLs as kustomizations write them, and how kustomize splits them (api/internal/git/repospec.go). */
test.each<[url: string, clone: string, dir: string, ref: string]>([
  ['https://github.com/org/repo?ref=v1', 'https://github.com/org/repo', '', 'v1'],
  ['github.com/org/repo/path/in?version=x', 'https://github.com/org/repo', 'path/in', 'x'],
  ['git@github.com:org/repo//deep/dir', 'git@github.com:org/repo', 'deep/dir', ''],
  ['ssh://git@github.com/org/repo.git/dir', 'git@github.com:org/repo.git', 'dir', ''],
  ['https://host.example/a/b.git/c?ref=main', 'https://host.example/a/b.git', 'c', 'main'],
  ['https://dev.azure.com/o/p/_git/r/d/e', 'https://dev.azure.com/o/p/_git/r', 'd/e', ''],
  ['file:///srv/r.git/d', 'file:///srv/r.git', 'd', ''],
])('%s', (url, clone, dir, ref) => {
  const spec = parseRepoSpec(url)!
  expect([cloneUrl(spec), spec.dir, spec.ref]).toEqual([clone, dir, ref])
})

test.each(['/abs/path', '../base', 'dir/file.yaml', 'https://github.com/org', 'https://github.com/o/r//../../x'])(
  '%s is none',
  url => expect(parseRepoSpec(url)).toBeUndefined(),
)
