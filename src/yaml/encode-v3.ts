/**
 * go-yaml v3's encoder on Go values, with an indentation of 2: Helm's toYamlPretty. It differs from v2 behind
 * sigs.k8s.io/yaml in this: values are written as they are, not as JSON would have them; lists are indented under their
 * key; lines do not fold; tabs may stand in literal blocks; `yes`, `on` and `y` are quoted though they are strings.
 * go-yaml v3: encode.go, emitterc.go.
 */

import { Buffer } from 'node:buffer'
import { maxParts, maxText, tooLongText, tooManyParts } from '../go/extent.ts'
import { formatFloat } from '../go/strconv.ts'
import { GoTime } from '../go/time.ts'
import { type GoDict, GoError, GoInt, GoObject, type GoValue, toBytes } from '../go/value.ts'
import { compareKeysV3 } from './key-order.ts'
import { isPlainString } from './resolve.ts'
import { chooseStyle, isMultiline, literalText, scalarText, staysString } from './scalar-text.ts'
import { MAX_DEPTH } from './scan.ts'

/** The text of a value, ending with a line break. Throws GoError for values nested too deep. */
export function encodeV3(value: GoValue): string {
  const encoder = new Encoder()
  encoder.node(value, 0, 'root')
  return encoder.out
}

const OLD_BOOLEANS = new Set('y Y yes Yes YES on On ON n N no No NO off Off OFF'.split(' '))

/** A string that v3 may write plain: one for v3 itself, for YAML 1.1 readers, and no base-60 number. */
function staysStringV3(s: string): boolean {
  if (s === '' || OLD_BOOLEANS.has(s)) return false
  return staysString(s) && isPlainString(s, 'v3')
}

type Place = 'root' | 'key' | 'item' | 'complex'

class Encoder {
  out = ''
  private depth = 0
  private parts = 0

  /** Writes a node and the end of its line; `indent` is that of the collection it stands in. */
  node(value: GoValue, indent: number, place: Place): void {
    if (++this.parts > maxParts) throw tooManyParts()
    if (this.out.length > maxText) throw tooLongText()
    if (value instanceof GoObject) {
      this.object(value, indent, place)
      return
    }
    if (value instanceof Map) {
      this.map(
        [...(value as GoDict)].sort(([a], [b]) => compareKeysV3(a, b)),
        indent,
        place,
      )
    } else if (Array.isArray(value)) this.seq(value, indent, place)
    else if (value instanceof Uint8Array)
      this.seq(
        Array.from(value, b => BigInt(b)),
        indent,
        place,
      )
    else {
      if (place === 'key') this.out += ' '
      if (typeof value === 'string') this.string(value, place === 'root' ? 2 : indent + 2)
      else this.out += `${scalar(value)}\n`
    }
  }

  /** A struct: its fields in the order declared, their names in lower case. */
  private object(value: GoObject, indent: number, place: Place): void {
    if (value instanceof GoTime) {
      // A timestamp is written as one, not as the text that looks like one.
      this.out += `${place === 'key' ? ' ' : ''}${value.format('2006-01-02T15:04:05.999999999Z07:00')}\n`
      return
    }
    if (value.goKind === 'complex128') throw new GoError('cannot marshal type: complex128', true)
    const text = value.text()
    if (text !== undefined) {
      this.node(text, indent, place)
      return
    }
    const exported = value.fieldNames().filter(name => /^[A-Z]/.test(name))
    const fields = exported.map((name): [string, GoValue] => [name.toLowerCase(), value.field(name) ?? null])
    this.map(fields, indent, place)
  }

  private open(indent: number, place: Place): number {
    if (++this.depth > MAX_DEPTH) throw new GoError(`yaml: exceeded max depth of ${MAX_DEPTH}`)
    const inner = place === 'root' ? 0 : indent + 2
    if (place === 'key') this.out += `\n${' '.repeat(inner)}`
    return inner
  }

  private map(entries: readonly (readonly [string, GoValue])[], indent: number, place: Place): void {
    if (entries.length === 0) {
      this.out += place === 'key' ? ' {}\n' : '{}\n'
      return
    }
    const inner = this.open(indent, place)
    const lead = ' '.repeat(inner)
    for (let i = 0; i < entries.length; i++) {
      const [key, value] = entries[i]!
      if (i > 0) this.out += lead
      if (isSimpleKey(key)) {
        const style = chooseStyle(key, staysStringV3(key), true, true) as 'plain' | 'single' | 'double'
        this.out += `${scalarText(key, style, 0, 0, Number.POSITIVE_INFINITY)}:`
        this.node(value, inner, 'key')
      } else {
        this.out += '? '
        this.string(key, inner + 2)
        this.out += `${lead}: `
        this.node(value, inner, 'complex')
      }
    }
    this.depth--
  }

  private seq(items: readonly GoValue[], indent: number, place: Place): void {
    if (items.length === 0) {
      this.out += place === 'key' ? ' []\n' : '[]\n'
      return
    }
    const inner = this.open(indent, place)
    const lead = ' '.repeat(inner)
    for (let i = 0; i < items.length; i++) {
      this.out += i === 0 ? '- ' : `${lead}- `
      this.node(items[i]!, inner, 'item')
    }
    this.depth--
  }

  private string(s: string, indent: number): void {
    // Bytes that are no text are written as base64, broken into lines.
    if (/[\ud800-\udfff]/u.test(s)) {
      const base64 = Buffer.from(toBytes(s)).toString('base64')
      const lines = base64.match(/.{1,70}/g) ?? []
      this.out += '!!binary '
      if (lines.length > 1) this.out += literalText(`${lines.join('\n')}\n`, indent)
      else this.out += `${base64}\n`
      return
    }
    const style = chooseStyle(s, staysStringV3(s), false, true)
    if (style === 'literal') this.out += literalText(s, indent)
    else this.out += `${scalarText(s, style, 0, indent, Number.POSITIVE_INFINITY)}\n`
  }
}

function isSimpleKey(key: string): boolean {
  return !isMultiline(key) && Buffer.byteLength(key) <= 128
}

function scalar(value: GoValue | undefined): string {
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return '.nan'
    if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf'
    return formatFloat(value, 'g', -1)
  }
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'boolean') return value ? 'true' : 'false'
  if (value instanceof GoInt) return String(value.value)
  return 'null'
}
