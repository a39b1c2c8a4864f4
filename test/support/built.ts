import { existsSync } from 'node:fs'
import { resolve } from 'node:path'

/**
 * The built program, for tests that need a process: to run several at once, to kill one, to close its pipe. DECAPOD_DIST
 * names another build than dist/.
 */
export function builtProgram(): string {
  const dist = process.env['DECAPOD_DIST'] ?? resolve(import.meta.dirname, '../../dist')
  const program = resolve(dist, 'src/cli/bin.js')
  if (!existsSync(program)) throw new Error('run "npm run build" first: this test runs the built program')
  return program
}
