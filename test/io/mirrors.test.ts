import { expect, test } from 'vitest'
import { mirrored } from '../../src/io/mirrors.ts'

const mirrors = {
  'https://charts.example.com': 'https://mirror.local/charts',
  'https://charts.example.com/stable/': 'https://mirror.local/stable',
  'docker.io': 'mirror.local:5000/hub',
  'git@git.example.com:': 'ssh://git@mirror.local/',
  'git.example.com': 'git.mirror.local',
}

test.each<[url: string, want: string]>([
  ['https://charts.example.com/web-1.tgz', 'https://mirror.local/charts/web-1.tgz'],
  ['https://charts.example.com', 'https://mirror.local/charts'],
  ['https://charts.example.com/stable/index.yaml', 'https://mirror.local/stable/index.yaml'],
  ['https://charts.example.com.evil.org/x', 'https://charts.example.com.evil.org/x'],
  ['oci://docker.io/library/nginx', 'oci://mirror.local:5000/hub/library/nginx'],
  ['docker.io/library/nginx:1', 'mirror.local:5000/hub/library/nginx:1'],
  ['docker.io.example.com/x', 'docker.io.example.com/x'],
  ['https://git.example.com/o/r', 'https://git.mirror.local/o/r'],
  ['https://elsewhere.org/git.example.com/x', 'https://elsewhere.org/git.example.com/x'],
])('%s', (url, want) => expect(mirrored(mirrors, url)).toBe(want))
