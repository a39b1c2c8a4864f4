/** How long this thread has yet to work, by what it has done: whether others should help. */
import type { Progress } from '../render/pipeline.ts'

/** Before so many milliseconds of work little is known: the first apps wait for charts to be read. */
const least = 250
/**
 * A thread has to load the engines and to read charts for itself, and the first apps, which take longest, make the rest look
 * longer than it is: so many milliseconds of work must be foreseen for it.
 */
const worth = 3000

export class Foresight {
  private readonly started: number
  private sites = 0
  private apps = 0

  /** `started` is when it began, in milliseconds of the processor: on a busy machine apps are no larger. */
  constructor(started: number) {
    this.started = started
  }

  /** With how many threads the rest is best done, of which so many whole sites are left to take; told before each app. */
  threads({ done, total }: Pick<Progress, 'done' | 'total'>, sitesLeft: number, now: number): number {
    if (done === 0) {
      this.sites++
      this.apps += total
    }
    const rest = total - done
    const spent = now - this.started
    const known = this.apps - rest
    if (spent < least || known === 0) return 1
    const left = (spent / known) * (rest + (this.apps / this.sites) * sitesLeft)
    return 1 + Math.min(sitesLeft, Math.floor(left / worth))
  }
}
