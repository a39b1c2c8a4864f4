/** Few bytes of a chart that are endless when it is loaded: archives in archives, links to links, imports of imports. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { loadChart, loadChartArchive } from '../../../src/helm/load.ts'
import { renderChart } from '../../../src/helm/render.ts'
import { readLocalChart } from '../../../src/io/local-chart.ts'
import { writeTar } from '../../../src/tar-writer.ts'
import { memoryTree } from '../../../src/tree.ts'
import { failure } from '../../support/failure.ts'

const metadata = (name: string): string => `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`

/** An archive of a chart that holds the one within it so many times, so many levels deep. */
function archives(levels: number, copies: number): Uint8Array {
  let inner: Uint8Array | undefined
  for (let level = 0; level < levels; level++) {
    const entries = [{ name: 's/Chart.yaml', data: Buffer.from(metadata(`s${level}`)) }]
    for (let i = 0; inner !== undefined && i < copies; i++) {
      entries.push({ name: `s/charts/c${i}.tgz`, data: Buffer.from(inner) })
    }
    inner = gzipSync(writeTar(entries))
  }
  return inner!
}

test('archives in archives, each twice: the charts are counted over all', () => {
  expect(failure(() => loadChartArchive(archives(20, 2)))).toMatch(/^LIMIT_EXCEEDED: .*holds more than 2000 charts$/)
})

test('archives in archives, deeper than the stack', () => {
  expect(failure(() => loadChartArchive(archives(200, 1)))).toMatch(/^LIMIT_EXCEEDED: .*nest deeper than 50$/)
})

test('links to directories of links', () => {
  const root = mkdtempSync(join(tmpdir(), 'links-'))
  try {
    writeFileSync(join(root, 'Chart.yaml'), metadata('c'))
    mkdirSync(join(root, 'l0'))
    for (let i = 1; i < 30; i++) {
      mkdirSync(join(root, `l${i}`))
      for (const name of ['a', 'b']) symlinkSync(`../l${i - 1}`, join(root, `l${i}`, name))
    }
    expect(failure(() => readLocalChart(root, { label: 'c' }))).toMatch(/^LIMIT_EXCEEDED: .*links to directories more/)
  } finally {
    rmSync(root, { recursive: true })
  }
})

/** A chart that imports a table of its subchart to many places. */
function importing(imports: readonly string[]): string {
  const tree = memoryTree({
    'Chart.yaml': `${metadata('c')}dependencies:\n- {name: s, version: 0.1.0, import-values: [${imports.join(', ')}]}\n`,
    'charts/s/Chart.yaml': metadata('s'),
    'charts/s/values.yaml': 'a: {b: 1}\n',
  })
  return failure(() => renderChart(loadChart(tree, '/')))
}

test('imports of a table into itself', () => {
  const places = Array.from({ length: 100 }, (_, i) => `{child: a, parent: x${'.y'.repeat(i)}}`)
  expect(importing(places)).toBe('LIMIT_EXCEEDED: values nest deeper than 800 levels')
})

test('imports by the thousand', () => {
  const places = Array.from({ length: 3000 }, (_, i) => `{child: a, parent: x.p${i}}`)
  expect(importing(places)).toBe('LIMIT_EXCEEDED: more than 2000 import-values')
})
