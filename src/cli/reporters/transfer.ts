/** Progress of bytes: one line that is rewritten on a terminal, a plain line every few seconds elsewhere. */
import type { Cli } from '../cli.ts'

export class Transfer {
  private readonly cli: Cli
  private readonly what: string
  private readonly begun = performance.now()
  private bytes = 0
  private shown = 0
  private expected: number | undefined
  private all = 0
  private finished = 0

  constructor(cli: Cli, what: string) {
    this.cli = cli
    this.what = what
    this.shown = this.begun
  }

  /** How many bytes there will be, once that is known. */
  expectBytes(bytes: number): void {
    this.expected = bytes
  }

  /** How many things there are to bring, where each is finished by itself. */
  items(count: number): void {
    this.all = count
  }

  /** One of them is there. */
  finish(): void {
    this.finished++
  }

  add(count: number): void {
    this.bytes += count
    if (this.cli.global.quiet) return
    const now = performance.now()
    if (now - this.shown < (this.cli.terminal ? 100 : 5000)) return
    this.shown = now
    this.cli.stderr(this.cli.terminal ? `\r\u001b[K${this.line(now)}` : `${this.line(now)}\n`)
  }

  /** Removes the line; what was done is for the caller to say. */
  done(): void {
    if (this.cli.terminal && !this.cli.global.quiet && this.shown !== this.begun) this.cli.stderr('\r\u001b[K')
  }

  private line(now: number): string {
    const seconds = (now - this.begun) / 1000
    const of = this.expected === undefined ? '' : ` of ${formatBytes(this.expected)}`
    const what = this.all === 0 ? this.what : `${this.what} ${this.finished} of ${this.all}`
    return `${what}: ${formatBytes(this.bytes)}${of}, ${formatBytes(this.bytes / Math.max(seconds, 0.001))}/s`.slice(
      0,
      this.cli.columns - 1,
    )
  }
}

/** `12 B`, `3.4 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
