import { readFileSync } from 'node:fs'
import type { ExitCode } from '../../src/cli/cli.ts'
import { main, type World } from '../../src/cli/main.ts'

export interface CliResult {
  readonly code: ExitCode
  readonly stdout: string
  readonly stderr: string
}

/** Runs decapod in this process and catches what it prints. `cwd` must be a real directory for commands that read disk. */
export async function runCli(
  args: readonly string[],
  cwd: string = process.cwd(),
  env: Record<string, string> = {},
  screen: Partial<Pick<World, 'terminal' | 'outTerminal' | 'columns'>> = {},
): Promise<CliResult> {
  const out: Buffer[] = []
  let stderr = ''
  const code = await main(args, {
    stdout: text => void out.push(Buffer.from(text)),
    stderr: text => {
      stderr += text
    },
    env,
    cwd,
    terminal: false,
    outTerminal: false,
    columns: 80,
    ...screen,
    sourceLine: (file, line) => {
      try {
        return readFileSync(file, 'utf8').split('\n')[line - 1]
      } catch {
        return undefined
      }
    },
  })
  return { code, stdout: Buffer.concat(out).toString('utf8'), stderr }
}
