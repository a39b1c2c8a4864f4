/**
 * Charts with subcharts two levels deep: aliases, conditions, tags, version ranges, import-values, globals, nulls and
 * changes of type at every level, and the user's values over them. Every chart prints its final values.
 */
import type { Question } from '../../../test/support/answer.ts'
import type { Random } from '../random.ts'

/** A tree of values; texts in it are written as they are. */
type Tree = string | Tree[] | { [key: string]: Tree }

const scalars = ['1', '2.5', 'true', 'false', 'null', 'x', '"5"', '""', '0', '~', '1e6', '12345678901234567890']

function tree(random: Random, depth: number): Tree {
  const kind = random.below(10)
  if (depth > 0 && kind < 4) return table(random, ['a', 'b', 'c'], depth - 1)
  if (kind < 5) return random.chance(0.5) ? '{}' : [random.pick(scalars), depth > 0 ? tree(random, depth - 1) : '1']
  if (kind < 6) return 'null'
  return random.pick(scalars)
}

function table(random: Random, keys: readonly string[], depth: number): Tree {
  const out: Record<string, Tree> = {}
  for (const key of random.some(keys, 0.55)) out[key] = tree(random, depth)
  return out
}

function text(value: Tree): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return `[${value.map(text).join(', ')}]`
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${text(item)}`)
  return `{${entries.join(', ')}}`
}

const names = ['s1', 's2', 'n1', 'al']

/** The values of a chart, which may speak for the charts below it. */
function values(random: Random, below: readonly string[], depth: number): Tree {
  const out = table(random, ['a', 'b', 'c'], 2) as Record<string, Tree>
  if (random.chance(0.5)) out['global'] = random.chance(0.9) ? table(random, ['a', 'b', 'g'], 2) : tree(random, 1)
  if (random.chance(0.3)) out['tags'] = random.chance(0.9) ? flags(random, ['t1', 't2']) : tree(random, 0)
  if (random.chance(0.3)) out['on'] = random.pick(['true', 'false', 'null', 'x', '{a: true}'])
  if (random.chance(0.4)) out['exports'] = { e: table(random, ['a', 'b', 'e'], 2), f: tree(random, 1) }
  if (depth > 0) {
    for (const name of below) {
      if (random.chance(0.5)) out[name] = random.chance(0.93) ? values(random, names, depth - 1) : random.pick(scalars)
    }
  }
  return out
}

function flags(random: Random, keys: readonly string[]): Tree {
  return Object.fromEntries(
    random.some(keys, 0.7).map(key => [key, random.pick(['true', 'false', 'false', 'null', '"x"'])]),
  )
}

function entry(random: Random, name: string): string {
  const out: Record<string, Tree> = {
    name,
    version: random.pick(['"*"', '1.x', '>=0.1.0', '"1.0.0"', '2.x', '""', '^1.0.0', 'x y']),
  }
  if (random.chance(0.85)) out['version'] = '">=0.1.0"'
  if (random.chance(0.3)) out['alias'] = 'al'
  if (random.chance(0.35))
    out['condition'] = random.pick([
      'on',
      `${name}.on`,
      's1.on,on',
      'a',
      'a.b',
      '"al.on, on"',
      '" on"',
      'global.a',
      'x.y.z',
    ])
  if (random.chance(0.3)) out['tags'] = random.some(['t1', 't2', 't3'], 0.5)
  if (random.chance(0.35)) {
    out['import-values'] = Array.from({ length: 1 + random.below(3) }, () =>
      random.pick([
        'e',
        'f',
        'e',
        'zz',
        '{child: a, parent: b}',
        '{child: global, parent: im.x}',
        '{child: exports.e, parent: .}',
        '{child: a, parent: a}',
        '{child: zz, parent: b}',
        '{child: a.b, parent: global}',
        '5',
        '{child: a}',
        '{parent: b}',
      ]),
    )
  }
  return text(out)
}

function metadata(random: Random, name: string, entries: readonly string[]): string {
  const version = random.pick(['1.0.0', '1.0.0', '0.1.0', '1.2.3-rc.1', '2.0.0'])
  const dependencies = entries.length === 0 ? '' : `dependencies:\n${entries.map(one => `- ${one}\n`).join('')}`
  return `apiVersion: v2\nname: ${name}\nversion: ${version}\n${dependencies}`
}

const shown =
  'values:\n{{ toYaml .Values | indent 2 }}\nchart: {{ .Chart.Name }} {{ hasKey .Values "a" }} {{ hasKey .Values "global" }}\n'

export function chartCase(random: Random): Question {
  const files: Record<string, string> = {}
  const chart = (path: string, name: string, below: readonly string[], depth: number): void => {
    // Two that are not listed would be in the order of a Go map.
    const listed = below.filter((_, i) => i > 0 || random.chance(0.93))
    const entries = listed.map(one => entry(random, one))
    if (listed.length > 0 && random.chance(0.15)) entries.push(entry(random, random.pick(listed)))
    files[`${path}Chart.yaml`] = metadata(random, name, entries)
    if (random.chance(0.9)) files[`${path}values.yaml`] = `${text(values(random, below, depth))}\n`
    files[`${path}templates/v.yaml`] = shown
    for (const one of below)
      chart(`${path}charts/${one}/`, one, depth > 1 && random.chance(0.6) ? ['n1'] : [], depth - 1)
  }
  chart('', 'r', random.chance(0.6) ? ['s1', 's2'] : ['s1'], 2)
  const valuesText = Array.from({ length: random.below(3) }, () => `${text(values(random, names.slice(0, 2), 2))}\n`)
  const set = random.chance(0.3)
    ? [
        random.pick([
          's1.a=null',
          's1=null',
          'a=null',
          'global.a.b=1',
          'global=null',
          'tags.t1=true',
          'tags.t1=false',
          's1.n1.a=5',
          'al.on=true',
          's1.a.b=null',
          's1.on=false',
          'on=true',
          'global.g=null',
        ]),
      ]
    : []
  return { kind: 'chart', files, valuesText, set }
}
