import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chooseVersion, openChartIndex } from '../../src/io/chart-index.ts'

let dir: string
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'decapod-index-'))
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

const read = async (text: string, chart = 'web'): Promise<string[]> => {
  const file = join(dir, 'index.yaml')
  writeFileSync(file, text)
  const index = await openChartIndex(file, 'https://charts.example.com')
  return (await index.versions(chart)).map(v => `${v.version} ${v.urls.join()}`)
}

const usual = `apiVersion: v1
entries:
  api:
  - name: api
    version: 9.0.0
    urls: [api-9.0.0.tgz]
  web:
  - name: web
    # a comment
    description: |
      text: that looks like
      api:
    version: 1.2.0
    urls:
    - https://charts.example.com/web-1.2.0.tgz
  - name: web
    version: 1.10.0
    urls:
    - web-1.10.0.tgz
  - name: web
    version: not-a-version
  zoo:
  - name: zoo
    version: 1.0.0
generated: "2026-01-01T00:00:00Z"
`

test.each<[name: string, text: string]>([
  ['as Helm writes it', usual],
  ['with CRLF', usual.replaceAll('\n', '\r\n')],
  ['lists not indented under quoted keys', usual.replace('  web:', '  "web":')],
  ['comments and blank lines between', usual.replaceAll('\n  -', '\n# at the margin\n\n  -')],
  ['without a line break at its end', usual.slice(0, usual.indexOf('generated')).trimEnd()],
  ['lists indented', usual.replace(/^( {2}[- ] .*| {4,}.*)$/gm, '  $1')],
  [
    'JSON',
    JSON.stringify({
      apiVersion: 'v1',
      entries: {
        web: [
          { name: 'web', version: '1.2.0', urls: ['https://charts.example.com/web-1.2.0.tgz'] },
          { version: '1.10.0', urls: ['web-1.10.0.tgz'] },
        ],
      },
    }),
  ],
  [
    'with an anchor elsewhere',
    usual
      .replace('urls: [api-9.0.0.tgz]', 'urls: &u [web-1.10.0.tgz]')
      .replace('    urls:\n    - web-1.10.0.tgz', '    urls: *u'),
  ],
])('%s', async (_, text) => {
  expect(await read(text)).toEqual(['1.10.0 web-1.10.0.tgz', '1.2.0 https://charts.example.com/web-1.2.0.tgz'])
})

test.each<[name: string, text: string, chart: string, message: RegExp]>([
  ['no such chart', usual, 'wbe', /has no chart "wbe"/],
  ['no index at all', '<html>not found</html>', 'web', /cannot be read|has no entries/],
  ['no entries', 'apiVersion: v1\n', 'web', /has no entries/],
])('%s', async (_, text, chart, message) => {
  await expect(read(text, chart)).rejects.toThrow(message)
})

test.each<[wanted: string, got: string]>([
  ['', '1.10.0'],
  ['1.2.0', '1.2.0'],
  ['~1.2', '1.2.0'],
  ['^1', '1.10.0'],
  ['2.0.0-rc.1', '2.0.0-rc.1'],
  ['>=2.0.0-0', '2.0.0-rc.1'],
])('chooses %j', (wanted, got) => {
  const versions = ['2.0.0-rc.1', '1.10.0', '1.2.0'].map(version => ({
    name: 'web',
    version,
    appVersion: '',
    urls: [],
    digest: undefined,
    deprecated: false,
  }))
  expect(chooseVersion(versions, wanted, 'web').version).toBe(got)
})

test('a large index is passed through, not held', async () => {
  const block = (name: string): string =>
    `  ${name}:\n${Array.from({ length: 40 }, (_, i) => `  - name: ${name}\n    version: 1.0.${i}\n    description: ${'x'.repeat(200)}\n    urls:\n    - ${name}-1.0.${i}.tgz\n`).join('')}`
  const text = `apiVersion: v1\nentries:\n${Array.from({ length: 1400 }, (_, i) => block(`chart-${i}`)).join('')}`
  expect(text.length).toBeGreaterThan(14_000_000)
  const file = join(dir, 'index.yaml')
  writeFileSync(file, text)
  const before = process.memoryUsage().rss
  const begun = performance.now()
  const index = await openChartIndex(file, 'https://charts.example.com')
  // Every chart of it, as a large workspace asks.
  for (let i = 0; i < 100; i++) expect(await index.versions(`chart-${i * 14}`)).toHaveLength(40)
  expect(performance.now() - begun).toBeLessThan(5000)
  expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
})
