import { expect, test } from 'vitest'
import { failureLine, leveled, linkWarning, loggedLine, logLine } from '../../src/helm/log-line.ts'

test.each([
  // As the two helms print them for a chart whose subchart is set to text, and for a deprecated one.
  ['warning: skipped value for w.c: Not a table.', 'coalesce.go:237: warning: skipped value for w.c: Not a table.'],
  ['WARNING: This chart is deprecated', 'WARNING: This chart is deprecated'],
  ['key a is table. Skipping', 'coalesce.go:175: key a is table. Skipping'],
  [
    linkWarning('/c/a', '/c/b', 3),
    'walk.go:75: found symbolic link in path: /c/a resolves to /c/b. Contents of linked file included and used',
  ],
  ['info: skipping unknown hook: "x"', 'manifest_sorter.go:199: info: skipping unknown hook: "x"'],
])('Helm 3 names the line of its own source: %s', (warning, line) => {
  expect(loggedLine(warning, 3)).toBe(line)
})

test.each([
  [
    'warning: cannot overwrite table with non table for a.b ("x")',
    'level=INFO msg="warning: cannot overwrite table with non table for a.b (\\"x\\")"',
  ],
  ['this chart is deprecated', 'level=WARN msg="this chart is deprecated"'],
  [
    logLine('returned non-bool value', { path: 'sub.enabled', chart: 'sub' }),
    'level=WARN msg="returned non-bool value" path=sub.enabled chart=sub',
  ],
  [
    logLine('ImportValues missing table', { error: '"x" is not a table' }),
    'level=WARN msg="ImportValues missing table" error="\\"x\\" is not a table"',
  ],
  [
    linkWarning('/c/a b', '/c/b', 4),
    'level=INFO msg="found symbolic link in path. Contents of linked file included and used" path="/c/a b" resolved=/c/b',
  ],
  [logLine('skipping unknown hooks', { hookTypes: 'a' }), 'level=INFO msg="skipping unknown hooks" hookTypes=a'],
])('Helm 4 gives levels: %s', (warning, line) => {
  expect(loggedLine(warning, 4)).toBe(line)
})

test('Helm 4 logs a failure of dependencies before it prints it', () => {
  expect(failureLine('chart dependencies processing failed: type mismatch on two: %!t(string=x)')).toBe(
    'level=ERROR msg="chart dependencies processing failed" error="type mismatch on two: %!t(string=x)"',
  )
  expect(failureLine('release name check failed: release name "A": no')).toBe(
    'level=ERROR msg="release name check failed" error="release name \\"A\\": no"',
  )
  expect(failureLine('type mismatch')).toBeUndefined()
  expect(leveled('WARN', "--dry-run='x'")).toBe(`level=WARN msg="--dry-run='x'"`)
})
