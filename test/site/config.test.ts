import { describe, expect, test } from 'vitest'
import { type DecapodError, formatError } from '../../src/errors.ts'
import { parseConfig, parseGroup, parseSite, placeOfField } from '../../src/site/config.ts'

type Parse = (text: string | undefined, file: string, errors: DecapodError[]) => { settings: unknown }

/** The settings in a text, or the errors. */
function read(parse: Parse, text: string | undefined): unknown {
  const errors: DecapodError[] = []
  const { settings } = parse(text, 'f.yaml', errors)
  return errors.length > 0 ? errors.map(error => formatError(error).replace('\n  hint', ' | hint')) : settings
}

test('without files, and with empty ones, the defaults apply', () => {
  for (const text of [undefined, '', '# nothing\n', '---\n']) {
    expect(read(parseConfig, text)).toMatchObject({
      base: 'base',
      sites: 'sites',
      out: 'rendered',
      placeholders: { mode: 'error', markers: ['CHANGEME', 'FIXME', 'TODO', 'TO_BE_FIXED'] },
      delivery: { revision: 'main' },
    })
    expect(read(parseSite, text)).toMatchObject({ labels: {}, layers: [], overlays: [], variables: new Map() })
    expect(read(parseGroup, text)).toEqual({ apps: {}, steps: [], syncWindows: [] })
  }
})

test('a field that is given leaves the others as they are; a list stands for itself', () => {
  expect(read(parseConfig, 'placeholders: {markers: [XXX]}\ndelivery: {repoURL: r}\n')).toMatchObject({
    placeholders: { mode: 'error', markers: ['XXX'] },
    delivery: { revision: 'main', repoURL: 'r' },
  })
})

test('a field that is null counts as absent', () => {
  expect(read(parseConfig, 'out:\nformat: ~\n')).toMatchObject({ out: 'rendered', format: 'canonical' })
})

test('variables stay as written, with their places', () => {
  const { settings } = parseSite('variables: {a: 1, b: {c: "2"}}\n', 'f.yaml', [])
  expect([...settings.variables].map(([name, node]) => [name, node.kind, node.source?.file, node.offset])).toEqual([
    ['a', 'scalar', 'f.yaml', 15],
    ['b', 'map', 'f.yaml', 21],
  ])
})

test('names like those of object properties are data', () => {
  const { settings } = parseGroup('apps: {toString: {wave: 3}, constructor: {wave: 4}}\n', 'f.yaml', [])
  expect(Object.keys(settings.apps)).toEqual(['toString', 'constructor'])
  expect(({} as { wave?: number }).wave).toBeUndefined()
})

describe('what is wrong is told all at once, each at its place', () => {
  test.each<[name: string, parse: Parse, text: string, want: string[]]>([
    [
      'unknown fields and wrong values',
      parseConfig,
      'bse: x\nsemantics: 5\nformat: canonicl\nplaceholders: {mod: warn}\ndelivery: x\n',
      [
        'f.yaml:1:1: error CONFIG_INVALID: "bse" is no field of decapod.yaml | hint: did you mean "base"?',
        'f.yaml:2:12: error CONFIG_INVALID: semantics of decapod.yaml must be 3 or 4',
        'f.yaml:3:9: error CONFIG_INVALID: format of decapod.yaml must be canonical or verbatim | hint: did you mean "canonical"?',
        'f.yaml:4:16: error CONFIG_INVALID: "mod" is no field of placeholders of decapod.yaml | hint: did you mean "mode"?',
        'f.yaml:5:11: error CONFIG_INVALID: delivery of decapod.yaml must be a map',
      ],
    ],
    [
      'a site',
      parseSite,
      'kubeVersion: newest\nlayers: common\nlabels: {a: [b]}\nvariables: [a]\n',
      [
        'f.yaml:1:14: error CONFIG_INVALID: kubeVersion of site.yaml must be a Kubernetes version such as 1.31.0',
        'f.yaml:2:9: error CONFIG_INVALID: layers of site.yaml must be a list',
        'f.yaml:3:13: error CONFIG_INVALID: labels.a of site.yaml must be text',
        'f.yaml:4:12: error CONFIG_INVALID: variables of site.yaml must be a map',
      ],
    ],
    [
      'a group',
      parseGroup,
      'apps: {a: {wave: "1", target: amdin}}\nsteps: [{name: x}]\n',
      [
        'f.yaml:1:18: error CONFIG_INVALID: apps.a.wave of group.yaml must be a number',
        'f.yaml:1:31: error CONFIG_INVALID: apps.a.target of group.yaml must be workload or admin | hint: did you mean "admin"?',
        'f.yaml:2:9: error CONFIG_INVALID: steps[0] of group.yaml needs templateRef',
      ],
    ],
    [
      'no YAML',
      parseSite,
      'a: [\n',
      ['f.yaml:2:1: error YAML_PARSE: yaml: line 1: did not find expected node content'],
    ],
    ['a list', parseSite, '- a\n', ['f.yaml:1:1: error CONFIG_INVALID: site.yaml must be one map']],
    [
      'two documents',
      parseSite,
      'labels: {}\n---\nlabels: {}\n',
      ['f.yaml:3:1: error CONFIG_INVALID: site.yaml must be one map'],
    ],
    [
      'a field twice',
      parseConfig,
      'base: a\nbase: b\n',
      ['f.yaml:2:1: error CONFIG_INVALID: base of decapod.yaml is given twice'],
    ],
  ])('%s', (_, parse, text, want) => expect(read(parse, text)).toEqual(want))
})

test('the place of a field, and of the nearest one above it', () => {
  const { node } = parseSite('layers: [a, b]\nlabels: {x: y}\n', 'f.yaml', [])
  expect(placeOfField(node, 'layers', 1)).toEqual({ file: 'f.yaml', line: 1, column: 13 })
  expect(placeOfField(node, 'labels', 'z')).toEqual({ file: 'f.yaml', line: 2, column: 9 })
  expect(placeOfField(undefined, 'labels')).toBeUndefined()
})
