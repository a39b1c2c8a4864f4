/** Few lines of a template make texts, lists and maps without end, and few patterns search them for hours. */
import { describe, expect, test } from 'vitest'
import { DecapodError } from '../../../src/errors.ts'
import { loadChart } from '../../../src/helm/load.ts'
import { type RenderOptions, renderChart } from '../../../src/helm/render.ts'
import { machinePorts } from '../../../src/io/clock.ts'
import { memoryTree } from '../../../src/tree.ts'

const metadata = 'apiVersion: v2\nname: c\nversion: 0.1.0\n'

/** What rendering a template ends with: its error, or nothing. */
function outcome(
  template: string,
  files: Record<string, string | Uint8Array> = {},
  options: RenderOptions = {},
): DecapodError | undefined {
  const tree = memoryTree({ 'Chart.yaml': metadata, 'templates/a.yaml': template, ...files })
  try {
    renderChart(loadChart(tree, '/'), { ports: machinePorts(), ...options })
  } catch (error) {
    if (error instanceof DecapodError) return error
    throw error
  }
  return undefined
}

/** Again and again; each function makes its text longer, or is given a longer one. */
const again = (step: string): string => `{{ $x := "\\"<a" }}{{ range until 200 }}{{ $x = ${step} }}{{ end }}`

/** Seconds an attack may take on a slow machine before the test fails. */
const patience = 60_000

describe('ends by counting, wherever the clock stands', () => {
  const { clock: _, ...unhurried } = machinePorts()
  test.each<[name: string, template: string]>([
    ['quote', again('quote $x')],
    ['toJson, whose pieces were more than an array can hold', again('toJson $x')],
    ['html', again('html $x | replace "a" "<<"')],
    ['js', again('js $x')],
    ['urlquery', again('urlquery $x | replace "2" "%%"')],
    ['b64enc', again('b64enc $x')],
    ['b32enc', again('b32enc $x')],
    ['toYaml', again('toYaml (list $x $x)')],
    ['printf', again('printf "%q%q" $x $x')],
    ['indentation', again('print $x "\\n" $x | nindent 100')],
    ['regexReplaceAll', again('regexReplaceAll "(a)" $x "$1$1"')],
    ['wrapWith', '{{ $x := wrapWith 1 (repeat 100000 "b") (repeat 100000 "a ") }}'],
    ['camelcase of much', '{{ $x := repeat 9999999 "aB_" }}{{ range until 100 }}{{ $_ := camelcase $x }}{{ end }}'],
    ['a text in pieces', '{{ $_ := splitList "" (repeat 9999999 "a") }}'],
    ['a map of pieces', '{{ $_ := split "" (repeat 9999999 "a") }}'],
    ['numbers', '{{ range until 99999 }}{{ $_ := seq 1000000 }}{{ end }}'],
    ['keys of a map', '{{ range until 99999 }}{{ $_ := keys $.Values }}{{ end }}'],
    ['a map in its order', '{{ range until 99999 }}{{ range $.Values }}{{ break }}{{ end }}{{ end }}'],
    [
      'copies of a map',
      '{{ $d := dict }}{{ range $i := until 99999 }}{{ $_ := set $d (print $i) (deepCopy $.Values) }}{{ end }}',
    ],
    [
      'entries',
      '{{ $d := dict }}{{ range $i := until 99999 }}{{ range until 999 }}{{ $_ := set $d (print . $i) 1 }}{{ end }}{{ end }}',
    ],
    [
      'lists that differ, each compared with each',
      '{{ $l := list }}{{ range until 9999 }}{{ $l = append $l (dict "a" (print .)) }}{{ end }}{{ $_ := uniq $l }}',
    ],
    ['texts for tpl', '{{ range $i := until 999999 }}{{ $_ := tpl (print "{{ 1 }}" $i) $ }}{{ end }}'],
    ['actions for tpl', '{{ $_ := tpl (repeat 1000000 "{{ 1 }}") . }}'],
    [
      'a text for tpl that grows',
      '{{ $_ := set . "t" "{{ $_ := set . \\"t\\" (print .t .t) }}{{ tpl .t . }}" }}{{ tpl .t . }}',
    ],
    [
      'a tree of includes',
      '{{ define "a" }}{{ if . }}{{ include "a" (rest .) }}{{ include "a" (rest .) }}{{ end }}{{ end }}{{ include "a" (until 60) }}',
    ],
    ['a class of a million ranges', '{{ $_ := regexMatch (print "[" (repeat 1000000 "a-z") "]") "b" }}'],
    ['a thousand groups', '{{ $_ := regexReplaceAll (repeat 1000 "(a?)") (repeat 100000 "a") "$1" }}'],
    ['a large program on a long text', '{{ $_ := regexMatch "(x{0,30}){30}y" (repeat 1000000 "x") }}'],
    ['programs', '{{ range $i := until 999999 }}{{ $_ := regexMatch (printf "a%d(b|c)*x{1,50}" $i) "" }}{{ end }}'],
    ['files as secrets', '{{ range until 99999 }}{{ $_ := ($.Files.Glob "**").AsSecrets }}{{ end }}'],
    ['lines of a file', '{{ range until 99999 }}{{ $_ := $.Files.Lines "f" }}{{ end }}'],
    ['patterns for files', '{{ range until 999999 }}{{ $_ := $.Files.Glob "**{a,b,c,d}*{e,f,g}*x" }}{{ end }}'],
    ['output', '{{ range until 999999 }}{{ "0123456789012345678901234567890123456789" }}{{ end }}'],
  ])('%s', { timeout: patience }, (_, template) => {
    const values = Array.from({ length: 9999 }, (_, i) => `k${i}: ${i}\n`).join('')
    const files = { f: new Uint8Array(100_000).fill(10), 'values.yaml': values }
    const stopped = outcome(template, files, { ports: unhurried })
    expect(stopped?.code).toBe('LIMIT_EXCEEDED')
    expect(stopped?.at?.file ?? '').toMatch(/^(c\/templates\/a\.yaml|gotpl)$/)
  })

  test('lists of the same lists, which TOML looks through before it writes them', { timeout: patience }, () => {
    const template = '{{ $l := list 1 }}{{ range until 40 }}{{ $l = list $l $l }}{{ end }}{{ toToml (dict "a" $l) }}'
    expect(outcome(template)?.message).toMatch(/^a value of more than \d+ parts$/)
  })

  test('output of many templates', { timeout: patience }, () => {
    const text = '{{ repeat 9999999 "x" }}'
    const files = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`templates/${i}.yaml`, text]))
    expect(outcome('', files)?.message).toMatch(/^templates wrote more than \d+ characters$/)
  })
})

describe('what large charts do is let be', () => {
  test('dashboards by the megabyte', { timeout: patience }, () => {
    const dashboard = JSON.stringify({
      panels: Array.from({ length: 3000 }, (_, i) => ({ id: i, title: 'a "b" {{c}}' })),
    })
    const files = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`d/${i}.json`, dashboard]))
    const template =
      '{{ range $name, $_ := .Files.Glob "d/*.json" }}---\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  d: |-\n' +
      '{{ $.Files.Get $name | replace "{{" "" | replace "}}" "" | fromJson | toPrettyJson | indent 4 }}\n{{ end }}'
    expect(outcome(template, files)).toBeUndefined()
  })

  test('certificates on a slow machine: making keys is not counted as time', { timeout: patience }, () => {
    let now = 0
    const keys = machinePorts()
    const slow = {
      ...keys,
      clock: () => now,
      random: (call: string) => {
        now += 3000
        return keys.random(call)
      },
    }
    const template = 'a: {{ range until 9 }}{{ $_ := genPrivateKey "ed25519" }}{{ end }}'
    expect(outcome(template, {}, { ports: slow })).toBeUndefined()
    expect(now).toBeGreaterThan(10_000)
  })
})
