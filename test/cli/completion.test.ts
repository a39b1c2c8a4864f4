import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../../src/cli/commands/index.ts'
import { builtProgram } from '../support/built.ts'
import { runCli } from '../support/cli.ts'
import { TestWorkspace } from '../support/workspace.ts'

let workspace: TestWorkspace
beforeAll(() => {
  workspace = new TestWorkspace()
  workspace.addSite('busan')
})
afterAll(() => workspace.remove())

describe('words of the workspace', () => {
  test.each<[words: string, want: string[]]>([
    ['render ', ['busan', 'site-x']],
    ['render s', ['site-x']],
    ['render site-x busan/', ['busan/hello']],
    ['render site-x/hello/', ['site-x/hello/hello']],
    ['render --kube-version 1.31.0 --all s', ['site-x']],
    ['--quiet diff b', ['busan']],
    ['commit b', ['busan']],
    ['explain ', ['busan', 'site-x']],
    ['explain site-x h', ['hello/hello']],
    ['explain site-x hello/hello ', []],
    ['site delete ', ['busan', 'site-x']],
    ['site new ', []],
    ['workflow deploy ', ['busan', 'site-x']],
    ['build ', []],
    ['nonsense ', []],
    ['', []],
  ])('%s', async (line, want) => {
    const { code, stdout, stderr } = await runCli(['completion', '--words', '--', ...line.split(' ')], workspace.dir)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout.split('\n').filter(Boolean)).toEqual(want)
  })

  test('where there is no workspace there are none, and no noise', async () => {
    expect(await runCli(['completion', '--words', '--', 'render', ''], tmpdir())).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
    const elsewhere = ['completion', '--words', '--', 'render', '--cwd', workspace.dir.split('/').at(-1)!, 's']
    expect((await runCli(elsewhere, tmpdir())).stdout).toBe('site-x\n')
  })
})

test.each(['bash', 'zsh', 'fish'])('%s: every command is in the script', async shell => {
  const { code, stdout, stderr } = await runCli(['completion', shell])
  expect([code, stderr]).toEqual([0, ''])
  for (const { name } of commands) expect(stdout).toContain(name)
})

test.each<[args: string[], stderr: string]>([
  [[], 'error USAGE: which shell?\n  hint: name one of bash, zsh, fish\n'],
  [['csh'], 'error USAGE: no completion for "csh"\n  hint: name one of bash, zsh, fish\n'],
])('completion %j', async (args, stderr) => {
  expect(await runCli(['completion', ...args])).toEqual({ code: 2, stdout: '', stderr })
})

describe('in the shells themselves', () => {
  let bin: string
  beforeAll(() => {
    bin = mkdtempSync(join(tmpdir(), 'decapod-bin-'))
    writeFileSync(join(bin, 'decapod'), `#!/bin/sh\nexec '${process.execPath}' '${builtProgram()}' "$@"\n`)
    chmodSync(join(bin, 'decapod'), 0o755)
  })
  afterAll(() => rmSync(bin, { recursive: true, force: true }))

  const shell = (program: string, args: string[], script: string): string =>
    execFileSync(program, [...args, '-c', script], {
      cwd: workspace.dir,
      env: { PATH: `${bin}:${process.env['PATH']}`, HOME: bin, TERM: 'dumb' },
      encoding: 'utf8',
    })
  const has = (program: string): boolean => {
    try {
      execFileSync(program, ['--version'], { stdio: 'ignore' })
      return true
    } catch {
      return false
    }
  }
  const lines: [line: string, want: string[]][] = [
    ['decapod rend', ['render']],
    ['decapod render --dry', ['--dry-run']],
    ['decapod render --format ', ['canonical', 'verbatim']],
    ['decapod render b', ['busan']],
    ['decapod render site-x/hello/', ['site-x/hello/hello']],
    ['decapod site ', ['delete', 'new']],
    ['decapod site new x --from b', ['busan']],
    ['decapod explain site-x h', ['hello/hello']],
    ['decapod completion ', ['bash', 'fish', 'zsh']],
  ]

  test.skipIf(!has('bash'))('bash', () => {
    const tries = lines.map(([line]) => {
      const words = line.split(' ').map(word => `'${word}'`)
      return `COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; COMPREPLY=(); _decapod; echo "\${COMPREPLY[*]}"`
    })
    const printed = shell(
      'bash',
      ['--norc'],
      `source <(decapod completion bash)\ncomplete -p decapod\n${tries.join('\n')}`,
    )
    const [registered, ...got] = printed.trimEnd().split('\n')
    expect(registered).toBe('complete -o filenames -F _decapod decapod')
    expect(got.map(words => words.split(' ').sort())).toEqual(lines.map(([, want]) => want))
  })

  test.skipIf(!has('fish'))('fish', () => {
    const tries = lines.map(([line]) => `complete -C '${line}' | string replace -r '\\t.*' '' | sort | string join ' '`)
    const got = shell('fish', ['--no-config'], `decapod completion fish | source\n${tries.join('\n')}`)
    expect(
      got
        .trimEnd()
        .split('\n')
        .map(words => words.split(' ')),
    ).toEqual(lines.map(([, want]) => want))
  })

  // What a completed line looks like needs a terminal; that the script loads, and is one, does not.
  test.skipIf(!has('zsh'))('zsh', () => {
    const got = shell(
      'zsh',
      ['-f'],
      'autoload -U compinit; compinit -u -D; source <(decapod completion zsh); print $_comps[decapod]',
    )
    expect(got).toBe('_decapod\n')
  })
})
