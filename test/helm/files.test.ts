import { expect, test } from 'vitest'
import { loadChart } from '../../src/helm/load.ts'
import { renderChart } from '../../src/helm/render.ts'
import { memoryTree } from '../../src/tree.ts'

const template = (text: string, names: readonly string[]): string => {
  const files = new Map([
    ['/Chart.yaml', 'apiVersion: v2\nname: c\nversion: 1.0.0\n'],
    ['/templates/a.yaml', text],
    ...names.map(name => [`/${name}`, 'x'] as const),
  ])
  return renderChart(loadChart(memoryTree(files), '/', { label: 'c' }))
    .manifests.map(({ text }) => text)
    .join('')
}

test('a chart may look for each of its files by name, one by one: what a pattern costs is what it tries', () => {
  const names = Array.from(
    { length: 150 },
    (_, i) => `certificates/${'of an authority with a long name/'.repeat(3)}${i}.pem`,
  )
  const text =
    '{{ range $path, $_ := .Files.Glob "certificates/**" }}{{ range $name, $_ := $.Files.Glob $path }}# {{ $name }}\n{{ end }}{{ end }}a: b\n'
  expect(template(text, names)).toContain('a: b')
})

test('a pattern that tries every way through long names is refused', () => {
  const names = Array.from({ length: 50 }, (_, i) => `files/${'a'.repeat(900)}${i}`)
  const text = `{{ range until 2000 }}{{ $_ := $.Files.Glob "files/${'*a'.repeat(200)}b" }}{{ end }}`
  const started = performance.now()
  expect(() => template(text, names)).toThrow(/templates took/)
  expect(performance.now() - started).toBeLessThan(15_000)
})
