/** Scalars in every style, at every depth, as files of resources have them; keys in odd orders. */

import type { Random } from '../random.ts'
import type { Files } from './files.ts'

const lines = [
  'a',
  'b c',
  'key: value',
  '- item',
  '# no comment',
  '"quoted"',
  "it's",
  '  further',
  ' x',
  '',
  '',
  'trailing ',
  '$(VAR)',
  'é',
  '{"a": 1}',
  'long '.repeat(30).trim(),
]
const flows = [
  'plain',
  '"double\\nline"',
  "'single'",
  '1.0',
  '0o17',
  '0b11',
  '1_000',
  '.5',
  '~',
  'null',
  'yes',
  'No',
  '2001-12-14',
  '2001-12-14t21:59:43.10-05:00',
  '12:30:45',
  '!!str 5',
  '!!binary aGVsbG8=',
  '!!float 1',
  '0x1F',
  '[a, {b: c}]',
  '{a: , b: [ ]}',
  '"\\u263a\\x41\\t"',
  '=',
  '<<',
  '"long long long long long long long long long long long long long long long long long long"',
  '99999999999999999999',
  '1.7976931348623157e308',
  '0.00001',
  '-0.0',
  '"null"',
  '*anchor',
  'a#b',
  'a: b',
]

function value(random: Random, indent: string, depth: number): string {
  const kind = random.below(10)
  if (depth > 0 && kind < 2) {
    return `\n${Array.from(
      { length: 1 + random.below(3) },
      () =>
        `${indent}- ${value(random, `${indent}  `, depth - 1)
          .replace(/^\n\s*/, '')
          .trimStart()}`,
    ).join('')}`
  }
  if (depth > 0 && kind < 4) return `\n${map(random, indent, depth - 1)}`
  if (kind < 7) {
    const text = Array.from({ length: 1 + random.below(5) }, () => random.pick(lines))
    const first = text.find(line => line !== '') ?? ''
    const hint = first.startsWith(' ') ? '2' : ''
    const head = `${random.pick(['|', '>', '>'])}${hint}${random.pick(['', '-', '+'])}`
    return `${head}\n${text.map(line => (line === '' ? '\n' : `${indent}${line}\n`)).join('')}`
  }
  const token = random.pick(flows)
  return ` ${token === '*anchor' ? '&a x' : token === 'a: b' ? "'a: b'" : token}\n`.slice(1)
}

const keys = [
  'a',
  'b',
  'a1',
  'a10',
  'a2',
  'A',
  '"1"',
  '"10"',
  '"2"',
  'a-b',
  'a.b',
  'a_b',
  '"true"',
  'é',
  '"k k"',
  'yes',
  'on',
]

function map(random: Random, indent: string, depth: number): string {
  const used = random.some(keys, 0.3)
  if (used.length === 0) return `${indent}z: 1\n`
  if (random.chance(0.3)) used.reverse()
  return used.map(key => `${indent}${key}: ${value(random, `${indent}  `, depth)}`).join('')
}

/** One object with no schema, sometimes patched so that what is written takes the other ways to the output. */
export function textCase(random: Random): Files {
  const patch = random.pick([
    '',
    'namePrefix: p-\n',
    'patches: [{target: {kind: Widget}, patch: \'[{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]\'}]\n',
    'patches: [{patch: "{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {added: 1}}"}]\n',
    'commonAnnotations: {c: d}\n',
  ])
  return {
    'kustomization.yaml': `resources: [w.yaml]\n${patch}`,
    'w.yaml': `apiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: w\nspec:\n${map(random, '  ', 3)}`,
  }
}
