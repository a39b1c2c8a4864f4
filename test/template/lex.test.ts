import { expect, test } from 'vitest'
import { Lexer, printItem } from '../../src/template/lex.ts'

/** The items of a text, as errors show them. */
function items(text: string): string[] {
  const lexer = new Lexer(text)
  const out: string[] = []
  for (let i = 0; i < 50; i++) {
    const item = lexer.next()
    out.push(`${item.type} ${printItem(item)}`)
    if (item.type === 'eof' || item.type === 'error') return out
  }
  return out
}
/** Without the delimiters and the end. */
const inside = (text: string): string[] => items(`{{${text}}}`).slice(1, -2)

test.each<[text: string, types: string]>([
  ['a{{1}}b', 'text leftDelim number rightDelim text eof'],
  ['{{/* c */}}', 'eof'],
  ['{{- 1 -}}', 'leftDelim number rightDelim eof'],
  [
    '{{.a.b $x "s" `r` \'c\'}}',
    'leftDelim field field space variable space string space rawString space charConstant rightDelim eof',
  ],
])('%s', (text, types) => {
  expect(items(text).map(item => item.split(' ')[0])).toEqual(types.split(' '))
})

test.each<[text: string, want: string]>([
  ['-3', 'number "-3"'],
  ['0x1.8p4', 'number "0x1.8p4"'],
  ['1_000', 'number "1_000"'],
  ['true', 'bool "true"'],
  ['if', 'if <if>'],
  ['é1', 'identifier "é1"'],
])('%s is one item', (text, want) => expect(inside(text)).toEqual([want]))

test.each<[text: string, error: string]>([
  ['{{', 'unclosed action'],
  ['{{/*', 'unclosed comment'],
  ['{{"a}}', 'unterminated quoted string'],
  ['{{`a}}', 'unterminated raw quoted string'],
  ["{{'a}}", 'unterminated character constant'],
  ['{{(1}}', 'unclosed left paren'],
  ['{{1)}}', 'unexpected right paren'],
  ['{{1x}}', 'bad number syntax: "1x"'],
  ['{{.a#}}', "bad character U+0023 '#'"],
  ['{{/* a */ }}', 'comment ends before closing delimiter'],
])('%s', (text, error) => expect(items(text).at(-1)).toBe(`error ${error}`))

test('after an error only the end comes', () => {
  const lexer = new Lexer('{{"')
  lexer.next()
  expect([lexer.next().type, lexer.next().type, lexer.next().type]).toEqual(['error', 'eof', 'eof'])
})
