/** The values a user gives: files and --set flags (Helm's pkg/cli/values/options.go). */
import { DecapodError } from '../errors.ts'
import { decodeJson } from '../go/json.ts'
import { type GoDict, GoError } from '../go/value.ts'
import { isTable } from './coalesce.ts'
import type { Semantics } from './semantics.ts'
import { setFile, setJson, setLiteral, setString, setTyped } from './set.ts'
import { mergeMaps, parseValues } from './values-file.ts'

/** A values file, read. */
export interface ValuesFile {
  readonly file: string
  readonly text: string
}

/** Flags in the order they were given, by kind: Helm applies one kind after the other. */
export interface UserValues {
  readonly files?: readonly ValuesFile[]
  readonly setJson?: readonly string[]
  readonly set?: readonly string[]
  readonly setString?: readonly string[]
  readonly setFile?: readonly string[]
  readonly setLiteral?: readonly string[]
  /** The text of a file that --set-file names. */
  readonly readFile?: (path: string) => string
}

/** Merges what the user gives. Throws DecapodError with Helm's text (`failed to parse F: …`, `failed parsing --set data: …`). */
export function mergeUserValues(given: UserValues, semantics: Semantics = 3): GoDict {
  let values: GoDict = new Map()
  for (const { file, text } of given.files ?? []) {
    values = mergeMaps(
      values,
      within(`failed to parse ${file}: `, () => parseValues(text, file, semantics)),
    )
  }
  for (const line of given.setJson ?? []) values = applyJson(line, values, semantics)
  const apply = (flag: string, lines: readonly string[] | undefined, set: (line: string) => void): void => {
    for (const line of lines ?? []) within(`failed parsing --${flag} data: `, () => set(line))
  }
  const read = given.readFile ?? refuseFiles
  apply('set', given.set, line => setTyped(line, values, semantics))
  apply('set-string', given.setString, line => setString(line, values, semantics))
  apply('set-file', given.setFile, line => setFile(line, values, read, semantics))
  apply('set-literal', given.setLiteral, line => setLiteral(line, values, semantics))
  return values
}

/** Helm does not say what is wrong with the JSON; Helm 4 also takes one object in place of assignments. */
function applyJson(line: string, values: GoDict, semantics: Semantics): GoDict {
  const isObject = semantics === 4 && line.trimStart().startsWith('{')
  try {
    if (!isObject) {
      setJson(line, values, semantics)
      return values
    }
    const object = decodeJson(line)
    return isTable(object) ? mergeMaps(values, object) : values
  } catch (error) {
    if (!(error instanceof DecapodError) && !(error instanceof GoError)) throw error
    const message = `failed parsing --set-json data ${isObject ? 'JSON: ' : ''}${line}`
    throw new DecapodError('SET_SYNTAX', message, { hint: error.message, cause: error })
  }
}

function within<T>(prefix: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    const { code, at, hint } = error
    throw new DecapodError(code, prefix + error.message, { at, hint, cause: error })
  }
}

function refuseFiles(path: string): never {
  throw new DecapodError('FILE_NOT_FOUND', `open ${path}: no such file or directory`)
}
