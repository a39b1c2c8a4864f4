/** Folded text after go-yaml v3 has written and read it: the expected texts are those of kustomize 5.8.2. */
import { expect, test } from 'vitest'
import { refold } from '../../src/yaml/folded.ts'

test.each<[text: string, want: string, why: string]>([
  ['one line\n', 'one line\n', 'nothing to fold'],
  ['a\nb\n', 'a\nb\n', 'a break between two lines is written as two'],
  ['[\n  x\n]\n', '[\n\n  x\n]\n', 'a line that is indented further gains an empty one before it'],
  ['a\n\n', 'a\n\n\n', 'breaks that end the text are kept, and one is added'],
  [' a\nb\nc', ' a\nb c', 'a text that begins with a blank loses breaks'],
  ['a \nb\n', 'a \nb\n', 'a blank before a break: written in double quotes'],
  ['\na\n', '\na\n', 'an empty first line'],
  ['\n', '\n', 'nothing but a break'],
])('%j → %j: %s', (text, want) => expect(refold(text)).toBe(want))
