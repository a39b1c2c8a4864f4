import { describe, expect, test } from 'vitest'
import { DecapodError } from '../../src/errors.ts'
import { fn, type GoValue } from '../../src/go/value.ts'
import { goText } from '../../src/template/errors.ts'
import { type ExecLimits, Execution } from '../../src/template/exec.ts'
import { builtins } from '../../src/template/funcs.ts'
import { parseTemplate } from '../../src/template/parse.ts'
import { TemplateSet } from '../../src/template/template.ts'

interface Options {
  readonly strict?: boolean
  readonly limits?: Partial<ExecLimits>
  readonly clock?: () => number
}

/** Executes a text on data; an error is told as Go would. */
function execute(text: string, data: GoValue = null, options: Options = {}): string {
  const functions = new Map([...builtins, ['dict', fn('() dict', () => new Map())] as const])
  const templates = new TemplateSet()
  const template = templates.add(
    't',
    parseTemplate('t', text, name => functions.has(name)),
  )
  try {
    return new Execution(functions, templates, options).run(template, data)
  } catch (error) {
    if (error instanceof DecapodError && error.code === 'LIMIT_EXCEEDED') return `LIMIT ${error.message}`
    return goText(error as Error)
  }
}

const data = new Map<string, GoValue>([
  ['n', null],
  ['s', 'text'],
  ['f', 1.5],
  ['l', [1n, 2n]],
  [
    'm',
    new Map<string, GoValue>([
      ['b', 2],
      ['a', 1],
    ]),
  ],
])

test.each<[text: string, want: string]>([
  ['{{ .s }}{{ .none }}{{ .n }}', 'text<no value><no value>'],
  ['{{ range $k, $v := .m }}{{ $k }}{{ $v }} {{ end }}', 'a1 b2 '],
  ['{{ range .none }}x{{ else }}none{{ end }}', 'none'],
  ['{{ range 3 }}{{ . }}{{ end }}', '012'],
  ['{{ range .l }}{{ if eq . 2 }}{{ break }}{{ end }}{{ . }}{{ end }}', '1'],
  ['{{ with $x := .m }}{{ $x.a }}{{ .b }}{{ end }}', '12'],
  ['{{ with .n }}{{ else with .s }}{{ . }}{{ end }}', 'text'],
  ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}', '2'],
  ['{{ define "x" }}[{{ . }}{{ $ }}]{{ end }}{{ template "x" .s }}', '[texttext]'],
  // A nil field is an error, a field of nothing is not.
  ['{{ (.n).a }}', '<no value>'],
  ['{{ and .n .n.a }}', '<no value>'],
  ['{{ or .s .n.a }}', 'text'],
])('%s', (text, want) => expect(execute(text, data)).toBe(want))

test.each<[text: string, error: string]>([
  ['{{ .n.a }}', 'template: t:1:5: executing "t" at <.n.a>: nil pointer evaluating interface {}.a'],
  ['{{ .s.a }}', 'template: t:1:5: executing "t" at <.s.a>: can\'t evaluate field a in type interface {}'],
  ['{{ .s 1 }}', 'template: t:1:3: executing "t" at <.s>: s is not a method but has arguments'],
  ['\n  {{ len 3 }}', 'template: t:2:5: executing "t" at <len 3>: error calling len: len of type int'],
  ['{{ range .f }}{{ end }}', 'template: t:1:9: executing "t" at <.f>: range can\'t iterate over 1.5'],
  ['{{ template "none" }}', 'template: t:1:12: executing "t" at <{{template "none"}}>: template "none" not defined'],
  [
    '{{ eq .f 1 }}',
    'template: t:1:3: executing "t" at <eq .f 1>: error calling eq: incompatible types for comparison: float64 and int',
  ],
])('%s fails', (text, error) => expect(execute(text, data)).toBe(error))

test('strict: a missing key is an error', () => {
  expect(execute('{{ .none }}', data, { strict: true })).toContain('map has no entry for key "none"')
})

describe('limits', () => {
  test('of steps', () => {
    expect(execute('{{ range 5 }}{{ end }}', null, { limits: { steps: 4 } })).toBe(
      'LIMIT templates took more than 4 steps',
    )
    expect(execute('{{ range 5 }}{{ end }}', null, { limits: { steps: 8 } })).toBe('')
  })
  test('of output', () => {
    expect(execute('{{ range 9 }}xx{{ end }}', null, { limits: { output: 9 } })).toContain(
      'LIMIT templates wrote more than 9',
    )
  })
  test('of time, on the clock that is given', () => {
    let time = 0
    const clock = (): number => (time += 400)
    expect(execute('{{ range 9999 }}{{ end }}', null, { clock, limits: { milliseconds: 1000 } })).toBe(
      'LIMIT templates took more than 1 seconds',
    )
    // Read once in thousands of steps, not at each.
    expect(time).toBeLessThan(4000)
    expect(execute('{{ range 9999 }}{{ end }}', null, { limits: { milliseconds: 0 } })).toBe('')
  })
  test('of templates in templates', () => {
    expect(execute('{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}')).toMatch(
      /exceeded maximum template depth|call stack|LIMIT/i,
    )
  })
})
