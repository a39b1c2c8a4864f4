/** Sprig's defaults, logic and JSON (defaults.go). toJson and fromJson themselves are Helm's (helm/funcs.ts). */
import { decodeJson, encodeJson } from '../go/json.ts'
import { fn, GoError, type GoFunc, type GoValue, isTrue } from '../go/value.ts'
import { deepCopy } from './deep-equal.ts'

/** The functions of this chapter by name. */
export const defaults: Readonly<Record<string, GoFunc>> = {
  default: fn('(any, ...any) any', (otherwise: GoValue, ...given: GoValue[]) =>
    given.length === 0 || isEmpty(given[0]!) ? otherwise : given[0]!,
  ),
  empty: fn('(any) bool', (v: GoValue) => isEmpty(v)),
  coalesce: fn('(...any) any', (...values: GoValue[]) => values.find(v => !isEmpty(v)) ?? null),
  all: fn('(...any) bool', (...values: GoValue[]) => values.every(v => !isEmpty(v))),
  any: fn('(...any) bool', (...values: GoValue[]) => values.some(v => !isEmpty(v))),
  ternary: fn('(any, any, bool) any', (yes: GoValue, no: GoValue, condition: boolean) => (condition ? yes : no)),
  deepCopy: fn('(any) any', copy),
  mustDeepCopy: fn('(any) (any, error)', copy),
  toPrettyJson: fn('(any) string', (v: GoValue) => orEmpty(() => prettyJson(v))),
  toRawJson: fn('(any) string', rawJson),
  mustFromJson: fn('(string) (any, error)', (text: string) => decodeJson(text)),
  mustToJson: fn('(any) (string, error)', (v: GoValue) => encodeJson(v, { escapeHtml: true })),
  mustToPrettyJson: fn('(any) (string, error)', prettyJson),
  mustToRawJson: fn('(any) (string, error)', rawJson),
}

/** Whether sprig takes a value for empty: nil, false, zero, or without length; structs never are. */
export function isEmpty(v: GoValue): boolean {
  return !isTrue(v)
}

/** Go's library asks the value for its type before all else, and nil has none. */
function copy(v: GoValue): GoValue {
  if (v === null) throw new GoError('reflect: call of reflect.Value.Type on zero Value', true)
  return deepCopy(v)
}

function prettyJson(v: GoValue): string {
  return encodeJson(v, { escapeHtml: true, indent: '  ' })
}

function rawJson(v: GoValue): string {
  return encodeJson(v, { escapeHtml: false })
}

/** Where sprig drops the error, the text is empty too. */
function orEmpty(encode: () => string): string {
  try {
    return encode()
  } catch (error) {
    if (error instanceof GoError) return ''
    throw error
  }
}
