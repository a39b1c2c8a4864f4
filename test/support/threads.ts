import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/**
 * Lets the built program's threads all have their share, however late they start: the main thread takes a second item when
 * another has taken one, and says who took what. `instead` is code that the
 * other threads run in place of an item's work.
 */
export class SharedFairly {
  readonly env: { readonly NODE_OPTIONS: string }
  private readonly dir: string

  constructor(instead = '', nodeOptions = '') {
    this.dir = mkdtempSync(join(tmpdir(), 'decapod-threads-'))
    const preload = join(this.dir, 'preload.mjs')
    writeFileSync(
      preload,
      `import { appendFileSync } from 'node:fs'
       import { isMainThread, threadId } from 'node:worker_threads'
       const add = Atomics.add
       const nap = new Int32Array(new SharedArrayBuffer(4))
       let own = 0
       Atomics.add = (words, at, number) => {
         for (let i = 0; isMainThread && own > 0 && Atomics.load(words, 0) === own && i < 4000; i++) Atomics.wait(nap, 0, 0, 5)
         own++
         const item = add(words, at, number)
         appendFileSync(${JSON.stringify(this.taken)}, threadId + ' ' + item + '\\n')
         return item
       }
       const store = Atomics.store
       Atomics.store = (words, at, number) => {
         store(words, at, number)
         if (!isMainThread) { ${instead} }
       }`,
    )
    this.env = { NODE_OPTIONS: `${nodeOptions} --import ${pathToFileURL(preload).href}` }
  }

  /** How many threads have taken something. */
  get threads(): number {
    const lines = readFileSync(this.taken, 'utf8').trim().split('\n')
    return new Set(lines.map(line => line.split(' ')[0])).size
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true })
  }

  private get taken(): string {
    return join(this.dir, 'taken')
  }
}
