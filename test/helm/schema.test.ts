import { expect, test } from 'vitest'
import { loadChart } from '../../src/helm/load.ts'
import { renderChart } from '../../src/helm/render.ts'
import { memoryTree } from '../../src/tree.ts'

test.each([
  [3, 'WARNING: unresolved URN reference ignored; using permissive schema: urn:x:y'],
  [4, 'unresolved URN reference ignored; using permissive schema urn=urn:x:y'],
] as const)('a reference to an urn allows everything, and Helm %s says so at every render', (semantics, warning) => {
  const files = new Map([
    ['/Chart.yaml', 'apiVersion: v2\nname: c\nversion: 1.0.0\n'],
    ['/values.yaml', 'a: 1\n'],
    ['/values.schema.json', '{"properties": {"a": {"$ref": "urn:x:y"}}}'],
  ])
  const chart = loadChart(memoryTree(files), '/', { semantics, label: 'c' })
  for (let i = 0; i < 2; i++) expect(renderChart(chart, { semantics }).warnings).toEqual([warning])
})
