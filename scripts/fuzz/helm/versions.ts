/** Constraints and versions: semver's checks themselves, and through semver and semverCompare. */
import type { Question } from '../../../test/support/answer.ts'
import type { Random } from '../random.ts'

const numbers = [
  '0',
  '1',
  '2',
  '3',
  '10',
  '0',
  '1',
  '2',
  '01',
  '00',
  '18446744073709551615',
  '18446744073709551616',
  '99999999999999999999',
  'x',
  'X',
  '*',
  '',
  '-1',
]
const prereleases = [
  '',
  '',
  '',
  '',
  '-0',
  '-rc.1',
  '-alpha',
  '-alpha.1',
  '-alpha.beta',
  '-1',
  '-01',
  '-rc.01',
  '-',
  '-a..b',
  '-é',
  '-x-y-z',
  '--',
  '-rc.x',
  '-0a',
  '-1.2.3',
  '-99999999999999999999',
]
const builds = ['', '', '', '', '+b', '+b.1', '+001', '+', '+a+b', '+é', '+-']
const operators = [
  '',
  '',
  '=',
  '!=',
  '>',
  '<',
  '>=',
  '=>',
  '<=',
  '=<',
  '~',
  '~>',
  '^',
  '>>',
  '==',
  '!',
  '><',
  '= ',
  '~ ',
  '>= ',
  '^^',
  '~=',
]

/** A version, or near one. */
export function versionText(random: Random, wild: boolean): string {
  const number = (): string => random.pick(wild ? numbers : numbers.slice(0, 8))
  const parts = Array.from({ length: random.chance(0.7) ? 3 : random.below(5) }, number)
  const text = random.pick(['', '', '', 'v', 'V', ' ', '='].slice(0, wild ? 7 : 4)) + parts.join('.')
  return (
    text +
    random.pick(prereleases.slice(0, wild ? undefined : 10)) +
    random.pick(builds.slice(0, wild ? undefined : 7)) +
    (random.chance(0.02) ? random.pick([' ', '\n', '.']) : '')
  )
}

export function constraintText(random: Random): string {
  const one = (): string => {
    if (random.chance(0.08))
      return random.pick(['*', 'x', 'X', '', ' ', '*.*', '*.1', '1.*.2', 'latest', '>=', '||', '>= *'])
    if (random.chance(0.08))
      return `${versionText(random, false)}${random.pick([' - ', ' - ', '-', ' -', '- '])}${versionText(random, false)}`
    return (
      random.pick(operators.slice(0, random.chance(0.9) ? 13 : undefined)) + versionText(random, random.chance(0.3))
    )
  }
  const all = (): string =>
    Array.from({ length: 1 + (random.chance(0.35) ? random.below(3) : 0) }, one).join(
      random.pick([' ', ', ', ',', ' , ', '  ']),
    )
  const text = Array.from({ length: 1 + (random.chance(0.3) ? random.below(3) : 0) }, all).join(
    random.pick(['||', ' || ', '|| ', ' | ']),
  )
  return random.chance(0.05)
    ? random.pick([` ${text}`, `${text} `, `${text},`, `,${text}`, `${text}||`, `"${text}"`])
    : text
}

export function versionCase(random: Random): Question {
  const constraint = constraintText(random)
  const version = versionText(random, random.chance(0.2))
  switch (random.below(4)) {
    case 0:
    case 1:
      return { kind: 'semver', constraint, version }
    case 2:
      return {
        kind: 'template',
        template: '{{ semverCompare .Values.c .Values.v }}',
        data: { c: constraint, v: version },
      }
    default: {
      const other = versionText(random, random.chance(0.2))
      const shown = random.pick([
        '{{ $v }} {{ $v.Major }} {{ $v.Minor }} {{ $v.Patch }} {{ $v.Prerelease | quote }} {{ $v.Metadata | quote }} {{ $v.Original | quote }}',
        '{{ $v.Compare (semver .Values.w) }} {{ $v.Equal (semver .Values.w) }} {{ $v.LessThan (semver .Values.w) }} {{ $v.GreaterThan (semver .Values.w) }}',
        '{{ $v.IncMajor }} {{ $v.IncMinor }} {{ $v.IncPatch }} {{ $v.IncPatch.Original }}',
        '{{ $v.SetPrerelease .Values.w }} {{ $v.SetMetadata "x" }}',
        '{{ toJson $v }} {{ $v | toYaml }} {{ typeOf $v }} {{ kindOf $v }} {{ $v | quote }} {{ toString $v }} {{ printf "%s %v %d" $v $v $v.Major }}',
      ])
      return { kind: 'template', template: `{{ $v := semver .Values.v }}${shown}`, data: { v: version, w: other } }
    }
  }
}
