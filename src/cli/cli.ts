/** What a command sees of the world; tests pass their own. */
export interface Cli {
  /** Data goes to stdout, and only data. */
  readonly stdout: (text: string | Uint8Array) => void
  /** Progress, warnings and errors go to stderr. */
  readonly stderr: (text: string) => void
  readonly env: Readonly<Record<string, string | undefined>>
  /** The directory relative paths start from: --cwd, else the process's. Absolute. */
  readonly cwd: string
  /** Whether stderr is a terminal: progress may then be one line that is rewritten. */
  readonly terminal: boolean
  /** Whether stdout is a terminal: data may then be coloured. */
  readonly outTerminal: boolean
  /** Columns of the terminal; 80 where unknown. */
  readonly columns: number
  /** The text of a line of a file, named from `cwd`, for error excerpts; undefined when it cannot be read. */
  readonly sourceLine: (file: string, line: number) => string | undefined
  readonly global: GlobalOptions
  /** The code of the program, for threads that are to run it as well; absent where this thread is to be the only one. */
  readonly program?: URL | undefined
}

/** Where decapod runs. */
export type CliPlace = Pick<Cli, 'cwd' | 'env'>

/** The options every command takes, before or after its name. */
export interface GlobalOptions {
  readonly json: boolean
  readonly quiet: boolean
  /** Whether data on stdout is coloured. */
  readonly color: boolean
  readonly jobs: number | undefined
}

/** 0 ok, 1 findings or failures, 2 usage. */
export type ExitCode = 0 | 1 | 2

/** What a command's run gives: its exit code, once everything is printed. Failures may be thrown as DecapodError(s). */
export type Run = () => ExitCode | Promise<ExitCode>
