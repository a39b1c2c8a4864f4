import { expect, test } from 'vitest'
import { joinWords, pascalCase } from '../../src/sprig/case.ts'

// xstrings 1.5.0.
test.each<[text: string, snake: string, pascal: string]>([
  ['', '', ''],
  ['HTTPServer', 'http_server', 'Httpserver'],
  ['some-words here', 'some_words_here', 'SomeWordsHere'],
  ['a_b', 'a_b', 'AB'],
  ['helloWorld', 'hello_world', 'HelloWorld'],
  ['Bld4Floor3rd', 'bld4_floor_3rd', 'Bld4Floor3rd'],
])('%s', (text, snake, pascal) => expect([joinWords(text, '_'), pascalCase(text)]).toEqual([snake, pascal]))
