/**
 * Helm's own functions over sprig's: YAML, JSON and TOML both ways (pkg/engine/funcs.go of 3.22 and 4.3). `include`,
 * `tpl`, `required`, `fail`, `lookup` and `getHostByName` belong to the engine, which knows the chart and its ports.
 */
import { DecapodError } from '../errors.ts'
import { decodeJson, encodeJson } from '../go/json.ts'
import { utc } from '../go/time.ts'
import { fn, type GoDict, GoError, type GoFunc, GoMap, GoSlice, type GoValue } from '../go/value.ts'
import { type SprigPorts, sprigFuncs } from '../sprig/index.ts'
import { encodeV3 } from '../yaml/encode-v3.ts'
import { stringifyValue } from '../yaml/stringify.ts'
import { unmarshalList, unmarshalMap } from '../yaml/values.ts'
import { durations } from './durations.ts'
import type { Semantics } from './semantics.ts'
import { decodeToml } from './toml-decode.ts'
import { encodeToml } from './toml-encode.ts'

/** Time and randomness. A template that needs one that is not given fails, saying so. */
export type FunctionPorts = Partial<SprigPorts>

/** Sprig's functions alone; what is not given fails when it is asked for. */
export function sprigFunctions(ports: FunctionPorts = {}): Map<string, GoFunc> {
  return sprigFuncs({
    now: ports.now ?? (() => missing('the time')),
    random: ports.random ?? (() => missing('random values')),
    ...(ports.begin !== undefined && { begin: ports.begin }),
    ...(ports.searchPrime !== undefined && { searchPrime: ports.searchPrime }),
    get local() {
      return ports.local ?? utc
    },
  })
}

/** Every function of Helm but those the engine adds, for one of its versions. The map is the caller's to extend. */
export function helmFunctions(semantics: Semantics, ports: FunctionPorts = {}): Map<string, GoFunc> {
  const functions = sprigFunctions(ports)
  for (const [name, func] of semantics === 4 ? helm4 : helm3) functions.set(name, func)
  return functions
}

function missing(what: string): never {
  throw new DecapodError('TEMPLATE_EXEC', `the template asks for ${what}, which this render does not have`)
}

/** What both versions have. toToml gives the error's text. Otherwise a value that cannot be written gives "", a text that cannot be read its error. */
const common: Readonly<Record<string, GoFunc>> = {
  toToml: fn('(any) string', toToml),
  fromToml: fn('(string) dict', (text: string) => orError(() => decodeToml(text), asDict)),
  toYaml: fn('(any) string', toYaml),
  toYamlPretty: fn('(any) string', (v: GoValue) =>
    orElse(
      () => encodeV3(v).replace(/\n$/, ''),
      () => '',
    ),
  ),
  fromYaml: fn('(string) dict', (text: string) => orError(() => unmarshalMap(text, source), asDict)),
  fromYamlArray: fn('(string) []any', (text: string) => orError(() => unmarshalList(text, source), asList)),
  toJson: fn('(any) string', (v: GoValue) =>
    orElse(
      () => json(v),
      () => '',
    ),
  ),
  fromJson: fn('(string) dict', (text: string) =>
    orError(
      () =>
        jsonInto<GoDict>(
          text,
          v => v instanceof Map,
          'map[string]interface {}',
          () => GoMap.nil(),
        ),
      asDict,
    ),
  ),
  fromJsonArray: fn('(string) []any', (text: string) =>
    orError(() => jsonInto<readonly GoValue[]>(text, Array.isArray, '[]interface {}', () => GoSlice.nil()), asList),
  ),
}

/** Helm's toToml; an error becomes the text, but what Go panics with does not. */
function toToml(v: GoValue): string {
  try {
    return encodeToml(v)
  } catch (error) {
    if (error instanceof GoError && !error.panic) return error.message
    throw error
  }
}

const helm3: ReadonlyMap<string, GoFunc> = new Map(Object.entries(common))

/** What Helm 4 has besides; its must… functions panic where the others are silent. */
const helm4: ReadonlyMap<string, GoFunc> = new Map(
  Object.entries({
    ...common,
    mustToToml: fn('(any) string', (v: GoValue) => panicking(() => encodeToml(v))),
    mustToYaml: fn('(any) string', (v: GoValue) => panicking(() => yaml(v))),
    mustToJson: fn('(any) string', (v: GoValue) => panicking(() => json(v))),
    ...durations,
  }),
)

const source = { file: '' }

/** Helm's toYaml: sigs.k8s.io/yaml without the last line break; "" for a value it cannot write. */
export function toYaml(v: GoValue): string {
  return orElse(
    () => yaml(v),
    () => '',
  )
}

function yaml(v: GoValue): string {
  return stringifyValue(v).replace(/\n$/, '')
}

function json(v: GoValue): string {
  return encodeJson(v, { escapeHtml: true })
}

/** decodeJson, but what holds a number that is out of range is first of the wrong kind. */
function decodeTop(text: string, fits: (v: GoValue) => boolean): GoValue {
  try {
    return decodeJson(text)
  } catch (error) {
    if (!(error instanceof GoError) || !error.message.endsWith('of type float64')) throw error
    const first = text.trimStart()[0]
    const ofItsKind = first === '[' ? [] : first === '{' ? new Map<string, GoValue>() : 0
    if (fits(ofItsKind)) throw error
    return ofItsKind
  }
}

/** json.Unmarshal into a map or list: null leaves a nil one, any other kind is an error. */
function jsonInto<T extends GoValue>(text: string, fits: (v: GoValue) => boolean, type: string, nil: () => T): T {
  const value = decodeTop(text, fits)
  if (value === null) return nil()
  if (fits(value)) return value as T
  const kind =
    typeof value === 'boolean'
      ? 'bool'
      : value instanceof Map
        ? 'object'
        : Array.isArray(value)
          ? 'array'
          : typeof value
  throw new GoError(`json: cannot unmarshal ${kind} into Go value of type ${type}`)
}

const asDict = (message: string): GoValue => new Map([['Error', message]])
const asList = (message: string): GoValue => [message]

/** What could not be read becomes a value that holds the error's text. */
function orError(read: () => GoValue, value: (message: string) => GoValue): GoValue {
  return orElse(read, error => value(error.message))
}

function orElse<T>(work: () => T, otherwise: (error: Error) => T): T {
  try {
    return work()
  } catch (error) {
    if (isGoFailure(error)) return otherwise(error)
    throw error
  }
}

/** What Go would have returned as an error: neither a panic nor a limit of ours. */
function isGoFailure(error: unknown): error is Error {
  return (
    (error instanceof GoError && !error.panic) || (error instanceof DecapodError && error.code !== 'LIMIT_EXCEEDED')
  )
}

function panicking<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof GoError) throw new GoError(error.message, true)
    throw error
  }
}
