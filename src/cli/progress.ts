/** Progress on stderr: one line that is rewritten on a terminal, nothing but what is done elsewhere. */
import type { Cli } from './cli.ts'

export class ProgressLine {
  private readonly cli: Cli
  private readonly live: boolean
  private shown = 0
  private last = 0

  constructor(cli: Cli) {
    this.cli = cli
    // A dumb terminal does not go back to the beginning of a line.
    this.live = cli.terminal && cli.env['TERM'] !== 'dumb' && !cli.global.quiet && !cli.global.json
  }

  /** Shows what is being worked on; on a terminal only, and not more often than an eye can follow. */
  show(text: string, now: number): void {
    if (!this.live || (this.shown > 0 && now - this.last < 50)) return
    this.last = now
    const line = text.length < this.cli.columns ? text : `${text.slice(0, this.cli.columns - 2)}…`
    this.cli.stderr(`\r${line.padEnd(this.shown)}`)
    this.shown = line.length
  }

  /** Removes the line, before something else is printed. */
  clear(): void {
    if (this.shown === 0) return
    this.cli.stderr(`\r${' '.repeat(this.shown)}\r`)
    this.shown = 0
  }

  /** A line that stays; where there is no terminal it is how progress is told. */
  line(text: string): void {
    this.clear()
    if (!this.cli.global.quiet) this.cli.stderr(`${text}\n`)
  }
}
