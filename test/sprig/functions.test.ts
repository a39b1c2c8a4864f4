/** One table per chapter: a template and what Helm prints for it (or the end of its error). */
import { describe, expect, test } from 'vitest'
import { GoTime } from '../../src/go/time.ts'
import { nonHermetic, sprigFuncs } from '../../src/sprig/index.ts'
import { renderVector } from '../support/template-vector.ts'

type Row = readonly [name: string, template: string, want: string]

const ports = {
  now: () => new GoTime(1_700_000_000n),
  random: () => (length: number) => new Uint8Array(length).fill(7),
}

function chapter(name: string, rows: readonly Row[]): void {
  describe(name, () => {
    test.each(rows)('%s', (_, template, want) => {
      const got = renderVector({ template: `{{ ${template} }}`, data: {} }, 4, ports)
      if (got.error !== undefined) expect(got.error.endsWith(want), got.error).toBe(true)
      else expect(got.want).toBe(want)
    })
  })
}

chapter('strings', [
  ['trunc counts bytes', 'trunc 5 "ééé" | len', '5'],
  ['trunc keeps the tail', 'trunc -3 "abcdef"', 'def'],
  // goutils takes bytes for runes.
  ['nospace breaks encoded text', 'nospace "é x"', 'Ã©x'],
  ['title after an apostrophe', `title "o'neil x_y"`, "O'Neil X_y"],
  ['snakecase keeps a number with its word', 'snakecase "Bld4Floor3rd"', 'bld4_floor_3rd'],
  ['camelcase is Pascal case', 'camelcase "http_server"', 'HttpServer'],
  ['substr beyond the end panics', 'substr -1 9 "abc"', 'slice bounds out of range [:9] with length 3'],
  ['quote drops nil', 'quote nil 1 "a"', '"1" "a"'],
  ['repeat refuses less than nothing', 'repeat -1 "a"', 'strings: negative Repeat count'],
  ['lower maps runes one by one', 'lower "ΑΣ"', 'ασ'],
])
chapter('numbers', [
  ['int of an octal text', 'int "010"', '8'],
  ['int drops zero decimals', 'int "3.00"', '3'],
  ['round takes the sign of the fraction', 'round -1.5 0', '-2'],
  ['divf has 16 places', 'divf 1 3', '0.3333333333333333'],
  ['addf is decimal', 'addf 0.1 0.2', '0.3'],
  ['div by zero', 'div 1 0', 'runtime error: integer divide by zero'],
  ['seq with a step', 'seq 1 2 7', '1 3 5 7'],
  ['atoi clamps', 'atoi "99999999999999999999"', '9223372036854775807'],
])
chapter('lists and dictionaries', [
  ['uniq tells int from float64', 'uniq (list 1 1.0 1) | len', '2'],
  ['rest of nothing is a nil slice', 'rest (list) | toJson', 'null'],
  ['push on a string', 'push "a" 1', 'Cannot push on type string'],
  ['chunk', 'chunk 2 (list 1 2 3) | toJson', '[[1,2],[3]]'],
  ['merge fills what is empty', 'merge (dict "a" "") (dict "a" 1 "b" nil) | toJson', '{"a":1}'],
  ['mergeOverwrite takes even false', 'mergeOverwrite (dict "a" 1) (dict "a" false) | toJson', '{"a":false}'],
  [
    'dig wants plain maps',
    'dig "a" "d" "x"',
    'interface conversion: interface {} is string, not map[string]interface {}',
  ],
  ['__proto__ is a key', 'dict "__proto__" 1 "constructor" 2 | toJson', '{"__proto__":1,"constructor":2}'],
])
chapter('regular expressions', [
  ['$1x is a name', 'regexReplaceAll "(a)" "ba" "$1x"', 'b'],
  ['empty matches', 'regexReplaceAll "a*" "baac" "X"', 'XbXcX'],
  ['no match is nil', 'regexFindAll "z" "a" -1 | toJson', 'null'],
  ['a bad pattern', 'regexFind "(" "a"', 'regexp: Compile(`(`): error parsing regexp: missing closing ): `(`'],
  ['groups may share a name', 'regexReplaceAll "(?P<n>a)(?P<n>b)" "ab" "$n"', 'a'],
  ['no catastrophe', `regexMatch "^(a+)+$" (printf "%sb" (repeat 5000 "a"))`, 'false'],
])
chapter('encoding, paths, URLs, versions', [
  ['b64dec gives the error', 'b64dec "ab"', 'illegal base64 data at input byte 0'],
  ['adler32sum', 'adler32sum "hello"', '103547413'],
  ['dir of a file', 'dir "a.txt"', '.'],
  ['urlParse userinfo', '(urlParse "http://u:p@h/x").userinfo', 'u:p'],
  ['urlParse fails', 'urlParse ":"', 'unable to parse url: parse ":": missing protocol scheme'],
  ['prereleases are left out', 'semverCompare ">=1.21" "v1.21.3-gke.1"', 'false'],
  ['and let in by -0', 'semverCompare ">=1.21-0" "v1.21.3-gke.1"', 'true'],
  ['bad constraint', 'semverCompare ">>1" "1.0.0"', 'improper constraint: ">>1"'],
])
chapter('dates', [
  ['date of Unix seconds', 'date "2006-01-02 15:04" 0', '1970-01-01 00:00'],
  ['another kind of date is now', 'date "2006-01-02" 5.0', '2023-11-14'],
  ['zones have abbreviations', 'dateInZone "15:04 MST" 1720000000 "Europe/Berlin"', '11:46 CEST'],
  ['an unknown zone is UTC', 'dateInZone "15:04 MST" 0 "europe/berlin"', '00:00 UTC'],
  ['an int is no duration', 'duration 90', '0s'],
  ['durations of Helm 4', 'durationRoundTo "1h31m" "1h"', '2h0m0s'],
])
chapter('TOML', [
  ['tables after values', 'toToml (dict "b" 1.0 "a" (dict "c" nil "d" "x"))', 'b = 1.0\n\n[a]\n  d = "x"\n'],
  [
    'the last key is named',
    '(fromToml "a = tru").Error',
    'toml: line 1 (last key "a"): expected value but found "tru" instead',
  ],
  [
    'redefinition',
    '(fromToml "a = 1\\na = 2").Error',
    `toml: line 2 (last key "a"): Key 'a' has already been defined.`,
  ],
])

test('the functions that are not hermetic are those that ask the port', () => {
  const asking = sprigFuncs(ports)
  const shared = sprigFuncs(ports)
  const own = [...asking].filter(([name, func]) => shared.get(name) !== func).map(([name]) => name)
  const deterministic = ['buildCustomCert', 'decryptAES', 'derivePassword']
  expect([...nonHermetic, ...deterministic].sort()).toEqual(own.sort())
})
