/** YAML, JSON and TOML texts, right and broken, through every reader of Helm: functions, values files and manifests. */
import type { Question } from '../../../test/support/answer.ts'
import type { Random } from '../random.ts'
import { anchors, scalarText, tokens } from './scalars.ts'
import { tomlText } from './toml-text.ts'

/** A text as one of: argument of fromYaml and its kin, values file, template, Chart.yaml, fromJson, fromToml. */
export function yamlCase(random: Random): Question {
  const way = random.below(20)
  if (way < 3) return reading(random, jsonText(random), ['fromJson', 'fromJsonArray'])
  if (way < 7) return reading(random, tomlText(random), ['fromToml'])
  const text = document(random)
  if (way < 13) return reading(random, text, ['fromYaml', 'fromYaml', 'fromYamlArray'])
  if (way < 15) return { kind: 'set', valuesText: random.chance(0.3) ? [text, document(random)] : [text] }
  const chart = 'apiVersion: v2\nname: c\nversion: 0.1.0\n'
  // Read by templates as a file, so that braces in it are only text.
  const template = '{{ .Files.Get "document" }}'
  if (way < 18)
    return {
      kind: 'chart',
      files: { 'Chart.yaml': chart, 'templates/t.yaml': template, document: manifest(random, text) },
    }
  if (way < 19) {
    const files = {
      'Chart.yaml': chart,
      'values.yaml': text,
      'templates/t.yaml': 'v:\n{{ toYaml .Values | indent 2 }}',
    }
    return { kind: 'chart', files }
  }
  const field = random.pick([
    'version',
    'appVersion',
    'description',
    'keywords',
    'annotations',
    'maintainers',
    'kubeVersion',
    'sources',
    'icon',
    'deprecated',
    'name',
    'type',
    'home',
    'tags',
    'condition',
    'dependencies',
  ])
  const metadata = `${field === 'version' ? chart.replace(/version: .*\n/, '') : chart}${field}: ${scalarText(random, '  ')}\n`
  return { kind: 'chart', files: { 'Chart.yaml': metadata, 'templates/t.yaml': 'c: {{ toJson .Chart }}' } }
}

/** The text read, and what was read written by every writer. */
function reading(random: Random, text: string, functions: readonly string[]): Question {
  const name = random.pick(functions)
  const writers = ['toJson', 'toYaml', 'toYamlPretty', ...(name.endsWith('Array') ? [] : ['toToml'])]
  const shown = writers.map(writer => `{{ $v | ${writer} }}`).join('\n---\n')
  return { kind: 'template', template: `{{ $v := ${name} .Values.s }}${shown}`, data: { s: text } }
}

/** A document that a manifest may be: now and then with what Helm looks for in one. */
function manifest(random: Random, text: string): string {
  if (random.chance(0.5)) return text
  const head = random.pick([
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n',
    'kind: [x]\n',
    'metadata: x\n',
    'metadata:\n  annotations:\n    a: 1\n    "helm.sh/hook": pre-install\n',
    'metadata: {annotations: {a: [1]}}\n',
    'apiVersion: 1\nkind: true\n',
    '---\n',
    '--- # c\n',
    'a: 1\n---\n',
  ])
  return head + text
}

// ---------------------------------------------------------------------------------------------------------------------
// YAML

function document(random: Random): string {
  let text = random.chance(0.85)
    ? mapping(random, '', 3)
    : random.chance(0.6)
      ? sequence(random, '', 3)
      : `${scalarText(random, '')}\n`
  if (random.chance(0.1))
    text = `${random.pick(['---', '--- ', '%YAML 1.1\n---', '# c', '\ufeff', '---\n---', '...', '%x'])}\n${text}`
  if (random.chance(0.06)) text += random.pick(['---\nb: 2\n', '...\n', '---\n', '--- x\n', '... x\n', '# end'])
  if (random.chance(0.05)) text = text.replaceAll('\n', random.pick(['\r\n', '\r']))
  for (let mutations = random.chance(0.35) ? 1 + random.below(3) : 0; mutations > 0; mutations--)
    text = mutated(random, text)
  return text
}

const keys = [
  'a',
  'b',
  'c',
  'd',
  'a b',
  '"q"',
  "'s'",
  '1',
  '1.5',
  '0x1f',
  'true',
  'on',
  'y',
  'null',
  '~',
  '<<',
  'é',
  '-k',
  'k#',
  '2001-01-01',
  '? a',
  '[a]',
  '{a: 1}',
  '!!str 5',
  '&a k',
  '*a',
  '""',
  '1e3',
  '.inf',
  '-0',
  '"a\\nb"',
  'x'.repeat(130),
]

function key(random: Random): string {
  return random.chance(0.75) ? random.pick(['a', 'b', 'c', 'd', 'e', 'f']) : random.pick(keys)
}

function mapping(random: Random, indent: string, depth: number): string {
  let out = ''
  for (let i = 1 + random.below(4); i > 0; i--) {
    const at = random.chance(0.03) ? `${indent} ` : indent
    if (random.chance(0.06)) out += random.pick([`${at}# comment\n`, '\n', `${at}\n`, '\t\n', ' # c\n'])
    const name = key(random)
    if (name === '<<' || random.chance(0.04))
      out += `${at}<<: ${random.pick(['*a', '[*a, *b]', '{a: 1, z: 2}', '[{a: 1}, {a: 2, y: 3}]', '5', '*zz', 'null'])}\n`
    else if (random.chance(0.03)) out += `${at}? ${random.pick(tokens)}\n${at}: ${value(random, at, depth)}`
    else
      out += `${at}${name}${random.chance(0.04) ? random.pick([' ', '\t', '']) : ''}:${random.chance(0.96) ? '' : 'x'}${value(random, at, depth)}`
  }
  return out
}

/** What stands after a key's colon, with the line break that ends it. */
function value(random: Random, indent: string, depth: number): string {
  const anchor = random.chance(0.08) ? ` &${random.pick(anchors)}` : ''
  const comment = random.chance(0.05) ? ' # c' : ''
  if (depth > 0) {
    const step = random.pick(['  ', '  ', '  ', ' ', '    '])
    switch (random.below(7)) {
      case 0:
        return `${anchor}${comment}\n${mapping(random, indent + step, depth - 1)}`
      case 1:
        return `${anchor}${comment}\n${sequence(random, random.chance(0.4) ? indent : indent + step, depth - 1)}`
      case 2:
        return `${anchor} ${flow(random, depth)}${comment}\n`
    }
  }
  return ` ${scalarText(random, `${indent}  `)}${comment}\n`
}

function sequence(random: Random, indent: string, depth: number): string {
  let out = ''
  for (let i = 1 + random.below(3); i > 0; i--) {
    const step = depth > 0 ? random.below(6) : 9
    if (step === 0) out += `${indent}- ${mapping(random, `${indent}  `, depth - 1).trimStart()}`
    else if (step === 1) out += `${indent}- ${sequence(random, `${indent}  `, depth - 1).trimStart()}`
    else if (step === 2) out += `${indent}-${value(random, indent, depth - 1)}`
    else out += `${indent}- ${scalarText(random, `${indent}  `)}\n`
  }
  return out
}

function flow(random: Random, depth: number): string {
  const space = random.pick(['', '', ' ', '\n ', ' # c\n  '])
  const item = (): string => {
    if (depth > 0 && random.chance(0.25)) return flow(random, depth - 1)
    return random.chance(0.7)
      ? random.pick(['a', '1', '"x"', "'y'", 'b c', '*a', '&a x', '~', '', '!!str 1', 'a:b', '-', '1e3'])
      : random.pick(tokens)
  }
  const items = Array.from({ length: random.below(4) }, item)
  if (random.chance(0.5)) return `[${space}${items.join(`,${space}`)}${random.chance(0.1) ? ',' : ''}]`
  const pairs = items.map(one => `${key(random)}${random.pick([': ', ': ', ': ', ':', ' : ', ''])}${one}`)
  return `{${space}${pairs.join(`,${space}`)}${random.chance(0.1) ? ',' : ''}}`
}

/** One small mistake. Half a pair of surrogates is none that can be asked. */
function mutated(random: Random, text: string): string {
  return mistake(random, text).replaceAll(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '')
}

function mistake(random: Random, text: string): string {
  const at = random.below(text.length + 1)
  const rows = text.split('\n')
  const row = random.below(rows.length)
  switch (random.below(7)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1)
    case 1:
      return (
        text.slice(0, at) +
        random.pick([
          ' ',
          '\t',
          '\n',
          ':',
          '-',
          '"',
          "'",
          '#',
          '[',
          ']',
          '{',
          '}',
          ',',
          '&',
          '*',
          '!',
          '|',
          '\u0000',
          '\u0085',
          '%',
          '@',
          '\r',
        ]) +
        text.slice(at)
      )
    case 2:
      rows.splice(row, 1)
      return rows.join('\n')
    case 3:
      rows.splice(row, 0, rows[row]!)
      return rows.join('\n')
    case 4:
      rows[row] = random.pick([' ', '  ', '\t', '- ', '    ']) + rows[row]
      return rows.join('\n')
    case 5:
      rows[row] = rows[row]!.trimStart()
      return rows.join('\n')
    default:
      return text.slice(0, at)
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// JSON

function jsonText(random: Random): string {
  const text = json(random, 3)
  return random.chance(0.4) ? mutated(random, text) : text
}

const jsonStrings = [
  '""',
  '"a"',
  '"b"',
  '"a b"',
  '"\\n\\t\\"\\\\\\/"',
  '"\\u00e9"',
  '"\\ud83d\\ude00"',
  '"\\ud800"',
  '"\\udc00x"',
  '"\\ud800\\u0041"',
  '"\\x"',
  '"\t"',
  '"é😀"',
  '"\\u12"',
  '"a\u2028b"',
  '"<>&"',
  '"\\u0000"',
  '"\u007f"',
]
const jsonNumbers = [
  '0',
  '-0',
  '1',
  '-1.5',
  '1e3',
  '1E-7',
  '1.0',
  '01',
  '1.',
  '.5',
  '+1',
  '1e',
  '9007199254740993',
  '123456789012345678901',
  '1e21',
  '1e400',
  '0.1',
  '-',
  '1e-400',
  '0x1',
  '1000000',
  'NaN',
]

function json(random: Random, depth: number): string {
  const space = (): string => random.pick(['', '', '', ' ', '\n', '\t'])
  switch (random.below(depth > 0 ? 9 : 5)) {
    case 0:
      return random.pick(['true', 'false', 'null', 'True', 'nul'])
    case 1:
    case 2:
      return random.pick(jsonNumbers)
    case 3:
    case 4:
      return random.pick(jsonStrings)
    case 5:
    case 6:
      return `[${space()}${Array.from({ length: random.below(4) }, () => json(random, depth - 1)).join(`,${space()}`)}${space()}]`
    default:
      return `{${space()}${Array.from({ length: random.below(4) }, () => `${random.pick(jsonStrings)}${space()}:${space()}${json(random, depth - 1)}`).join(',')}}`
  }
}
