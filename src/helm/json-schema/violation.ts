/** Violations of a schema, worded as santhosh-tekuri/jsonschema v6 words them (kind/kind.go, output.go). */
import { formatValue } from '../../go/fmt.ts'
import { formatFloat, quote as goQuote } from '../../go/strconv.ts'
import type { GoValue } from '../../go/value.ts'
import { type Instance, isList, isObject, JsonNumber } from './json.ts'

export interface Violation {
  /** The place in the instance, as tokens of a JSON pointer. */
  readonly path: readonly string[]
  readonly message: string
  readonly causes: readonly Violation[]
  /** `group`: several violations of one schema; `reference`: those behind a $ref. */
  readonly role: 'group' | 'reference' | undefined
}

/** The violations as indented lines. */
export function formatViolations(violations: readonly Violation[]): string {
  const lines: string[] = []
  const add = (violation: Violation, indent: number): void => {
    const isTransparent = violation.role === 'reference' && violation.causes.length === 1
    if (!isTransparent) {
      const pointer = violation.path.map(token => `/${escapeToken(token)}`).join('')
      lines.push(`${'  '.repeat(indent)}- at ${quote(pointer)}: ${violation.message}`)
    }
    for (const cause of violation.causes) add(cause, isTransparent ? indent : indent + 1)
  }
  for (const violation of violations) add(violation, 0)
  return lines.join('\n')
}

export function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** A string between single quotes, the rest as Go quotes. */
export function quote(text: string): string {
  return `'${goQuote(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
}

export function quoteAll(texts: readonly string[]): string {
  return texts.map(quote).join(', ')
}

/** A scalar as messages show it; null is Go's. */
export function display(value: Instance): string {
  if (typeof value === 'string') return quote(value)
  if (isList(value) || isObject(value)) return 'value'
  return value instanceof JsonNumber ? value.text : formatValue(value as GoValue)
}

/** An integer as English writes it: 1,000. */
export function count(n: number): string {
  return String(n).replace(/\B(?=([0-9]{3})+$)/g, ',')
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** A number as English writes it: 1,234.5, 3×10⁰⁶. */
export function amount(number: JsonNumber): string {
  const [mantissa, exponent] = formatFloat(number.value, 'g', -1).split('e')
  if (exponent !== undefined) {
    const digits = exponent
      .replace('+', '')
      .replace('-', '⁻')
      .replace(/[0-9]/g, d => superscripts[Number(d)]!)
    return `${mantissa}×10${digits}`
  }
  const [whole, fraction] = mantissa!.split('.')
  const grouped = whole!.replace(/\B(?=([0-9]{3})+$)/g, ',')
  return fraction === undefined ? grouped : `${grouped}.${fraction}`
}
