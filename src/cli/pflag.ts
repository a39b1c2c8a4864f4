/**
 * Command lines as Go's command-line tools read them (github.com/spf13/pflag, flag.go and its types): flags anywhere
 * among the arguments, `--name=value`, `--name value`, `-n value`, `-nvalue`, `-n=value`, `-gn value`; `--` ends them.
 */
import { DecapodError, nearest } from '../errors.ts'
import { readCsvRecord } from '../go/csv.ts'
import { parseDuration } from '../go/duration.ts'
import * as strconv from '../go/strconv.ts'
import { GoError } from '../go/value.ts'

/** What may stand behind a flag: `list` is a stringSlice, comma-separated, `array` a stringArray, one by one. */
export type FlagKind = 'bool' | 'text' | 'list' | 'array' | 'duration' | 'int' | 'int32' | 'float32' | 'pairs'

export interface Flag {
  readonly name: string
  /** One letter. */
  readonly short?: string | undefined
  readonly kind: FlagKind
  /** What the flag means where nothing stands behind "="; it then takes no argument (NoOptDefVal). */
  readonly bare?: string | undefined
  /** Throws GoError for a text that the flag does not take. */
  readonly check?: ((text: string) => void) | undefined
}

export type FlagValue = boolean | string | readonly string[]

export interface CommandLine {
  /** By name; only of those that were given. Numbers and durations are checked and left as text; pairs are their keys. */
  readonly values: ReadonlyMap<string, FlagValue>
  /** The names of the flags in the order in which they were first given. */
  readonly given: readonly string[]
  readonly args: readonly string[]
}

/** Reads a command line. Throws DecapodError USAGE in the words of pflag; `help` says where the flags are listed. */
export function parseCommandLine(flags: readonly Flag[], args: readonly string[], help: string): CommandLine {
  const byName = new Map(flags.map(flag => [flag.name, flag]))
  const byShort = new Map(flags.flatMap(flag => (flag.short === undefined ? [] : [[flag.short, flag] as const])))
  const values = new Map<string, FlagValue>()
  const positional: string[] = []
  const rest = [...args]

  const long = (arg: string): void => {
    const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(arg)!
    if (name === '' || name.startsWith('-')) throw usage(`bad flag syntax: ${arg}`, help)
    const flag = byName.get(name)
    if (flag === undefined) throw unknown(`unknown flag: --${name}`, `--${name}`, flags, help)
    if (value !== undefined) set(flag, value)
    else if (bare(flag) !== undefined) set(flag, bare(flag)!)
    else if (rest.length > 0) set(flag, rest.shift()!)
    else throw usage(`flag needs an argument: --${name}`, help)
  }
  const short = (arg: string): void => {
    let letters = arg.slice(1)
    while (letters !== '') {
      const letter = letters[0]!
      const flag = byShort.get(letter)
      // Letters are bytes to pflag.
      const shown = strconv.quoteRune(Buffer.from(letters)[0]!)
      if (flag === undefined) throw unknown(`unknown shorthand flag: ${shown} in -${letters}`, arg, flags, help)
      if (letters.length > 2 && letters[1] === '=') {
        set(flag, letters.slice(2))
        return
      }
      if (bare(flag) !== undefined) {
        set(flag, bare(flag)!)
        letters = letters.slice(1)
        continue
      }
      if (letters.length > 1) set(flag, letters.slice(1))
      else if (rest.length > 0) set(flag, rest.shift()!)
      else throw usage(`flag needs an argument: ${shown} in -${letters}`, help)
      return
    }
  }
  const set = (flag: Flag, text: string): void => {
    try {
      values.set(flag.name, readValue(flag, text, values.get(flag.name)))
    } catch (error) {
      if (!(error instanceof GoError)) throw error
      const name = flag.short === undefined ? `--${flag.name}` : `-${flag.short}, --${flag.name}`
      throw usage(`invalid argument ${strconv.quote(text)} for ${strconv.quote(name)} flag: ${error.message}`, help)
    }
  }

  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    if (arg === '--') {
      positional.push(...rest)
      break
    }
    if (!arg.startsWith('-') || arg === '-') positional.push(arg)
    else if (arg.startsWith('--')) long(arg)
    else short(arg)
  }
  return { values, given: [...values.keys()], args: positional }
}

function bare(flag: Flag): string | undefined {
  return flag.bare ?? (flag.kind === 'bool' ? 'true' : undefined)
}

function readValue({ kind, check }: Flag, text: string, before: FlagValue | undefined): FlagValue {
  check?.(text)
  switch (kind) {
    case 'bool':
      return strconv.parseBool(text)
    case 'list':
      return [...((before ?? []) as string[]), ...(text === '' ? [] : readCsvRecord(text))]
    case 'array':
      return [...((before ?? []) as string[]), text]
    case 'duration':
      parseDuration(text)
      return text
    case 'int':
      strconv.parseInt(text, 0, 64)
      return text
    case 'int32':
      strconv.parseInt(text, 10, 32)
      return text
    case 'float32':
      strconv.parseFloat(text, 32)
      return text
    case 'pairs':
      return [...((before ?? []) as string[]), ...pairKeys(text)]
    case 'text':
      return text
  }
}

/** The keys of a stringToString: one pair as it stands, several comma-separated. */
function pairKeys(text: string): string[] {
  const equals = text.split('=').length - 1
  const pairs = equals > 1 ? readCsvRecord(text) : [equals === 1 ? text.replace(/^"+|"+$/g, '') : text]
  const bad = pairs.find(pair => !pair.includes('='))
  if (bad !== undefined) throw new GoError(`${bad} must be formatted as key=value`)
  return pairs.map(pair => pair.slice(0, pair.indexOf('=')))
}

function unknown(message: string, given: string, flags: readonly Flag[], help: string): DecapodError {
  const near = nearest(
    given,
    flags.map(flag => `--${flag.name}`),
  )
  return new DecapodError('USAGE', message, {
    hint: near === undefined ? `${help} lists the flags` : `did you mean ${near}?`,
  })
}

function usage(message: string, help: string): DecapodError {
  return new DecapodError('USAGE', message, { hint: `${help} lists the flags` })
}
