import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { chartDigests, chartReader } from '../../src/io/charts.ts'
import { PathDigests } from '../../src/io/path-digest.ts'
import type { Source } from '../../src/source.ts'
import { storedGzip, writeTar } from '../../src/tar-writer.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'decapod-charts-'))
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const source: Source = { kind: 'helm', repository: 'https://charts.example.com', chart: 'c', version: '1.0.0' }
const metadata = 'apiVersion: v2\nname: c\nversion: 1.0.0\n'

function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(dir, path)), { recursive: true })
  writeFileSync(join(dir, path), content)
}

function archive(template: string): Uint8Array {
  const files = { 'c/Chart.yaml': metadata, 'c/templates/x.yaml': template }
  return storedGzip(writeTar(Object.entries(files).map(([name, text]) => ({ name, data: Buffer.from(text) }))))
}

/** What is read of a chart after its digest was asked for and its template was changed. */
function readAfterChange(change: () => void): string | undefined {
  const places = { directories: [{ dir, label: 'charts' }] }
  // Files are old enough for their times to be trusted.
  const paths = new PathDigests({ read: () => undefined, write: () => {} }, () => Date.now() + 86_400_000)
  const read = chartReader(places, paths)
  expect(chartDigests(places, paths)(source, 'known')).toMatch(/^[0-9a-f]{64}$/)
  change()
  const { chart } = read(source)
  expect(chart.metadata.name).toBe('c')
  return chart.templates.map(({ data }) => Buffer.from(data).toString()).join()
}

describe('a chart is what its digest was made of', () => {
  test('a directory', () => {
    write('c-1.0.0/Chart.yaml', metadata)
    write('c-1.0.0/templates/x.yaml', 'digested')
    expect(readAfterChange(() => write('c-1.0.0/templates/x.yaml', 'changed'))).toBe('digested')
  })

  test('an archive', () => {
    write('c-1.0.0.tgz', archive('digested'))
    expect(readAfterChange(() => write('c-1.0.0.tgz', archive('changed')))).toBe('digested')
  })

  test('but for one with links, which the loader follows itself', () => {
    write('c-1.0.0/Chart.yaml', metadata)
    write('c-1.0.0/files/x', 'digested')
    mkdirSync(join(dir, 'c-1.0.0/templates'))
    symlinkSync('../files/x', join(dir, 'c-1.0.0/templates/x.yaml'))
    expect(readAfterChange(() => write('c-1.0.0/files/x', 'changed'))).toBe('changed')
  })
})
