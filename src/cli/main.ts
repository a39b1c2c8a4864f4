/** The program: finds the command, runs it, prints what it throws, gives the exit code. */
import { Command, CommanderError, Option } from 'commander'
import { DecapodError, DecapodErrors, formatError, nearest } from '../errors.ts'
import type { Cli, ExitCode, Run } from './cli.ts'
import { commands } from './commands/index.ts'
import { version } from './version.ts'

export type World = Omit<Cli, 'global'>

/** Runs decapod with its arguments (without node and script). Never throws. */
export async function main(args: readonly string[], world: World): Promise<ExitCode> {
  if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
    world.stdout(`${version}\n`)
    return 0
  }
  const program = new Command('decapod')
  let work: Run | undefined
  const run = (given: Run): void => {
    work = given
  }
  const cli = (): Cli => {
    const o = program.opts()
    const cwd = o['cwd'] === undefined ? world.cwd : resolvePath(world.cwd, o['cwd'])
    return {
      ...world,
      cwd,
      // Messages name files from the directory the user works in.
      sourceLine: (file, line) => world.sourceLine(resolvePath(cwd, file), line),
      global: {
        json: o['json'] === true,
        quiet: o['quiet'] === true,
        color: colored(o['color'], world),
        jobs: o['jobs'],
      },
    }
  }
  try {
    declareGlobals(program, world)
    const name = commandName(args)
    // Commands may have a --version of their own, as helm template has.
    if (name === undefined) program.version(version, '-V, --version', 'print the version')
    const wanted = commands.find(c => c.name === name)
    // Only the command that is called is loaded; help needs no more than the names.
    for (const entry of commands) {
      const command = program.command(entry.name).description(entry.summary)
      inherit(command, world)
      if (entry === wanted) (await entry.load()).define(command, cli, run)
    }
    if (name !== undefined && wanted === undefined && name !== 'help') throw unknownCommand(name)
    await program.parseAsync(args, { from: 'user' })
    return work === undefined ? 0 : await work()
  } catch (error) {
    return report(error, world, cli)
  }
}

/** The first argument that is neither an option nor the value of a global one. */
function commandName(args: readonly string[]): string | undefined {
  const valued = ['--cwd', '--color', '--jobs']
  return args.find((arg, i) => !arg.startsWith('-') && !valued.includes(args[i - 1] ?? ''))
}

function declareGlobals(program: Command, world: World): void {
  program
    .description('Renders Helm charts and Kustomizations of many sites into plain YAML, and delivers it with Argo CD.')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .option('--cwd <dir>', 'run as if started in DIR')
    .option('--json', 'machine-readable output')
    .option('--quiet', 'no progress, only results and errors')
    .addOption(
      new Option('--color <when>', 'colour: auto, always or never')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .option('--jobs <n>', 'how many units to work on at once', parseJobs)
  inherit(program, world)
}

/** Output through `world`, errors thrown instead of exiting. */
function inherit(command: Command, world: World): void {
  command.exitOverride().configureOutput({
    writeOut: text => world.stdout(text),
    writeErr: text => world.stderr(text),
    getOutHelpWidth: () => world.columns,
    getErrHelpWidth: () => world.columns,
  })
}

function parseJobs(text: string): number {
  const jobs = Number(text)
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new DecapodError('USAGE', `--jobs takes a positive whole number, not "${text}"`)
  return jobs
}

/** https://no-color.org: any value but the empty one switches colour off, unless asked for. */
function colored(when: unknown, world: World): boolean {
  if (when === 'always') return true
  return when !== 'never' && world.terminal && !world.env['NO_COLOR']
}

function unknownCommand(name: string): DecapodError {
  const near = nearest(
    name,
    commands.map(c => c.name),
  )
  return new DecapodError('USAGE', `unknown command "${name}"`, {
    hint: near === undefined ? 'decapod --help lists the commands' : `did you mean "decapod ${near}"?`,
  })
}

/** Prints what was thrown and says the exit code. Anything but our own errors is a defect and says what to report. */
function report(error: unknown, world: World, cli: () => Cli): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof DecapodErrors || error instanceof DecapodError) {
    const all = error instanceof DecapodErrors ? error.errors : [error]
    if (cli().global.json) {
      const plain = all.map(e => ({ code: e.code, message: e.message, at: e.at, hint: e.hint, notes: e.notes }))
      world.stdout(JSON.stringify({ errors: plain }) + '\n')
    } else {
      for (const e of all) world.stderr(formatError(e, cli().sourceLine) + '\n')
    }
    return all.some(e => e.code === 'USAGE') ? 2 : 1
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  world.stderr(
    `decapod ${version} failed in a way it should not: this is a defect of decapod, not of your files.\n` +
      'Please report it with the command you ran and these lines:\n' +
      trace
        .split('\n')
        .map(line => `  ${line}\n`)
        .join(''),
  )
  return 1
}

function resolvePath(from: string, to: string): string {
  return to.startsWith('/') ? to : `${from}/${to}`
}
