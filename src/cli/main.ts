/** The program: finds the command, runs it, prints what it throws, gives the exit code. */
import { statSync } from 'node:fs'
import { Command, CommanderError, Option } from 'commander'
import { DecapodError, DecapodErrors, formatError, nearest } from '../errors.ts'
import { systemReason } from '../io/system-error.ts'
import type { Cli, ExitCode, Run } from './cli.ts'
import { commandName } from './command-name.ts'
import { commands } from './commands/index.ts'
import { folded, problemData } from './report.ts'
import { version } from './version.ts'

export type World = Omit<Cli, 'global'>

/** Runs decapod with its arguments (without node and script). Never throws. */
export async function main(given: readonly string[], world: World): Promise<ExitCode> {
  const args = withoutHelpCommand(given)
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
    // Where the user is must be known before a command looks for its files.
    checkDirectory(cwd)
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
    program.hook('preAction', () => void cli())
    const name = commandName(args)
    // Commands may have a --version of their own, as helm template has.
    if (name === undefined) program.version(version, '-V, --version', 'print the version')
    const wanted = commands.find(c => c.name === name)
    // What stands behind such a command is none of commander's business.
    const behind = wanted?.ownFlags === true ? args.indexOf(wanted.name) + 1 : args.length
    // Only the command that is called is loaded; help needs no more than the names.
    for (const entry of commands) {
      const command = program.command(entry.name).description(entry.summary)
      inherit(command, world)
      if (entry !== wanted) continue
      ;(await entry.load()).define(command, cli, run, args.slice(behind))
      for (const sub of command.commands) inherit(sub, world)
    }
    if (name !== undefined && wanted === undefined) throw unknownCommand(name)
    await program.parseAsync(args.slice(0, behind), { from: 'user' })
    return work === undefined ? 0 : await work()
  } catch (error) {
    return report(error, world, cli, args, program)
  }
}

/** `help site new` is `site new --help`: only then is the command loaded whose options are to be shown. */
function withoutHelpCommand(args: readonly string[]): readonly string[] {
  if (commandName(args) !== 'help') return args
  const at = args.indexOf('help')
  return [...args.slice(0, at), ...args.slice(at + 1), '--help']
}

function declareGlobals(program: Command, world: World): void {
  program
    .description('Renders Helm charts and Kustomizations of many sites into plain YAML, and delivers it with Argo CD.')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .usage('COMMAND [options]')
    .option('--cwd <dir>', 'run as if started in DIR')
    .option('--json', 'machine-readable output')
    .option('--quiet', 'no progress, only results and errors')
    .addOption(
      new Option('--color <when>', 'colour: auto, always or never')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .option('--jobs <n>', 'how many units to work on at once', parseJobs)
    .addHelpText(
      'after',
      `
Examples:
  decapod init platform && cd platform        a small workspace
  decapod render site-x                       writes rendered/site-x/
  decapod diff site-x                         what a render would change
  decapod help render                         options and examples of a command

Exit codes: 0 done, 1 findings or failures, 2 usage. Results go to standard
output, progress and errors to standard error.`,
    )
  inherit(program, world)
}

/** Output through `world`; errors are thrown instead of printed, and report() prints them as it does all others. */
function inherit(command: Command, world: World): void {
  command
    .exitOverride()
    .configureHelp({ showGlobalOptions: command.parent !== null })
    .configureOutput({
      writeOut: text => world.stdout(text),
      writeErr: text => world.stderr(text),
      outputError: () => {},
      getOutHelpWidth: () => world.columns,
      getErrHelpWidth: () => world.columns,
    })
}

function checkDirectory(cwd: string): void {
  const stat = statSync(cwd, { throwIfNoEntry: false })
  if (stat?.isDirectory() === true) return
  throw new DecapodError('FILE_NOT_FOUND', `there is no directory ${cwd}`, { hint: '--cwd names another' })
}

function parseJobs(text: string): number {
  const jobs = Number(text)
  if (!Number.isInteger(jobs) || jobs < 1)
    throw new DecapodError('USAGE', `--jobs takes a positive whole number, not "${text}"`)
  return jobs
}

/**
 * --color, else NO_COLOR (https://no-color.org: any value but the empty one), else FORCE_COLOR (any value but the empty
 * one, 0 and false), else whether stdout is a terminal that can.
 */
function colored(when: unknown, world: World): boolean {
  if (when === 'always' || when === 'never') return when === 'always'
  const { NO_COLOR: no, FORCE_COLOR: force, TERM: term } = world.env
  if (no) return false
  if (force) return force !== '0' && force !== 'false'
  return world.outTerminal && term !== 'dumb'
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
function report(error: unknown, world: World, cli: () => Cli, args: readonly string[], program: Command): ExitCode {
  if (error instanceof CommanderError && (error.exitCode === 0 || error.code === 'commander.help')) {
    return error.exitCode === 0 ? 0 : 2
  }
  const all = failures(error, commandPath(args, program))
  if (all === undefined) {
    world.stderr(defectText(error))
    return 1
  }
  let known: Cli | undefined
  try {
    known = cli()
  } catch {
    // The global options themselves are wrong.
  }
  if (args.includes('--json')) world.stdout(`${JSON.stringify({ errors: all.map(problemData) })}\n`)
  else for (const e of all) world.stderr(`${folded(formatError(e, known?.sourceLine), world)}\n`)
  return all.some(e => e.code === 'USAGE') ? 2 : 1
}

/** `decapod site new`, as far as the words of the command line name commands. */
function commandPath(args: readonly string[], program: Command): string {
  const name = commandName(args)
  const command = program.commands.find(c => c.name() === name)
  if (name === undefined || command === undefined) return 'decapod'
  const sub = command.commands.find(c => args.slice(args.indexOf(name) + 1).includes(c.name()))
  return `decapod ${name}${sub === undefined ? '' : ` ${sub.name()}`}`
}

/** What was thrown as errors of ours; undefined for a defect. */
function failures(error: unknown, command: string): readonly DecapodError[] | undefined {
  if (error instanceof DecapodErrors) return error.errors
  if (error instanceof DecapodError) return [error]
  if (error instanceof CommanderError) return [usageError(error, command)]
  const system = systemError(error)
  return system === undefined ? undefined : [system]
}

/** "error: unknown option '--foo'\n(Did you mean --food?)", as an error of ours. */
function usageError({ message }: CommanderError, command: string): DecapodError {
  const [what = '', ...more] = message.replace(/^error: /, '').split('\n')
  const hint = more.map(line => line.replace(/^\((.*)\)$/, '$1').replace(/^Did/, 'did')).find(line => line !== '')
  return new DecapodError('USAGE', what, {
    hint: hint ?? `${command} --help says how it is used`,
  })
}

const systemVerbs: Readonly<Record<string, string>> = {
  open: 'open',
  read: 'read',
  write: 'write',
  mkdir: 'make',
  rm: 'remove',
  unlink: 'remove',
  rmdir: 'remove',
  lstat: 'look at',
  stat: 'look at',
  scandir: 'list',
  rename: 'move',
}

/** What the operating system refused, which is no defect: undefined for anything else. */
function systemError(error: unknown): DecapodError | undefined {
  if (!(error instanceof Error)) return undefined
  const { code, syscall, path } = error as NodeJS.ErrnoException
  if (code === undefined || syscall === undefined || path === undefined) return undefined
  const verb = systemVerbs[syscall] ?? 'use'
  return new DecapodError('FILE_INVALID', `cannot ${verb} ${path}: ${systemReason(error)}`, { cause: error })
}

/** What a person needs to report a defect. */
export function defectText(error: unknown): string {
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return (
    `decapod ${version} failed in a way it should not: this is a defect of decapod, not of your files.\n` +
    'Please report it with the command you ran and these lines:\n' +
    trace
      .split('\n')
      .map(line => `  ${line}\n`)
      .join('')
  )
}

function resolvePath(from: string, to: string): string {
  return to.startsWith('/') ? to : `${from}/${to}`
}
