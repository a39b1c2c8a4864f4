/**
 * What calls of functions count as, in steps of the render (template/exec.ts): a step is what takes about a ten-millionth
 * of a second. A template that makes a text of megabytes by doubling, or reads one in a loop, so ends in a second or two,
 * at the same place on every machine. What a call gives is weighed where it is called (template/calls.ts); here stands
 * what that does not tell.
 */
import type { GoFunc, GoValue } from '../go/value.ts'

/**
 * Steps of one call, whatever it is given: keys and hashes of passwords, which take long by intent. Their time is not
 * taken off the render's: an honest chart makes a dozen keys, and a slow machine takes seconds for each.
 */
const keys: ReadonlyMap<string, number> = new Map(
  Object.entries({
    bcrypt: 375_000,
    htpasswd: 375_000,
    derivePassword: 750_000,
    genPrivateKey: 1_200_000,
    genCA: 300_000,
    genCAWithKey: 1000,
    genSelfSignedCert: 300_000,
    genSelfSignedCertWithKey: 1000,
    genSignedCert: 300_000,
    genSignedCertWithKey: 1000,
    encryptAES: 20,
    decryptAES: 20,
  }),
)

/** Steps for eight characters, or elements, of what a function is given and of what it gives. Measured, on hard texts. */
const rates: ReadonlyMap<string, number> = new Map([
  ...each(1, 'replace sha1sum sha256sum sha512sum adler32sum contains trunc substr abbrev abbrevboth encryptAES'),
  ...each(1, 'decryptAES semver semverCompare urlParse urlJoin date dateInZone len bcrypt htpasswd'),
  ...each(1, 'derivePassword date_in_zone htmlDate toDate mustToDate b32dec'),
  ...each(2, 'trim trimAll trimall trimPrefix trimSuffix nospace initials b64dec wrap wrapWith splitList'),
  ...each(2, 'indent nindent b64enc regexQuoteMeta hasPrefix hasSuffix deepEqual'),
  ...each(4, 'quote print println printf html js urlquery toString upper lower toJson mustToJson'),
  ...each(4, 'toPrettyJson mustToPrettyJson toRawJson mustToRawJson toToml mustToToml toYaml mustToYaml'),
  ...each(4, 'toYamlPretty cat squote join reverse mustReverse compact mustCompact concat has mustHas without'),
  ...each(4, 'mustWithout'),
  ...each(8, 'seq int int64 float64 toDecimal atoi title untitle swapcase camelcase b32enc addf add1f subf'),
  ...each(8, 'mulf divf maxf minf add add1 sub mul div mod max min biggest floor ceil round duration'),
  ...each(8, 'durationRound ago uniq mustUniq randAlpha randAlphaNum randAscii randNumeric randBytes'),
  ...each(8, 'toStrings'),
  ...each(8, 'fromJson fromJsonArray mustFromJson fromYaml fromYamlArray fromToml'),
  ...each(16, 'omit pick deepCopy'),
  ...each(16, 'mustDeepCopy merge mustMerge mergeOverwrite mustMergeOverwrite'),
  // What searching takes is counted as it is done (go/regexp.ts).
  ...each(4, 'regexFindAll mustRegexFindAll regexReplaceAll mustRegexReplaceAll regexReplaceAllLiteral'),
  ...each(4, 'mustRegexReplaceAllLiteral regexSplit mustRegexSplit regexMatch mustRegexMatch regexFind'),
  ...each(4, 'mustRegexFind'),
  ...each(32, 'snakecase kebabcase split splitn shuffle'),
  ...each(80, 'keys values sortAlpha'),
])

function each(rate: number, names: string): (readonly [string, number])[] {
  return names.split(' ').map(name => [name, rate] as const)
}

/** Less is not worth counting. */
const small = 256

/** The size of an argument or result, where it is large. */
function sizeOf(v: unknown): number {
  if (typeof v === 'string') return v.length > small ? v.length : 0
  if (typeof v !== 'object' || v === null) return 0
  if (Array.isArray(v) || v instanceof Uint8Array) return v.length > small ? v.length : 0
  return v instanceof Map && v.size > small ? v.size * 2 : 0
}

/** What counts the work of a render. */
export interface Meter {
  /** Counts steps. Throws DecapodError LIMIT_EXCEEDED for too many. */
  spend(steps: number): void
  /** Runs what takes its time by intent: the render's limit of time does not see it. */
  untimed<T>(work: () => T): T
}

// biome-ignore lint/suspicious/noExplicitAny: GoFunc.call is typed by its signature text.
type Call = (...args: any[]) => GoValue

/**
 * A function that counts what its calls take, where that can be much; the function itself otherwise. Spelled out for one
 * argument and two, which most calls have.
 */
export function priced(name: string, func: GoFunc, meter: Meter): GoFunc {
  const { signature } = func
  const price = keys.get(name)
  const rate = rates.get(name)
  if (price !== undefined) {
    const long: Call = (...args) => {
      meter.spend(price)
      charge(
        meter,
        args.reduce<number>((sum, v) => sum + sizeOf(v), 0),
        rate ?? 0,
      )
      return meter.untimed(() => func.call(...args))
    }
    return { signature, call: long }
  }
  if (rate === undefined) return func
  return { signature, call: counted(func.call, signature.variadic ? 3 : signature.params.length, rate, meter) }
}

function charge(meter: Meter, size: number, rate: number): void {
  if (size > 0) meter.spend(Math.ceil((size * rate) / 8))
}

function counted(call: Call, count: number, rate: number, meter: Meter): Call {
  if (count === 1) {
    return a => {
      charge(meter, sizeOf(a), rate)
      const result = call(a)
      charge(meter, sizeOf(result), rate)
      return result
    }
  }
  if (count === 2) {
    return (a, b) => {
      charge(meter, sizeOf(a) + sizeOf(b), rate)
      const result = call(a, b)
      charge(meter, sizeOf(result), rate)
      return result
    }
  }
  return (...args) => {
    let given = 0
    for (let i = 0; i < args.length; i++) given += sizeOf(args[i])
    charge(meter, given, rate)
    const result = call(...args)
    charge(meter, sizeOf(result), rate)
    return result
  }
}
