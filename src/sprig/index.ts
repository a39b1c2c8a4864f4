/** Sprig 3.3.0's function map, as Helm uses it: without env, expandenv and what Helm replaces (functions.go). */
import { fn, type GoFunc } from '../go/value.ts'
import { crypto } from './crypto.ts'
import { dates, hermeticDates } from './dates.ts'
import { defaults } from './defaults.ts'
import { dicts } from './dicts.ts'
import { encoding } from './encoding.ts'
import { lists } from './lists.ts'
import { math } from './math.ts'
import { paths } from './paths.ts'
import type { SprigPorts } from './ports.ts'
import { random } from './random.ts'
import { reflect } from './reflect.ts'
import { regex } from './regex.ts'
import { semver } from './semver.ts'
import { strings } from './strings.ts'
import { urls } from './urls.ts'

export type { RandomBytes, SprigPorts } from './ports.ts'
export { seededRandom } from './ports.ts'

/** The functions whose result depends on their arguments alone; made once. */
const hermetic: ReadonlyMap<string, GoFunc> = new Map(
  Object.entries({
    hello: fn('() string', () => 'Hello!'),
    ...hermeticDates,
    ...strings,
    ...math,
    ...defaults,
    ...reflect,
    ...paths,
    ...encoding,
    ...dicts,
    ...lists,
    ...semver,
    ...regex,
    ...urls,
  }),
)

/**
 * The names of the functions that draw on time or randomness, and so need the port. Those that only read or print in
 * the local zone (date, toDate …) count among them, as in sprig.
 */
export const nonHermetic: readonly string[] = [
  ...['ago', 'date', 'dateInZone', 'date_in_zone', 'durationRound', 'htmlDate', 'htmlDateInZone', 'mustToDate', 'now'],
  ...['toDate', 'randAlpha', 'randAlphaNum', 'randAscii', 'randBytes', 'randInt', 'randNumeric', 'shuffle', 'uuidv4'],
  ...['bcrypt', 'encryptAES', 'genCA', 'genCAWithKey'],
  ...['genPrivateKey', 'genSelfSignedCert', 'genSelfSignedCertWithKey', 'genSignedCert', 'genSignedCertWithKey'],
  ...['htpasswd'],
]

/** All functions. Cheap enough to call for every render: the hermetic ones are shared. */
export function sprigFuncs(ports: SprigPorts): Map<string, GoFunc> {
  const all = new Map(hermetic)
  for (const chapter of [dates(ports), random(ports), crypto(ports)]) {
    for (const [name, func] of Object.entries(chapter)) all.set(name, func)
  }
  return all
}
