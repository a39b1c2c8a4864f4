/**
 * Work that several threads share: a list of items, from whose front each takes the next one when it is free, this thread
 * among them. A thread is given data to know its work by, and answers with data.
 */
import { parentPort, Worker } from 'node:worker_threads'
import { DecapodError, DecapodErrors } from '../errors.ts'
import { errorOfPlain, type PlainError, plainError } from '../render/errors.ts'

/** What became of an item: what the work gave, what it threw, or why the thread that had it is no more. */
export type Answer<T> = { readonly result: T } | { readonly thrown: unknown } | { readonly lost: Loss }

export type Loss = 'memory' | Error

/** What a thread is started with. */
export interface ThreadStart {
  /** How many items were taken; then, for each thread, 1 + the item it has. Shared. */
  readonly words: Int32Array
  readonly place: number
  readonly items: number
  readonly data: unknown
}

/** As much stack as V8 gives the main thread (984 KB, and what Node keeps of it): what is too deep is too deep on all. */
const stackSizeMb = 1.15

/** The threads that help this one with a list of items. */
export class WorkThreads<T> {
  private readonly program: URL | undefined
  private readonly data: unknown
  private readonly items: number
  private readonly hear: (item: number, answer: Answer<T>) => void
  private readonly words: Int32Array
  private readonly ends: Promise<void>[] = []

  /**
   * `program` is what the threads run, which calls `helpWith`; without one there are none. `hear` is told what they did
   * while this thread listens or waits.
   */
  constructor(program: URL | undefined, data: unknown, items: number, hear: (item: number, answer: Answer<T>) => void) {
    this.program = program
    this.data = data
    this.items = items
    this.hear = hear
    this.words = new Int32Array(new SharedArrayBuffer(4 * (1 + items)))
  }

  /** How many threads work, this one among them. */
  get count(): number {
    return 1 + this.ends.length
  }

  /** Starts a thread, also in the middle of other work; false where none can be had, which is no failure. */
  start(): boolean {
    const { program, words, items, data, count: place } = this
    if (program === undefined) return false
    const workerData: ThreadStart = { words, place, items, data }
    try {
      const worker = new Worker(program, { workerData, resourceLimits: { stackSizeMb } })
      this.ends.push(this.end(worker, place))
      return true
    } catch {
      // The system has no room for another.
      return false
    }
  }

  /** The next item for this thread. */
  take(): number | undefined {
    return takeFrom(this.words, this.items)
  }

  /** How many items nobody has taken. */
  get left(): number {
    return Math.max(0, this.items - Atomics.load(this.words, 0))
  }

  /** Nobody takes another one. */
  stop(): void {
    Atomics.store(this.words, 0, this.items)
  }

  /** Hears what was told meanwhile. */
  async listen(): Promise<void> {
    if (this.ends.length > 0) await new Promise(done => setImmediate(done))
  }

  /** Waits until every thread has ended; what they took is then heard of. */
  async ended(): Promise<void> {
    await Promise.all(this.ends)
  }

  private end(worker: Worker, place: number): Promise<void> {
    let last: number | undefined
    let loss: Loss | undefined
    worker.on('message', ({ item, answer }: Message<T>) => {
      last = item
      this.hear(item, 'thrown' in answer ? { thrown: thrownOf(answer.thrown) } : answer)
    })
    worker.on('error', (error: NodeJS.ErrnoException) => {
      loss = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'memory' : error
    })
    return new Promise(done => {
      worker.on('exit', code => {
        const item = Atomics.load(this.words, place) - 1
        if (item !== -1 && item !== last) {
          this.hear(item, { lost: loss ?? new Error(`a thread ended with exit code ${code}`) })
        }
        done()
      })
    })
  }
}

interface Message<T> {
  readonly item: number
  readonly answer: { readonly result: T } | { readonly thrown: PlainThrown }
}

/** Takes items and does them until there are none: what a thread that was started runs. */
export function helpWith<T>({ words, place, items }: ThreadStart, work: (item: number) => T): void {
  for (let item = takeFrom(words, items); item !== undefined; item = takeFrom(words, items)) {
    Atomics.store(words, place, item + 1)
    let answer: Message<T>['answer']
    try {
      answer = { result: work(item) }
    } catch (thrown) {
      answer = { thrown: plainThrown(thrown) }
    }
    const message: Message<T> = { item, answer }
    parentPort!.postMessage(message)
  }
}

function takeFrom(words: Int32Array, items: number): number | undefined {
  // Beyond the end it is not counted on, however often it is asked.
  if (Atomics.load(words, 0) >= items) return undefined
  const item = Atomics.add(words, 0, 1)
  return item < items ? item : undefined
}

/** What was thrown, as data that goes from thread to thread: an error would arrive without its class and fields. */
type PlainThrown =
  | { readonly errors: readonly PlainError[] }
  | { readonly message: string; readonly fields: Partial<NodeJS.ErrnoException> }

function plainThrown(thrown: unknown): PlainThrown {
  if (thrown instanceof DecapodError) return { errors: [plainError(thrown)] }
  if (thrown instanceof DecapodErrors) return { errors: thrown.errors.map(plainError) }
  if (!(thrown instanceof Error)) return { message: String(thrown), fields: {} }
  const { stack, code, syscall, path } = thrown as NodeJS.ErrnoException
  const known = Object.entries({ stack, code, syscall, path }).filter(([, value]) => value !== undefined)
  return { message: thrown.message, fields: Object.fromEntries(known) }
}

function thrownOf(plain: PlainThrown): Error {
  return 'errors' in plain
    ? new DecapodErrors(plain.errors.map(errorOfPlain))
    : Object.assign(new Error(plain.message), plain.fields)
}
