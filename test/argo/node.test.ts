import { expect, test } from 'vitest'
import { objectNode } from '../../src/argo/node.ts'
import { formatObject } from '../../src/render/output.ts'

test.each<[name: string, object: object, yaml: string]>([
  ['keys in their order', { b: 1, a: 2 }, 'b: 1\na: 2\n'],
  ['what is undefined is left out', { a: undefined, b: null }, 'b: null\n'],
  [
    'texts that look like something else are quoted',
    { a: 'true', b: '1', c: '', d: 'null' },
    'a: "true"\nb: "1"\nc: ""\nd: "null"\n',
  ],
  ['numbers and booleans are not', { a: true, b: 1, c: 1.5 }, 'a: true\nb: 1\nc: 1.5\n'],
  ['texts of several lines are blocks', { a: 'x\ny\n' }, 'a: |\n  x\n  y\n'],
  ['lists and maps, empty ones too', { a: [{ b: [] }, 'x'], c: {} }, 'a:\n- b: []\n- x\nc: {}\n'],
  ['a key like any other', JSON.parse('{"__proto__": {"constructor": "x"}}'), '__proto__:\n  constructor: x\n'],
])('%s', (_, object, yaml) => expect(formatObject(objectNode(object))).toBe(yaml))
