import { expect, test } from 'vitest'
import { goText, TemplateParseError } from '../../src/template/errors.ts'
import { type Node, printNode } from '../../src/template/node.ts'
import { parseTemplate } from '../../src/template/parse.ts'

const functions = new Set(['printf', 'print', 'len', 'index', 'or'])
const parse = (text: string): ReturnType<typeof parseTemplate> => parseTemplate('t', text, name => functions.has(name))
const printed = (text: string): string => printNode(parse(text).main.root)
const failure = (text: string): string => {
  try {
    return `parsed: ${printed(text)}`
  } catch (error) {
    if (error instanceof TemplateParseError) return goText(error)
    throw error
  }
}

test.each<[name: string, text: string, want: string]>([
  ['empty', '', ''],
  ['comment', 'a{{/* {{ . }} */}}b', 'ab'],
  ['comment trimmed on both sides', 'a \n{{- /* x */ -}} \n b', 'ab'],
  ['comment over lines', '{{/*\n\n*/}}x', 'x'],
  ['spaces are normalised', '{{  .a  |  printf   "%d"  3 }}', '{{.a | printf "%d" 3}}'],
  ['trim markers', 'a \t\n{{- 1 -}}\n b', 'a{{1}}b'],
  // {{-3}} is the number; the marker needs a space.
  ['minus is no trim marker', 'a {{-3}} b', 'a {{-3}} b'],
  ['trim marker before a negative number', 'a {{- -3 }}', 'a{{-3}}'],
  ['only text between two trims', '{{1 -}}  {{- 2}}', '{{1}}{{2}}'],
  ['fields and chains', '{{ .a.b $.c (len .x).y }}', '{{.a.b $.c (len .x).y}}'],
  ['function with a field', '{{ print.x }}', '{{print.x}}'],
  ['dot and space', '{{ printf . .a }}', '{{printf . .a}}'],
  ['declaration, assignment', '{{ $x := 1 }}{{ $x = 2 }}', '{{$x := 1}}{{$x = 2}}'],
  ['newlines inside an action', '{{ $x\n:=\n1 }}', '{{$x := 1}}'],
  ['variable then number', '{{ $x := 1 }}{{ printf "" $x +2 }}', '{{$x := 1}}{{printf "" $x +2}}'],
  [
    'range with two variables',
    '{{range $i, $e := .l}}{{$i}}{{else}}-{{end}}',
    '{{range $i, $e := .l}}{{$i}}{{else}}-{{end}}',
  ],
  [
    'else if is a nested if',
    '{{if .a}}1{{else if .b}}2{{else}}3{{end}}',
    '{{if .a}}1{{else}}{{if .b}}2{{else}}3{{end}}{{end}}',
  ],
  ['else with', '{{with .a}}1{{else with .b}}2{{end}}', '{{with .a}}1{{else}}{{with .b}}2{{end}}{{end}}'],
  ['break and continue', '{{range .l}}{{break}}{{continue}}{{end}}', '{{range .l}}{{break}}{{continue}}{{end}}'],
  [
    'template and block',
    '{{template "x"}}{{template `y` .}}{{block "b" .a}}z{{end}}',
    '{{template "x"}}{{template "y" .}}{{template "b" .a}}',
  ],
  [
    'literals stay as written',
    '{{ print 0x1F 1_000 1e3 \'a\' `r` "s\\n" true nil 2i }}',
    '{{print 0x1F 1_000 1e3 \'a\' `r` "s\\n" true nil 2i}}',
  ],
  ['braces in text', 'a } }} { b', 'a } }} { b'],
  ['letters beyond ASCII', '{{ .ключ.名 }}', '{{.ключ.名}}'],
])('%s', (_, text, want) => expect(printed(text)).toBe(want))

test.each<[name: string, text: string, want: string]>([
  ['empty action', '{{}}', 'missing value for command'],
  ['unclosed action', 'a\n{{ .x', 'template: t:2: unclosed action'],
  ['unclosed action, started before', '{{\n\n', 'template: t:3: unclosed action started at t:1'],
  ['end of file', '{{ if .x }}\n', 'template: t:2: unexpected EOF'],
  ['unknown function', '\n{{ nope 1 }}', 'template: t:2: function "nope" not defined'],
  ['unknown variable', '{{ $x }}', 'template: t:1: undefined variable "$x"'],
  ['variable out of scope', '{{ with $x := 1 }}{{ end }}{{ $x }}', 'undefined variable "$x"'],
  ['variable in a define', '{{ $x := 1 }}{{ define "d" }}{{ $x }}{{ end }}', 'undefined variable "$x"'],
  // Only what directly follows {{ or {{- is a comment.
  ['comment after a space', '{{ /* x */ }}', 'template: t:1: unexpected "/" in command'],
  ['unclosed comment', '{{/* x }}', 'unclosed comment'],
  ['comment and more', '{{/* x */ 1 }}', 'comment ends before closing delimiter'],
  ['define inside a block', '{{ if 1 }}{{ define "d" }}{{ end }}{{ end }}', 'unexpected <define> in command'],
  [
    'two definitions',
    '{{ define "d" }}1{{ end }}{{ define "d" }}2{{ end }}',
    'template: multiple definition of template "d"',
  ],
  ['literal at a later stage', '{{ 1 | 2 }}', 'non executable command in pipeline stage 2'],
  ['field of a literal', '{{ 1.x }}', 'bad number syntax: "1.x"'],
  ['field of dot', '{{ ..x }}', 'unexpected . after term "."'],
  ['arithmetic', '{{ $x := 1 }}{{ $x+2 }}', "bad character U+002B '+'"],
  ['comma', '{{ printf 3, 4 }}', 'unexpected "," in operand'],
  ['unclosed paren', '{{ (1 }}', 'unclosed left paren'],
  ['too many parens', '{{ 1) }}', 'unexpected right paren'],
  ['newline in a string', '{{ "a\nb" }}', 'unterminated quoted string'],
  ['bad escape', '{{ "\\z" }}', 'template: t:1: invalid syntax'],
  ['integer too large', '{{ 99999999999999999999 }}', 'integer overflow: "99999999999999999999"'],
  ['bad number', '{{ 1x }}', 'bad number syntax: "1x"'],
  // Found by the fuzzer.
  ['no character', "{{ '' }}", 'invalid syntax'],
  ['two characters', "{{ 'ab' }}", "malformed character constant: 'ab'"],
  ['break outside range', '{{ break }}', '{{break}} outside {{range}}'],
  ['break in else of range', '{{ range . }}{{ else }}{{ break }}{{ end }}', '{{break}} outside {{range}}'],
  ['three variables', '{{ range $a, $b, $c := . }}{{ end }}', 'too many declarations in range'],
  ['two variables outside range', '{{ with $a, $b := . }}{{ end }}', 'too many declarations in with'],
  ['two elses', '{{ if 1 }}{{ else }}{{ else }}{{ end }}', 'expected end; found {{else}}'],
  ['end alone', '{{ end }}', 'unexpected {{end}}'],
  ['template without a name', '{{ template .x }}', 'unexpected ".x" in template clause'],
  ['strange character', '{{ € }}', "unrecognized character in action: U+20AC '€'"],
])('error: %s', (_, text, want) => expect(failure(text)).toContain(want))

test('every define and block is a template', () => {
  const { main, defines } = parse('a{{ define "x" }}1{{ end }}{{ block "y" . }}2{{ end }}')
  expect([...defines].map(([name, tree]) => [name, printNode(tree.root)])).toEqual([
    ['x', '1'],
    ['y', '2'],
  ])
  expect(printNode(main.root)).toBe('a{{template "y" .}}')
})

test('an empty definition does not replace another', () => {
  expect(printNode(parse('{{ define "x" }}1{{ end }}{{ define "x" }} {{ end }}').defines.get('x')!.root)).toBe('1')
})

test('numbers are what Go can make of them', () => {
  const number = (text: string): Node => {
    const [action] = parse(`{{ ${text} }}`).main.root.nodes
    return action!.kind === 'action' ? action!.pipe.cmds[0]!.args[0]! : action!
  }
  const floatOnly = { int: undefined, uint: undefined }
  expect(number('010')).toMatchObject({ int: 8n, uint: 8n, float: 8 })
  expect(number('0x1F')).toMatchObject({ int: 31n, float: 31 })
  expect(number('-0')).toMatchObject({ int: 0n, uint: 0n })
  expect(number('-5')).toMatchObject({ int: -5n, uint: undefined, float: -5 })
  expect(number('1.0')).toMatchObject({ int: 1n, uint: 1n, float: 1 })
  expect(number('1.5')).toMatchObject({ ...floatOnly, float: 1.5 })
  expect(number('18446744073709551615')).toMatchObject({ int: undefined, uint: 18446744073709551615n })
  expect(number("'a'")).toMatchObject({ int: 97n, float: 97 })
  expect(number("'\\xff'")).toMatchObject({ int: 255n })
  expect(number('1+2i')).toMatchObject({ ...floatOnly, imag: 2 })
})

test('nesting beyond the stack is a limit, not a crash', () => {
  expect(() => parse(`{{ ${'('.repeat(9999)}1${')'.repeat(9999)} }}`)).toThrow(/nested too deeply/)
})
