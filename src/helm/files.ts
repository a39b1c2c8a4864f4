/** `.Files`: what templates see of a chart's other files (Helm's pkg/engine/files.go). */
import { meet } from '../go/extent.ts'
import { base } from '../go/path.ts'
import { fn, fromBytes, type GoFunc, GoMap, GoSlice } from '../go/value.ts'
import type { Chart } from './chart.ts'
import { compileGlob } from './glob.ts'

/** Writes values as `toYaml` does; passed in, because the functions build on the engine. */
export type ToYaml = (value: GoMap) => string

const cache = new WeakMap<Chart, GoMap>()

/** The files of a chart as `.Files`; made once per chart, since no template can change it. */
export function filesOf(chart: Chart, toYaml: ToYaml): GoMap {
  let files = cache.get(chart)
  if (files === undefined) {
    files = makeFiles(new Map(chart.files.map(file => [file.name, file.data])), toYaml)
    cache.set(chart, files)
  }
  return files
}

function makeFiles(contents: ReadonlyMap<string, Uint8Array>, toYaml: ToYaml): GoMap {
  const read = (name: string): Uint8Array => {
    const data = contents.get(name) ?? new Uint8Array()
    meet(data.length >> 3)
    return data
  }
  const flatten = (write: (data: Uint8Array) => string): string =>
    toYaml(
      new GoMap(
        'map[string]string',
        'string',
        [...contents].map(([name, data]) => {
          meet(data.length >> 1)
          return [base(name), write(data)]
        }),
      ),
    )
  const methods: Record<string, GoFunc> = {
    Get: fn('(string) string', (name: string) => fromBytes(read(name))),
    GetBytes: fn('(string) []byte', read),
    Glob: fn('(string) files', (pattern: string) => {
      // A pattern is held against each name; what it tries there it counts itself.
      meet(contents.size + pattern.length * 8)
      const matches = compileOrAll(pattern)
      return makeFiles(new Map([...contents].filter(([name]) => matches(name))), toYaml)
    }),
    AsConfig: fn('() string', () => flatten(fromBytes)),
    AsSecrets: fn('() string', () => flatten(data => Buffer.from(data).toString('base64'))),
    Lines: fn('(string) []string', (name: string) => {
      const text = fromBytes(read(name))
      return GoSlice.make('string', text === '' ? [] : text.replace(/\n$/, '').split('\n'))
    }),
  }
  return new GoMap('engine.files', '[]uint8', contents, methods)
}

/** A pattern that is malformed matches every file. */
function compileOrAll(pattern: string): (name: string) => boolean {
  try {
    return compileGlob(pattern)
  } catch {
    return () => true
  }
}
