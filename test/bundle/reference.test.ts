import { expect, test } from 'vitest'
import { familiarName, formatReference, tryParseReference } from '../../src/bundle/reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

test.each<[text: string, full: string | undefined, familiar?: string]>([
  ['nginx', 'docker.io/library/nginx', 'nginx'],
  ['nginx:1.27', 'docker.io/library/nginx:1.27', 'nginx:1.27'],
  ['bitnami/redis:7', 'docker.io/bitnami/redis:7', 'bitnami/redis:7'],
  ['docker.io/nginx', 'docker.io/library/nginx', 'nginx'],
  ['index.docker.io/library/nginx', 'docker.io/library/nginx', 'nginx'],
  ['quay.io/a/b/c:v1', 'quay.io/a/b/c:v1'],
  ['localhost/x', 'localhost/x'],
  ['localhost:5000/x:1', 'localhost:5000/x:1'],
  ['deploy001:5000/x', 'deploy001:5000/x'],
  ['[::1]:5000/x', '[::1]:5000/x'],
  [`quay.io/a:1@${digest}`, `quay.io/a:1@${digest}`],
  [`a@${digest}`, `docker.io/library/a@${digest}`, `a@${digest}`],
  ['registry.example.com/a__b-c.d:_x', 'registry.example.com/a__b-c.d:_x'],
  ['UPPER/x', 'UPPER/x'],
  ['Nginx', undefined],
  ['', undefined],
  ['a b', undefined],
  ['a:', undefined],
  ['a:-x', undefined],
  ['http://x/y', undefined],
  ['a@sha256:short', undefined],
  ['/x', undefined],
  ['a//b', undefined],
  ['a/', undefined],
])('%s', (text, full, familiar = full) => {
  const reference = tryParseReference(text)
  expect(reference && formatReference(reference)).toBe(full)
  expect(reference && familiarName(reference)).toBe(familiar)
})
