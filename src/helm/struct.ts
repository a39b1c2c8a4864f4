/** Structs that templates see, as data: a Go type's name and its fields. */
import { type GoFunc, type GoKind, GoObject, type GoValue } from '../go/value.ts'

export interface StructOptions {
  readonly kind?: GoKind
  /** The key of a field in JSON; a field without one keeps its name. */
  readonly tags?: Readonly<Record<string, string>>
  /** Whether empty fields are left out of the JSON (`omitempty` on all of them). */
  readonly omitEmpty?: boolean
  /** Fields that are in the JSON even when they are empty. */
  readonly always?: readonly string[]
  /** Fields of an embedded struct: they are fields of this one too, and their JSON is inlined. */
  readonly embedded?: string
  /** Unexported fields: printed, but neither in JSON nor reachable. */
  readonly unexported?: readonly string[]
  readonly methods?: Readonly<Record<string, GoFunc>>
  readonly addressableText?: string
}

export class GoStruct extends GoObject {
  readonly goType: string
  readonly goKind: GoKind
  readonly #fields: ReadonlyMap<string, GoValue>
  readonly #options: StructOptions

  constructor(goType: string, fields: Readonly<Record<string, GoValue>>, options: StructOptions = {}) {
    super()
    this.goType = goType
    this.goKind = options.kind ?? 'struct'
    this.#fields = new Map(Object.entries(fields))
    this.#options = options
  }

  override field(name: string): GoValue | undefined {
    const own = this.#fields.get(name)
    if (own !== undefined || this.#options.embedded === undefined) return own
    return (this.#fields.get(this.#options.embedded) as GoObject).field(name)
  }

  override fieldNames(): readonly string[] {
    return [...this.#fields.keys()]
  }

  override method(name: string): GoFunc | undefined {
    const { methods } = this.#options
    return methods !== undefined && Object.hasOwn(methods, name) ? methods[name] : undefined
  }

  override addressableText(): string | undefined {
    return this.#options.addressableText
  }

  override json(): GoValue | undefined {
    const { tags, embedded, unexported } = this.#options
    if (tags === undefined && embedded === undefined && unexported === undefined) return undefined
    return new GoStruct(this.goType, Object.fromEntries(this.#jsonEntries()))
  }

  *#jsonEntries(): Generator<[string, GoValue]> {
    const { tags, embedded, unexported, omitEmpty, always } = this.#options
    for (const [name, value] of this.#fields) {
      if (unexported?.includes(name)) continue
      if (name === embedded) yield* (value as GoStruct).#jsonEntries()
      else if (!omitEmpty || always?.includes(name) || !isEmpty(value)) yield [tags?.[name] ?? name, value]
    }
  }
}

/** encoding/json's omitempty: zero values and empty lists and maps, but no structs. */
function isEmpty(value: GoValue): boolean {
  if (value === null || value === '' || value === false) return true
  if (Array.isArray(value)) return value.length === 0
  return value instanceof Map && value.size === 0
}
