/**
 * Which values templates read. A traced copy of the values is rendered with in place of the values themselves, so a
 * render that is not traced pays nothing, and every way to a value (fields, index, dig, range, toYaml …) is seen.
 */
import type { GoDict, GoValue } from '../go/value.ts'

/**
 * Told once of every path of mappings that was asked for, whether or not there is a value: `['image', 'tag']`. A mapping
 * that is passed through on the way to a value is told of too; one that is written out whole tells of all in it.
 */
export type Trace = (path: readonly string[]) => void

/** A copy of values that reports what is read from it. Lists count as one value: nothing in them is reported. */
export function traceValues(values: GoDict, trace: Trace): GoDict {
  return copy(values, trace, [])
}

function copy(values: GoDict, trace: Trace, path: readonly string[]): GoDict {
  const traced = new TracedMap(trace, path)
  for (const [key, value] of values) {
    traced.set(key, value instanceof Map ? copy(value as GoDict, trace, [...path, key]) : value)
  }
  return traced
}

class TracedMap extends Map<string, GoValue> {
  readonly #trace: Trace
  readonly #path: readonly string[]
  /** Keys that were told of; made for the first, since most mappings are never asked. */
  #seen: Set<string> | undefined

  constructor(trace: Trace, path: readonly string[]) {
    super()
    this.#trace = trace
    this.#path = path
  }

  #read(key: string): void {
    if (this.#seen?.has(key)) return
    this.#seen ??= new Set()
    this.#seen.add(key)
    this.#trace([...this.#path, key])
  }

  #readAll(): void {
    for (const key of super.keys()) this.#read(key)
  }

  override get(key: string): GoValue | undefined {
    this.#read(key)
    return super.get(key)
  }

  override has(key: string): boolean {
    this.#read(key)
    return super.has(key)
  }

  override entries(): MapIterator<[string, GoValue]> {
    this.#readAll()
    return super.entries()
  }

  override values(): MapIterator<GoValue> {
    this.#readAll()
    return super.values()
  }

  override forEach(visit: (value: GoValue, key: string, map: Map<string, GoValue>) => void): void {
    this.#readAll()
    super.forEach(visit)
  }

  override [Symbol.iterator](): MapIterator<[string, GoValue]> {
    this.#readAll()
    return super[Symbol.iterator]()
  }
}
