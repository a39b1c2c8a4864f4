import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/** The built program, for tests that need a process: to run several at once, to kill one, to close its pipe. */
export function builtProgram(): string {
  const program = resolve(import.meta.dirname, '../../dist/src/cli/bin.js')
  if (!existsSync(program)) throw new Error('run "npm run build" first: this test runs the built program')
  return program
}
