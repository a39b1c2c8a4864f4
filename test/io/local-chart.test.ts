import { realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { readLocalChart } from '../../src/io/local-chart.ts'
import { failed } from '../support/failure.ts'
import { TestWorkspace } from '../support/workspace.ts'

let dir: TestWorkspace
afterEach(() => dir.remove())

test('links in a chart are told with where they lead, in the order of names, ignored ones too', () => {
  dir = new TestWorkspace(
    new Map([
      ['c/.helmignore', 'z.yaml\nskipped/\n'],
      ['c/Chart.yaml', 'apiVersion: v2\nname: c\nversion: 1.0.0\n'],
      ['c/files/one.txt', '1'],
      ['c/skipped/one.txt', '1'],
    ]),
  )
  const root = join(realpathSync(dir.dir), 'c')
  symlinkSync('Chart.yaml', join(root, 'z.yaml'))
  symlinkSync('files', join(root, 'more'))
  symlinkSync('one.txt', join(root, 'files/two.txt'))
  // A directory that is passed over is not looked into.
  symlinkSync('one.txt', join(root, 'skipped/two.txt'))
  const told: string[] = []
  const linked = (link: string, target: string): void => {
    told.push(`${link.slice(root.length)} -> ${target.slice(root.length)}`)
  }
  const { files } = readLocalChart(root, { label: 'c', linked })
  expect(told).toEqual([
    '/files/two.txt -> /files/one.txt',
    '/more -> /files',
    '/more/two.txt -> /files/one.txt',
    '/z.yaml -> /Chart.yaml',
  ])
  expect(files.map(({ name }) => name)).toContain('more/two.txt')
})

test.each<[name: string, target: string, reason: string]>([
  ['to nothing', 'gone/file', 'lstat ROOT/gone: no such file or directory'],
  ['to itself', 'link', 'EvalSymlinks: too many links'],
])('a link %s', (_, target, reason) => {
  dir = new TestWorkspace(new Map([['c/Chart.yaml', 'apiVersion: v2\nname: c\nversion: 1.0.0\n']]))
  const root = join(realpathSync(dir.dir), 'c')
  symlinkSync(target, join(root, 'link'))
  expect(failed(() => readLocalChart(root, { label: 'c' })).message.replaceAll(root, 'ROOT')).toBe(
    `error evaluating symlink ROOT/link: ${reason}`,
  )
})
