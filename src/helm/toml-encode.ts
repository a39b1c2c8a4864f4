/** Writing TOML as BurntSushi/toml 1.6.0 does (encode.go), for Helm's toToml. */

import { DecapodError } from '../errors.ts'
import { GoDuration } from '../go/duration.ts'
import { maxParts, maxText, tooLongText, tooManyParts } from '../go/extent.ts'
import { sortedKeys } from '../go/fmt.ts'
import { formatFloat } from '../go/strconv.ts'
import { GoTime, utc } from '../go/time.ts'
import { GoError, GoInt, GoMap, GoObject, GoSlice, type GoValue, kindOf } from '../go/value.ts'
import { GoVersion } from '../semver/go-version.ts'
import { localDate, localDatetime, localTime } from './toml-decode.ts'
import { formatKey, formatKeyPart, quoteString } from './toml-key.ts'

const maxDepth = 500

/** Encodes a value, usually a map. Throws GoError: `toml: cannot encode array with nil element`. */
export function encodeToml(value: GoValue): string {
  if (value === null) throw new GoError('reflect: call of reflect.Value.Type on zero Value', true)
  const encoder = new TomlEncoder()
  encoder.encode([], value)
  return encoder.out
}

type Shape = 'table' | 'tables' | 'value'

class TomlEncoder {
  out = ''
  private parts = 0
  /** Of lists: each is asked for more than once, and may stand in many others. */
  private readonly shapes = new Map<readonly unknown[], Shape>()

  encode(key: readonly string[], v: GoValue): void {
    if (++this.parts > maxParts) throw tooManyParts()
    if (this.out.length > maxText) throw tooLongText()
    if (v === null || (v instanceof GoMap && v.isNil)) return
    switch (this.shapeOf(v)) {
      case 'table':
        this.table(key, v)
        break
      case 'tables':
        if (key.length === 0) throw new GoError('toml: top-level values must be Go maps or structs')
        this.tables(key, v as readonly GoValue[])
        break
      default:
        this.keyValue(key, v, false)
    }
  }

  private newline(): void {
    if (this.out !== '') this.out += '\n'
  }

  private table(key: readonly string[], v: GoValue): void {
    if (key.length === 1) this.newline()
    if (key.length > 0) {
      this.out += `${indent(key)}[${formatKey(key)}]`
      this.newline()
    }
    this.fields(key, v, false)
  }

  private tables(key: readonly string[], all: readonly GoValue[]): void {
    if (key.length > maxDepth) throw tooDeep()
    for (const v of all) {
      if (isNil(v)) continue
      this.newline()
      this.out += `${indent(key)}[[${formatKey(key)}]]`
      this.newline()
      this.fields(key, v, false)
    }
  }

  /** What a table holds: values first, since after a subtable's head they would belong to that. */
  private fields(key: readonly string[], v: GoValue, inline: boolean): void {
    if (key.length > maxDepth) throw tooDeep()
    const all = v instanceof Map ? sortedKeys(v).map(name => [name, v.get(name)!] as const) : fieldsOf(v as GoObject)
    const direct = all.filter(([, value]) => this.shapeOf(value) === 'value')
    const sub = all.filter(([, value]) => this.shapeOf(value) !== 'value')
    if (inline) this.out += '{'
    for (const [list, more] of [
      [direct, sub.length > 0],
      [sub, false],
    ] as const) {
      list.forEach(([name, value], i) => {
        if (isNil(value)) return
        if (!inline) this.encode([...key, name], value)
        else {
          this.keyValue([name], value, true)
          if (more || i !== list.length - 1) this.out += ', '
        }
      })
    }
    if (inline) this.out += '}'
  }

  /** How a value is written: as a table, as an array of tables, or behind its key. */
  private shapeOf(v: GoValue, depth = 0): Shape {
    if (depth > maxDepth) throw tooDeep()
    if (v instanceof Map) return isNil(v) ? 'value' : 'table'
    if (Array.isArray(v)) {
      const known = this.shapes.get(v)
      if (known !== undefined) return known
      let tables = v.length > 0
      // All elements are looked at, down to the bottom: there must be no nil anywhere.
      for (const item of v as readonly GoValue[]) {
        if (isNil(item)) throw new GoError('toml: cannot encode array with nil element')
        if (this.shapeOf(item, depth + 1) !== 'table') tables = false
      }
      const shape = tables ? 'tables' : 'value'
      this.shapes.set(v, shape)
      return shape
    }
    if (!(v instanceof GoObject) || v instanceof GoTime || v instanceof GoVersion) return 'value'
    if (v.goKind === 'func') throw new GoError('unsupported type: func')
    if (v.goKind === 'complex128') throw new GoError('unsupported type: complex128')
    return v.goKind === 'struct' || v.goKind === 'ptr' ? 'table' : 'value'
  }

  private keyValue(key: readonly string[], v: GoValue, inline: boolean): void {
    if (key.length === 0) {
      this.element(v, 0)
      return
    }
    this.out += `${indent(key)}${formatKeyPart(key.at(-1)!)} = `
    this.element(v, 0)
    if (!inline) this.newline()
  }

  private element(v: GoValue, depth: number): void {
    if (depth > maxDepth) throw tooDeep()
    if (++this.parts > maxParts) throw tooManyParts()
    if (v === null) throw new GoError('reflect: call of reflect.Value.Interface on zero Value', true)
    if (Array.isArray(v) || v instanceof Uint8Array) {
      this.out += '['
      ;(v as readonly GoValue[]).forEach((item, i) => {
        if (i > 0) this.out += ', '
        this.element(item, depth + 1)
      })
      this.out += ']'
    } else if (this.shapeOf(v) === 'table') this.fields([], v, true)
    else this.out += scalar(v)
  }
}

function tooDeep(): DecapodError {
  return new DecapodError('LIMIT_EXCEEDED', `a value nests deeper than ${maxDepth} levels`)
}

function indent(key: readonly string[]): string {
  return '  '.repeat(key.length - 1)
}

function fieldsOf(v: GoObject): (readonly [string, GoValue])[] {
  const exported = v.fieldNames().filter(name => /^[A-Z]/.test(name))
  return exported.map(name => [name, v.field(name) ?? null] as const)
}

function isNil(v: GoValue): boolean {
  return v === null || ((v instanceof GoSlice || v instanceof GoMap) && v.isNil)
}

function scalar(v: GoValue): string {
  if (typeof v === 'string') return quoteString(v)
  if (typeof v === 'boolean' || typeof v === 'bigint') return String(v)
  if (typeof v === 'number') return float(v)
  if (v instanceof GoInt) return v.value.toString()
  if (v instanceof GoTime) return time(v)
  if (v instanceof GoVersion) return quoteString(v.text())
  if (v instanceof GoDuration) return quoteString(v.text())
  const object = v as GoObject
  const integer = object.integer()
  if (integer !== undefined) return integer.toString()
  if (object.goKind === 'string') return quoteString(object.text() ?? '')
  throw new GoError(`unexpected type: ${kindOf(v)}`)
}

function float(f: number): string {
  if (Number.isNaN(f)) return 'nan'
  if (!Number.isFinite(f)) return f < 0 ? '-inf' : 'inf'
  const text = formatFloat(f, 'g', -1)
  return /[e.]/.test(text) ? text : `${text}.0`
}

function time(t: GoTime): string {
  switch (t.location.name) {
    case localDatetime.name:
      return t.inZone(utc).format('2006-01-02T15:04:05.999999999')
    case localDate.name:
      return t.inZone(utc).format('2006-01-02')
    case localTime.name:
      return t.inZone(utc).format('15:04:05.999999999')
  }
  return t.format('2006-01-02T15:04:05.999999999Z07:00')
}
