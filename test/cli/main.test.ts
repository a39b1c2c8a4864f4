import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { version } from '../../src/cli/version.ts'
import { runCli } from '../support/cli.ts'

test('version equals package.json', () => {
  const { version: packaged } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  expect(version).toBe(packaged)
})

test.each<[name: string, args: string[], code: number, stdout: RegExp, stderr: RegExp]>([
  ['--version prints the version', ['--version'], 0, /^\d+\.\d+\.\d+\n$/, /^$/],
  ['--help lists the commands', ['--help'], 0, /Usage: decapod/, /^$/],
  ['an unknown command is usage', ['rendre'], 2, /^$/, /error USAGE: unknown command "rendre"/],
  ['a bad global option is usage', ['--color', 'green', 'help'], 2, /^$/, /argument 'green' is invalid/],
])('%s', async (_, args, code, stdout, stderr) => {
  const got = await runCli(args)
  expect(got.code).toBe(code)
  expect(got.stdout).toMatch(stdout)
  expect(got.stderr).toMatch(stderr)
})
