/** Go's type Values: a map with methods, and the same map as the plain one it was made of. */
import { quote } from '../go/strconv.ts'
import { fn, type GoDict, GoError, type GoFunc, GoMap, type GoValue } from '../go/value.ts'
import { isTable } from './coalesce.ts'

/**
 * A map under Go's type Values. In Go a conversion between map types shares the entries: a subchart's `.Values` and the
 * parent's `.Values.sub` are one map with two types, and what `set` writes into one is read from the other. So this holds
 * nothing itself.
 */
export class ValuesView extends GoMap {
  readonly #map: GoDict
  readonly #toYaml: (value: GoValue) => string

  constructor(type: string, map: GoDict, toYaml: (value: GoValue) => string) {
    super(type, 'interface {}')
    this.#map = map
    this.#toYaml = toYaml
  }

  /** Made when they are asked for: hardly a template does. */
  override get methods(): Readonly<Record<string, GoFunc>> {
    return methodsOf(this.type, this.#map, this.#toYaml)
  }

  override method(name: string): GoFunc | undefined {
    switch (name) {
      case 'YAML':
      case 'AsMap':
      case 'Table':
      case 'PathValue':
      case 'Encode':
        return this.methods[name]
    }
    return undefined
  }

  override plain(): GoDict {
    return this.#map
  }

  override get size(): number {
    return this.#map.size
  }

  override get(key: string): GoValue | undefined {
    return this.#map.get(key)
  }

  override has(key: string): boolean {
    return this.#map.has(key)
  }

  override set(key: string, value: GoValue): this {
    this.#map.set(key, value)
    return this
  }

  override delete(key: string): boolean {
    return this.#map.delete(key)
  }

  override clear(): void {
    this.#map.clear()
  }

  override entries(): MapIterator<[string, GoValue]> {
    return this.#map.entries()
  }

  override keys(): MapIterator<string> {
    return this.#map.keys()
  }

  override values(): MapIterator<GoValue> {
    return this.#map.values()
  }

  override forEach(visit: (value: GoValue, key: string, map: Map<string, GoValue>) => void): void {
    for (const [key, value] of this.#map) visit(value, key, this)
  }

  override [Symbol.iterator](): MapIterator<[string, GoValue]> {
    return this.#map[Symbol.iterator]()
  }
}

/** The methods of Values (values.go); they come before keys of the same name. */
function methodsOf(type: string, map: GoDict, toYaml: (value: GoValue) => string): Record<string, GoFunc> {
  return {
    YAML: fn('() (string, error)', () => toYaml(map) + '\n'),
    AsMap: fn('() dict', () => (map.size === 0 ? new Map() : map)),
    Table: fn(`(string) (${type}, error)`, (path: string) => new ValuesView(type, tableIn(map, path), toYaml)),
    PathValue: fn('(string) (any, error)', (path: string) => valueAt(map, path)),
    Encode: fn('(io.Writer) error', () => {
      throw new GoError('Encode needs a writer, and templates have none')
    }),
  }
}

function tableIn(map: GoDict, path: string): GoDict {
  let table = map
  for (const key of path.split('.')) {
    const next = table.get(key)
    if (next instanceof ValuesView || isTable(next)) table = next
    else throw new GoError(`${quote(key)} is not a table`)
  }
  return table
}

function valueAt(map: GoDict, path: string): GoValue {
  if (path === '') throw new GoError('YAML path cannot be empty')
  const dot = path.lastIndexOf('.')
  const key = path.slice(dot + 1)
  const missing = new GoError(`${quote(key)} is not a value`)
  let table = map
  if (dot !== -1) {
    try {
      table = tableIn(map, path.slice(0, dot))
    } catch {
      throw missing
    }
  }
  const value = table.get(key)
  if (value === undefined || isTable(value)) throw missing
  return value
}
