import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { commands } from '../../src/cli/commands/index.ts'
import { runCli } from '../support/cli.ts'

/** Every command and subcommand, as the words that call it. */
async function allCommands(): Promise<string[][]> {
  const paths: string[][] = []
  for (const entry of commands) {
    const command = new Command(entry.name)
    ;(await entry.load()).define(
      command,
      () => {
        throw new Error('nothing runs here')
      },
      () => {},
      [],
    )
    paths.push([entry.name], ...command.commands.map(sub => [entry.name, sub.name()]))
  }
  return paths
}

const all = await allCommands()
const withSubcommands = new Set(all.filter(path => path.length === 2).map(path => path[0]))

describe.each(all.map(path => [path.join(' '), path] as const))('%s', (name, path) => {
  test('has help that fits 80 columns, on standard output', async () => {
    const { code, stdout, stderr } = await runCli([...path, '--help'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(`Usage: decapod ${name}`)
    expect(stdout).toContain('Global Options:')
    expect(stdout.split('\n').filter(line => line.length > 80)).toEqual([])
    // The same by `decapod help`.
    expect((await runCli(['help', ...path])).stdout).toBe(stdout)
  })

  test.skipIf(path.length === 1 && withSubcommands.has(path[0]!))('has examples', async () => {
    const { stdout } = await runCli([...path, '--help'])
    expect(stdout).toMatch(/\nExamples?:\n {2}\S/)
    expect(stdout.slice(stdout.indexOf('\nExample'))).toContain(`decapod ${name}`)
  })

  test('an unknown option is told with the nearest one', async () => {
    const { code, stdout, stderr } = await runCli([...path, '--hepl'])
    // What helm refuses too ends with helm's exit code.
    expect([code, stdout]).toEqual([path[0] === 'template' ? 1 : 2, ''])
    // Where a required one is missing too, that is what is told first.
    expect(stderr).toMatch(/unknown (option|flag)|required option/)
    expect(stderr).not.toMatch(/^ +at /m)
  })
})

test('the main help lists every command and fits 80 columns', async () => {
  const { code, stdout, stderr } = await runCli(['--help'])
  expect([code, stderr]).toEqual([0, ''])
  for (const { name } of commands) expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'))
  expect(stdout.split('\n').filter(line => line.length > 80)).toEqual([])
  expect(stdout).toContain('Exit codes:')
  // Without a word it is wrong usage, and the help says so.
  const bare = await runCli([])
  expect([bare.code, bare.stdout]).toEqual([2, ''])
  expect(bare.stderr).toContain('Usage: decapod')
})

test('options that mean the same have the same name and words everywhere', async () => {
  const words = new Map<string, Map<string, string[]>>()
  for (const path of all) {
    // The drop-ins have the words of the tools they stand for.
    if (path[0] === 'template' || path[0] === 'build') continue
    const { stdout } = await runCli([...path, '--help'], undefined, {}, { columns: 400 })
    const own = stdout.slice(stdout.indexOf('\nOptions:'), stdout.indexOf('\nGlobal Options:'))
    for (const [, flags = '', text = ''] of own.matchAll(/^ {2}((?:-\w, )?--[^ ].*?) {2,}(.*)$/gm)) {
      const name = /--[\w-]+/.exec(flags)![0]
      if (!['--base', '--sites', '--charts', '--out', '--kube-version', '--placeholders', '--all'].includes(name))
        continue
      if (name === '--out' && path[0] === 'bundle') continue
      if (name === '--charts' && path[0] === 'bundle') continue
      const texts = words.get(name) ?? new Map<string, string[]>()
      words.set(name, texts)
      texts.set(`${flags}: ${text}`, [...(texts.get(`${flags}: ${text}`) ?? []), path.join(' ')])
    }
  }
  for (const [name, texts] of words) expect([name, [...texts]]).toEqual([name, [expect.anything()]])
})
