import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { commands } from '../src/cli/commands/index.ts'

const root = resolve(import.meta.dirname, '..')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

function sources(dir: string): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => path !== join(root, 'src/errors.ts'))
}

/** The codes of the ErrorCode union, read from its text: a type is gone when tests run. */
const codes = [
  ...(/export type ErrorCode =\n((?: {2}\| '\w+'\n)+)/.exec(read('src/errors.ts'))?.[1] ?? '').matchAll(/'(\w+)'/g),
].map(m => m[1]!)

describe('docs/errors.md', () => {
  const sections = new Map(
    read('docs/errors.md')
      .split(/^### /m)
      .slice(1)
      .map(section => [section.slice(0, section.indexOf('\n')), section]),
  )

  test('explains every code, and no other', () => {
    expect(codes.length).toBeGreaterThan(40)
    expect([...sections.keys()].sort()).toEqual([...codes].sort())
  })

  test.each([...sections])('%s: what it means, an example of it, what to do', (code, section) => {
    const [meaning = '', example = '', rest = ''] = section.slice(code.length).split('```')
    expect(meaning.trim()).not.toBe('')
    expect(example).toMatch(new RegExp(`^\\n([^\\n]+: )?(error|warning) ${code}: `))
    expect(rest.trim()).toMatch(/^\*\*What to do:\*\* /)
  })

  test('every code is thrown somewhere', () => {
    const text = sources('src')
      .map(path => readFileSync(path, 'utf8'))
      .join('\n')
    expect(codes.filter(code => !text.includes(`'${code}'`))).toEqual([])
  })
})

test('the README lists every command, and no other', () => {
  const table = read('README.md').match(/^\| `decapod [^\n]*$/gm) ?? []
  const listed = table.flatMap(row =>
    [...(row.split('|')[1] ?? '').matchAll(/`(?:decapod )?([a-z]+)/g)].map(m => m[1]!),
  )
  expect(listed.sort()).toEqual(commands.map(c => c.name).sort())
})
