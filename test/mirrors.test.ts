import { expect, test } from 'vitest'
import { mirrored, mirroredAddress } from '../src/mirrors.ts'

const mirrors = {
  'https://charts.example.com': 'https://mirror.local/charts',
  'https://charts.example.com/stable/': 'https://mirror.local/stable',
  'docker.io': 'mirror.local:5000/hub',
  'oci://ghcr.io/': 'oci://mirror.local:5000/ghcr/',
  'quay.io/a': 'mirror.local:5000/quay-a',
  'git@git.example.com:': 'ssh://git@mirror.local/',
  'git@gitlab.example.com:': 'git@gitlab.mirror.local:',
  'git.example.com': 'git.mirror.local',
}

test.each<[url: string, want: string]>([
  ['https://charts.example.com/web-1.tgz', 'https://mirror.local/charts/web-1.tgz'],
  ['https://charts.example.com', 'https://mirror.local/charts'],
  ['https://charts.example.com/stable/index.yaml', 'https://mirror.local/stable/index.yaml'],
  ['https://charts.example.com.evil.org/x', 'https://charts.example.com.evil.org/x'],
  // another port is another server
  ['https://charts.example.com:8443/web-1.tgz', 'https://charts.example.com:8443/web-1.tgz'],
  ['oci://docker.io/library/nginx', 'oci://mirror.local:5000/hub/library/nginx'],
  ['docker.io/library/nginx:1', 'mirror.local:5000/hub/library/nginx:1'],
  ['docker.io.example.com/x', 'docker.io.example.com/x'],
  ['https://git.example.com/o/r', 'https://git.mirror.local/o/r'],
  ['git@git.example.com:o/r.git', 'ssh://git@mirror.local/o/r.git'],
  ['git@gitlab.example.com:o/r.git', 'git@gitlab.mirror.local:o/r.git'],
  // a table that names the host serves every way to it
  ['ssh://git@git.example.com/o/r', 'ssh://git@git.mirror.local/o/r'],
  ['git@docker.io:o/r', 'ssh://git@mirror.local:5000/hub/o/r'],
  // credentials of the origin are not for its mirror
  ['https://user:secret@charts.example.com/web-1.tgz', 'https://mirror.local/charts/web-1.tgz'],
  ['https://user:secret@elsewhere.org/x', 'https://user:secret@elsewhere.org/x'],
  ['https://elsewhere.org/git.example.com/x', 'https://elsewhere.org/git.example.com/x'],
])('%s', (url, want) => expect(mirrored(mirrors, url)).toBe(want))

test.each<[address: string, want: string | undefined]>([
  ['docker.io/library/nginx', 'mirror.local:5000/hub/library/nginx'],
  ['ghcr.io/o/x', 'mirror.local:5000/ghcr/o/x'],
  ['quay.io/a/b', 'mirror.local:5000/quay-a/b'],
  ['quay.io/ab/c', undefined],
  // already there
  ['mirror.local:5000/hub/library/nginx', 'mirror.local:5000/hub/library/nginx'],
  ['mirror.local:5000/other', undefined],
  // a repository of charts is none of images
  ['charts.example.com/x', undefined],
])('the image %s lies at %s', (address, want) => expect(mirroredAddress(mirrors, address)).toBe(want))

test('* is every registry that no other line names, and nothing but registries', () => {
  const table = { '*': 'mirror.local/all', 'quay.io': 'mirror.local/quay' }
  expect(mirroredAddress(table, 'gcr.io/x/y')).toBe('mirror.local/all/gcr.io/x/y')
  expect(mirroredAddress(table, 'quay.io/x')).toBe('mirror.local/quay/x')
  expect(mirroredAddress(table, 'mirror.local/all/gcr.io/x/y')).toBe('mirror.local/all/gcr.io/x/y')
  expect(mirrored(table, 'oci://gcr.io/charts/x')).toBe('oci://mirror.local/all/gcr.io/charts/x')
  expect(mirrored(table, 'oci://mirror.local/all/gcr.io/charts/x')).toBe('oci://mirror.local/all/gcr.io/charts/x')
  expect(mirrored(table, 'https://git.example.com/x')).toBe('https://git.example.com/x')
})
