import { expect, test } from 'vitest'
import { formatLock, type Lock, parseLock } from '../src/lock.ts'
import { formatSource, parseSource, type Source } from '../src/source.ts'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

test.each<[name: string, source: Source, text: string]>([
  [
    'helm',
    { kind: 'helm', repository: 'https://charts.example.com/stable', chart: 'web', version: '>=1.2.0, <2.0.0' },
    'helm https://charts.example.com/stable web >=1.2.0, <2.0.0',
  ],
  [
    'helm, newest',
    { kind: 'helm', repository: 'https://charts.example.com', chart: 'web', version: '' },
    'helm https://charts.example.com web',
  ],
  [
    'oci',
    { kind: 'oci', repository: 'registry.example.com:5000/charts/web', version: '1.2.3' },
    'oci registry.example.com:5000/charts/web 1.2.3',
  ],
  [
    'git',
    { kind: 'git', url: 'https://git.example.com/o/r', path: 'deploy/base', ref: 'v1', submodules: true },
    'git https://git.example.com/o/r//deploy/base v1',
  ],
  [
    'git, root, HEAD',
    { kind: 'git', url: 'git@git.example.com:o/r.git', path: '', ref: '', submodules: false },
    'git git@git.example.com:o/r.git without submodules',
  ],
  ['http', { kind: 'http', url: 'https://example.com/a.yaml?x=1' }, 'http https://example.com/a.yaml?x=1'],
])('source: %s', (_, source, text) => {
  expect(formatSource(source)).toBe(text)
  expect(parseSource(text)).toEqual(source)
})

test('credentials and a slash at the end do not make another source', () => {
  expect(
    formatSource({ kind: 'helm', repository: 'https://user:secret@charts.example.com/', chart: 'web', version: '1' }),
  ).toBe('helm https://charts.example.com web 1')
  expect(formatSource({ kind: 'http', url: 'https://user:secret@example.com/a' })).toBe('http https://example.com/a')
})

test.each(['', 'helm https://x', 'svn https://x', 'http a b'])('"%s" is no source', text =>
  expect(() => parseSource(text)).toThrow(/does not name a source/),
)

test('the lock is written and read back, sorted', () => {
  const lock: Lock = new Map([
    ['oci registry.example.com/web 1.2.3', { version: '1.2.3', digest }],
    ['git https://git.example.com/o/r v1', { commit: 'c'.repeat(40), digest }],
  ])
  const text = formatLock(lock)
  expect(text.indexOf('git https')).toBeLessThan(text.indexOf('oci registry'))
  expect(parseLock(text, 'decapod.lock')).toEqual(new Map([...lock].sort()))
  expect(parseLock(formatLock(new Map()), 'decapod.lock')).toEqual(new Map())
})

test('two branches that add different sources merge line by line', () => {
  const entry = (key: string): Lock => new Map([[key, { digest }]])
  const base = formatLock(entry('http https://m/m'))
  const [ours, theirs] = [
    formatLock(new Map([...entry('http https://a/a'), ...entry('http https://m/m')])),
    formatLock(new Map([...entry('http https://m/m'), ...entry('http https://z/z')])),
  ]
  const added = (text: string): string[] =>
    text.split('\n').filter(l => !base.split('\n').includes(l) || l.includes('/a') || l.includes('/z'))
  expect(added(ours)).toHaveLength(1)
  expect(added(theirs)).toHaveLength(1)
})

test.each<[name: string, text: string, message: RegExp]>([
  ['conflict markers', 'version: 1\n<<<<<<< ours\nsources: {}\n=======\n>>>>>>> theirs\n', /merge conflict markers/],
  ['another version', 'version: 2\nsources: {}\n', /not of version 1/],
  [
    'a digest that is none',
    `version: 1\nsources:\n  "http https://a":\n    digest: sha256:123\n`,
    /has no sha256 digest/,
  ],
  ['not YAML', 'version: [\n', /the lock/],
])('%s', (_, text, message) => expect(() => parseLock(text, 'decapod.lock')).toThrow(message))
