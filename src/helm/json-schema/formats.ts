/** The formats of JSON Schema, with the library's reasons (santhosh-tekuri/jsonschema v6: format.go). */
import { compileRegexp } from '../../go/regexp.ts'
import { atoi, quote, quoteRune } from '../../go/strconv.ts'
import { parseTime } from '../../go/time.ts'
import { byteLength, GoError } from '../../go/value.ts'

export interface Format {
  readonly name: string
  /** Why a text is not of this format; undefined when it is. */
  readonly check: (text: string) => string | undefined
}

/** Regular expressions are Go's. */
export const regexFormat: Format = { name: 'regex', check: text => reasonOf(() => compileRegexp(text)) }

export const formats: ReadonlyMap<string, Format> = new Map(
  Object.entries({
    'json-pointer': jsonPointer,
    'relative-json-pointer': relativeJsonPointer,
    uuid,
    duration,
    period,
    ipv4,
    ipv6,
    hostname,
    email,
    date,
    time,
    'date-time': dateTime,
    uri,
    iri: uri,
    'uri-reference': uriReference,
    'iri-reference': uriReference,
    'uri-template': uriTemplate,
    semver,
  }).map(([name, check]) => [name, { name, check }]),
)

type Reason = string | undefined

/** The text of the error that a Go function returns. */
function reasonOf(work: () => unknown): Reason {
  try {
    work()
    return undefined
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

function firstReason(...checks: readonly (() => Reason)[]): Reason {
  for (const check of checks) {
    const reason = check()
    if (reason !== undefined) return reason
  }
  return undefined
}

/** The first character that a pattern does not allow, as the library names it. */
function badCharacter(text: string, allowed: RegExp): string | undefined {
  for (const rune of text) if (!allowed.test(rune)) return quoteRune(rune.codePointAt(0)!)
  return undefined
}

function jsonPointer(text: string): Reason {
  if (text === '') return undefined
  if (!text.startsWith('/')) return 'not starting with /'
  return /~(?![01])/.test(text) ? '~ must be followed by 0 or 1' : undefined
}

function relativeJsonPointer(text: string): Reason {
  const digits = /^[0-9]*/.exec(text)![0]
  if (digits === '') return 'must start with non-negative integer'
  if (digits.length > 1 && digits.startsWith('0')) return 'starts with zero'
  const rest = text.slice(digits.length)
  return rest === '#' ? undefined : jsonPointer(rest)
}

function uuid(text: string): Reason {
  const groups = text.split('-')
  const lengths = [8, 4, 4, 4, 12]
  if (groups.length !== lengths.length) return `must have ${lengths.length} elements`
  for (const [i, group] of groups.entries()) {
    if (byteLength(group) !== lengths[i]) return `element ${i + 1} must be ${lengths[i]} characters long`
    const bad = badCharacter(group, /[0-9a-fA-F]/)
    if (bad !== undefined) return `non-hex character ${bad}`
  }
  return undefined
}

function duration(text: string): Reason {
  if (!text.startsWith('P')) return 'must start with P'
  const body = text.slice(1)
  if (body === '') return 'nothing after P'
  if (body.endsWith('W')) {
    const weeks = body.slice(0, -1)
    if (weeks === '') return 'no number in week'
    return /^[0-9]+$/.test(weeks) ? undefined : 'invalid week'
  }
  const allUnits = ['YMD', 'HMS']
  for (const [i, part] of body.split('T').entries()) {
    if (i !== 0 && part === '') return 'no time elements'
    if (i >= allUnits.length) return 'more than one T'
    let units = allUnits[i]!
    let rest = part
    while (rest !== '') {
      const digits = /^[0-9]*/.exec(rest)![0].length
      if (digits === 0) return 'missing number'
      rest = rest.slice(digits)
      if (rest === '') return 'missing unit'
      const at = units.indexOf(rest[0]!)
      if (at === -1) {
        const unit = quoteRune(rest.codePointAt(0)!)
        return allUnits[i]!.includes(rest[0]!) ? `unit ${unit} out of order` : `invalid unit ${unit}`
      }
      units = units.slice(at + 1)
      rest = rest.slice(1)
    }
  }
  return undefined
}

function period(text: string): Reason {
  const slash = text.indexOf('/')
  if (slash === -1) return 'missing slash'
  const start = text.slice(0, slash)
  const end = text.slice(slash + 1)
  const prefixed = (prefix: string, reason: Reason): Reason =>
    reason === undefined ? undefined : `${prefix}: ${reason}`
  if (start.startsWith('P')) {
    return firstReason(
      () => prefixed('invalid start duration', duration(start)),
      () => prefixed('invalid end date-time', dateTime(end)),
    )
  }
  return firstReason(
    () => prefixed('invalid start date-time', dateTime(start)),
    () =>
      end.startsWith('P')
        ? prefixed('invalid end duration', duration(end))
        : prefixed('invalid end date-time', dateTime(end)),
  )
}

function ipv4(text: string): Reason {
  const groups = text.split('.')
  if (groups.length !== 4) return 'expected four decimals'
  for (const group of groups) {
    if (group.length > 1 && group.startsWith('0')) return 'leading zeros'
    const reason = reasonOf(() => atoi(group))
    if (reason !== undefined) return reason
    const value = atoi(group)
    if (value < 0n || value > 255n) return 'decimal must be between 0 and 255'
  }
  return undefined
}

/** netip.ParseAddr for addresses with a colon. */
function ipv6(text: string): Reason {
  if (!text.includes(':')) return 'missing colon'
  const percent = text.indexOf('%')
  const address = percent === -1 ? text : text.slice(0, percent)
  const fail = (reason: string): string => `ParseAddr(${quote(text)}): ${reason}`
  if (percent !== -1 && percent === text.length - 1) return fail('zone must be a non-empty string')
  let groups = address.split(':')
  const last = groups.at(-1)!
  if (last.includes('.')) {
    const reason = ipv4(last)
    if (reason !== undefined) return fail(`invalid IPv4 address`)
    groups = [...groups.slice(0, -1), '0', '0']
  }
  const gaps = address.split('::').length - 1
  if (gaps > 1) return fail('multiple :: in address')
  const filled = groups.filter(group => group !== '')
  if (filled.some(group => !/^[0-9a-fA-F]+$/.test(group))) return fail('unexpected character, want colon')
  if (filled.some(group => group.length > 4)) return fail('each group must have 4 or less digits')
  if (/^:[^:]|^:$/.test(address) || /[^:]:$/.test(address)) return fail('colon must be followed by more characters')
  if (gaps === 0 && filled.length < 8) return fail('address string too short')
  if (filled.length > 8 || (gaps === 1 && filled.length === 8)) return fail('trailing garbage after address')
  return percent === -1 ? undefined : 'zone id is not a part of ipv6 address'
}

function hostname(text: string): Reason {
  const name = text.replace(/\.$/, '')
  if (byteLength(name) > 253) return 'more than 253 characters long'
  for (const label of name.split('.')) {
    if (label === '' || byteLength(label) > 63) return 'label must be 1 to 63 characters long'
    if (label.startsWith('-')) return 'label starts with hyphen'
    if (label.endsWith('-')) return 'label ends with hyphen'
    const bad = badCharacter(label, /[-a-zA-Z0-9]/)
    if (bad !== undefined) return `invalid character ${bad}`
  }
  return undefined
}

function email(text: string): Reason {
  if (byteLength(text) > 254) return 'more than 255 characters long'
  const at = text.lastIndexOf('@')
  if (at === -1) return 'missing @'
  const local = text.slice(0, at)
  const domain = text.slice(at + 1)
  if (byteLength(local) > 64) return 'local part more than 64 characters long'
  if (/^".*"$/s.test(local)) {
    if (/[\\"]/.test(local.slice(1, -1))) return 'backslash and quote are not allowed within quoted local part'
  } else {
    if (local.startsWith('.')) return 'starts with dot'
    if (local.endsWith('.')) return 'ends with dot'
    if (local.includes('..')) return 'consecutive dots'
    const bad = badCharacter(local, /[-a-zA-Z0-9.!#$%&'*+/=?^_`{|}~]/)
    if (bad !== undefined) return `invalid character ${bad}`
  }
  if (domain.startsWith('[') && domain.endsWith(']')) {
    const address = domain.slice(1, -1)
    const isV6 = address.startsWith('IPv6:')
    const reason = isV6 ? ipv6(address.slice(5)) : ipv4(address)
    return reason === undefined ? undefined : `invalid ipv${isV6 ? 6 : 4} address: ${reason}`
  }
  const reason = hostname(domain)
  return reason === undefined ? undefined : `invalid domain: ${reason}`
}

function date(text: string): Reason {
  return reasonOf(() => parseTime('2006-01-02', text))
}

function time(text: string): Reason {
  if (byteLength(text) < 9) return 'less than 9 characters long'
  if (text[2] !== ':' || text[5] !== ':') return 'missing colon in correct place'
  const clock = /^([0-9]{2}):([0-9]{2}):([0-9]{2})/.exec(text)
  if (clock === null) return 'invalid hour/min/sec'
  let [hour, minute] = [Number(clock[1]), Number(clock[2])]
  const second = Number(clock[3])
  if (hour > 23 || minute > 59 || second > 60) return 'hour/min/sec out of range'
  let rest = text.slice(8)
  if (rest.startsWith('.')) {
    const digits = /^\.([0-9]*)/.exec(rest)![1]!
    if (digits === '') return 'no digits in second fraction'
    rest = rest.slice(1 + digits.length)
  }
  if (rest !== 'z' && rest !== 'Z') {
    if (rest.length !== 6) return 'offset must be 6 characters long'
    if (rest[0] !== '+' && rest[0] !== '-') return 'offset must begin with plus/minus'
    if (rest[3] !== ':') return 'missing colon in offset in correct place'
    const zone = /^.([0-9]{2}):([0-9]{2})$/.exec(rest)
    if (zone === null) return 'invalid hour/min in offset'
    const [zoneHour, zoneMinute] = [Number(zone[1]), Number(zone[2])]
    if (zoneHour > 23 || zoneMinute > 59) return 'hour/min in offset out of range'
    const shift = zoneHour * 60 + zoneMinute
    const utc = hour * 60 + minute + (rest[0] === '+' ? -shift : shift)
    const inDay = utc < 0 ? utc + 24 * 60 : utc
    hour = Math.floor(inDay / 60)
    minute = inDay % 60
  }
  return second >= 60 && (hour !== 23 || minute !== 59) ? 'invalid leap second' : undefined
}

function dateTime(text: string): Reason {
  if (byteLength(text) < 20) return 'less than 20 characters long'
  if (text[10] !== 't' && text[10] !== 'T') return '11th character must be t or T'
  const day = date(text.slice(0, 10))
  if (day !== undefined) return `invalid date element: ${day}`
  const clock = time(text.slice(11))
  return clock === undefined ? undefined : `invalid time element: ${clock}`
}

/** What net/url's Parse refuses, as far as schemas meet it. */
function parseUrl(text: string): Reason {
  const fail = (reason: string): string => `parse ${quote(text)}: ${reason}`
  if (/[\x00-\x1f\x7f]/.test(text)) return fail('net/url: invalid control character in URL')
  const withoutFragment = text.split('#')[0]!
  if (withoutFragment.startsWith(':')) return fail('missing protocol scheme')
  const badEscape = /%(?![0-9a-fA-F]{2}).{0,2}/.exec(text)
  if (badEscape !== null) return fail(`invalid URL escape ${quote(badEscape[0])}`)
  const scheme = /^([a-zA-Z][-+.a-zA-Z0-9]*):/.exec(withoutFragment)
  const firstSegment = withoutFragment.split('/')[0]!
  if (scheme === null && firstSegment.includes(':')) return fail('first path segment in URL cannot contain colon')
  const rest = scheme === null ? withoutFragment : withoutFragment.slice(scheme[0].length)
  if (!rest.startsWith('//')) return undefined
  const authority = rest.slice(2).split(/[/?]/)[0]!
  const host = authority.slice(authority.lastIndexOf('@') + 1)
  const bad = badCharacter(host, /[-a-zA-Z0-9._~!$&'()*+,;=:[\]<>"%\u0080-\u{10ffff}]/u)
  if (bad !== undefined) return fail(`invalid character ${quote(unquoteRune(bad))} in host name`)
  const port = /:([^:\]]*)$/.exec(host)
  if (port !== null && !/^[0-9]*$/.test(port[1]!)) return fail(`invalid port ${quote(port[0])} after host`)
  const inBrackets = /^\[(.*)\]/.exec(host)
  if (inBrackets !== null) {
    const reason = ipv6(inBrackets[1]!)
    return reason === undefined ? undefined : `invalid ipv6 address: ${reason}`
  }
  return undefined
}

function unquoteRune(quoted: string): string {
  return quoted.slice(1, -1)
}

function uri(text: string): Reason {
  return parseUrl(text) ?? (/^[a-zA-Z][-+.a-zA-Z0-9]*:/.test(text) ? undefined : 'relative url')
}

function uriReference(text: string): Reason {
  return text.includes('\\') ? 'contains \\' : parseUrl(text)
}

function uriTemplate(text: string): Reason {
  const reason = parseUrl(text)
  if (reason !== undefined) return reason
  const path = text.replace(/^[a-zA-Z][-+.a-zA-Z0-9]*:(\/\/[^/]*)?/, '').replace(/[?#].*$/, '')
  for (const segment of path.split('/')) {
    let open = false
    for (const ch of segment.replace(/[^{}]/g, '')) {
      if ((ch === '{') === open) return 'nested curly braces'
      open = !open
    }
    if (open) return 'no matching closing brace'
  }
  return undefined
}

function semver(text: string): Reason {
  const plus = text.indexOf('+')
  if (plus !== -1) {
    const build = text.slice(plus + 1)
    if (build === '') return 'build is empty'
    for (const part of build.split('.')) {
      if (part === '') return 'build identifier is empty'
      const bad = badCharacter(part, /[-0-9a-zA-Z]/)
      if (bad !== undefined) return `invalid character ${bad} in build identifier`
    }
  }
  const version = plus === -1 ? text : text.slice(0, plus)
  const dash = version.indexOf('-')
  if (dash !== -1) {
    for (const part of version.slice(dash + 1).split('.')) {
      if (part === '') return 'pre-release identifier is empty'
      const bad = badCharacter(part, /[-0-9a-zA-Z]/)
      if (bad !== undefined) return `invalid character ${bad} in pre-release identifier`
      if (/^0[0-9]+$/.test(part)) return 'pre-release numeric identifier starts with zero'
    }
  }
  const core = (dash === -1 ? version : version.slice(0, dash)).split('.')
  if (core.length !== 3) return 'versionCore must have 3 numbers separated by dot'
  for (const [i, part] of core.entries()) {
    const name = ['major', 'minor', 'patch'][i]!
    if (part === '') return `${name} is empty`
    if (part.length > 1 && part.startsWith('0')) return `${name} starts with zero`
    if (!/^[0-9]+$/.test(part)) return `${name} contains non-digit`
  }
  return undefined
}
