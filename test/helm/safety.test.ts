/** A chart is foreign input: what it may not reach, and how much it may use before it is stopped. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { formatManifest } from '../../src/helm/format.ts'
import { loadChart, loadChartArchive } from '../../src/helm/load.ts'
import { type RenderOptions, renderChart } from '../../src/helm/render.ts'
import { mergeUserValues } from '../../src/helm/user-values.ts'
import { machinePorts } from '../../src/io/clock.ts'
import { readLocalChart } from '../../src/io/local-chart.ts'
import { type TarEntry, writeTar } from '../../src/tar-writer.ts'
import { memoryTree } from '../../src/tree.ts'
import { failed, failure } from '../support/failure.ts'

const metadata = 'apiVersion: v2\nname: c\nversion: 0.1.0\n'

/** Renders one template, perhaps beside other files, to what `helm template` prints. */
function render(template: string, files: Record<string, string> = {}, options: RenderOptions = {}): string {
  const tree = memoryTree({ 'Chart.yaml': metadata, 'templates/a.yaml': template, ...files })
  return formatManifest(renderChart(loadChart(tree, '/'), { ports: machinePorts(), ...options }), {})
}

/** Seconds an attack may take on a slow machine before the test fails. */
const patience = 60_000

describe('what uses too much is stopped', () => {
  test.each<[name: string, template: string, reason: RegExp]>([
    [
      'an include of itself',
      '{{ define "x" }}{{ include "x" . }}{{ end }}{{ include "x" . }}',
      /nested reference name: x/,
    ],
    [
      'two that include each other',
      '{{ define "x" }}{{ include "y" . }}{{ end }}{{ define "y" }}{{ include "x" . }}{{ end }}{{ include "x" . }}',
      /too deeply/,
    ],
    [
      'a template that calls itself',
      '{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}',
      /too deeply|template depth/,
    ],
    ['tpl of itself', '{{ $d := dict }}{{ $_ := set $d "t" "{{ tpl .t . }}" }}{{ tpl $d.t $d }}', /too deeply|LIMIT/],
    ['a list of a billion', '{{ range until 1000000000 }}{{ end }}', /LIMIT_EXCEEDED/],
    ['a count of a billion', '{{ range 1000000000 }}{{ end }}', /LIMIT_EXCEEDED: templates took more than/],
    ['untilStep', '{{ untilStep 0 1000000000 1 }}', /LIMIT_EXCEEDED/],
    ['seq', '{{ seq 1 1000000000 }}', /LIMIT_EXCEEDED/],
    ['ranges in ranges', '{{ range until 9999 }}{{ range until 9999 }}{{ end }}{{ end }}', /LIMIT_EXCEEDED/],
    ['a repeated text', '{{ repeat 1000000000 "x" }}', /LIMIT_EXCEEDED/],
    ['a text that doubles', '{{ $s := "x" }}{{ range until 60 }}{{ $s = print $s $s }}{{ end }}', /LIMIT_EXCEEDED/],
    [
      'a text that doubles by printf',
      '{{ $s := "x" }}{{ range until 60 }}{{ $s = printf "%s%s" $s $s }}{{ end }}',
      /LIMIT_EXCEEDED/,
    ],
    [
      'a text that doubles by join',
      '{{ $s := "x" }}{{ range until 60 }}{{ $s = join $s (list $s $s $s) }}{{ end }}',
      /LIMIT_EXCEEDED/,
    ],
    [
      'a text that doubles by replace',
      '{{ $s := "x" }}{{ range until 60 }}{{ $s = replace "x" "xx" $s }}{{ end }}',
      /LIMIT_EXCEEDED/,
    ],
    ['output without end', '{{ range until 999999 }}{{ repeat 999 "x" }}{{ end }}', /LIMIT_EXCEEDED/],
    ['a width', '{{ printf "%1000000000d" 1 }}', /BADWIDTH|MANIFEST_INVALID/],
    ['an indent', '{{ "x" | indent 2000000000 }}', /LIMIT_EXCEEDED/],
    ['a list that doubles', '{{ $s := list 1 }}{{ range until 60 }}{{ $s = concat $s $s }}{{ end }}', /LIMIT_EXCEEDED/],
    ['a list that grows', '{{ $l := list }}{{ range until 1000000 }}{{ $l = append $l . }}{{ end }}', /LIMIT_EXCEEDED/],
    [
      'many long texts',
      '{{ $l := list }}{{ range until 1000000 }}{{ $l = append $l (b64enc (repeat 1000000 "x")) }}{{ end }}',
      /LIMIT_EXCEEDED/,
    ],
    [
      'many long lists',
      '{{ $l := list }}{{ range until 1000000 }}{{ $l = append $l (until 999999) }}{{ end }}',
      /LIMIT_EXCEEDED/,
    ],
    ['random text', '{{ randAlphaNum 2000000000 }}', /LIMIT_EXCEEDED/],
    ['random bytes', '{{ randBytes 2000000000 }}', /LIMIT_EXCEEDED/],
    ['keys without end', '{{ range until 99999 }}{{ $_ := genPrivateKey "ecdsa" }}{{ end }}', /LIMIT_EXCEEDED/],
    ['parentheses', `{{ ${'('.repeat(9000)}1${')'.repeat(9000)} }}`, /LIMIT_EXCEEDED|no error/],
    [
      'too many parentheses',
      `{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`,
      /max expression depth|LIMIT_EXCEEDED/,
    ],
    ['ifs in ifs', `${'{{ if 1 }}'.repeat(50_000)}${'{{ end }}'.repeat(50_000)}`, /LIMIT_EXCEEDED/],
    [
      'a map that holds itself',
      '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ toYaml $d }}',
      /no error|LIMIT_EXCEEDED|too deep|stack/,
    ],
    [
      'a map that holds itself, printed',
      '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}',
      /LIMIT_EXCEEDED|too deep/,
    ],
    [
      'a map that holds itself, copied',
      '{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d }}',
      /LIMIT_EXCEEDED|too deep/,
    ],
    ['nested flow collections', `a: ${'['.repeat(100_000)}`, /MANIFEST_INVALID|LIMIT_EXCEEDED/],
    ['nested collections in fromYaml', '{{ $_ := fromYaml (repeat 100000 "[") }}', /no error|LIMIT_EXCEEDED/],
    ['nested collections in fromJson', '{{ $_ := fromJson (repeat 100000 "[") }}', /no error|LIMIT_EXCEEDED/],
    [
      'nested collections in fromToml',
      '{{ $_ := fromToml (print "a = " (repeat 100000 "[")) }}',
      /no error|LIMIT_EXCEEDED/,
    ],
  ])('%s', { timeout: patience }, (_, template, reason) => {
    expect(failure(() => render(template))).toMatch(reason)
  })

  // A clock that shows what each reading of it costs, so that no time passes here.
  test.each<[name: string, template: string]>([
    ['cheap steps', '{{ range until 999999 }}{{ end }}'],
    ['what reads much and gives little', `{{ $t := repeat 100000 "x" }}${'{{ $_ := sha256sum $t }}'.repeat(9)}`],
    ['long lists', `{{ $l := until 100000 }}${'{{ $_ := has "a" $l }}'.repeat(9)}`],
    ['large maps', `{{ $d := .Values }}${'{{ $_ := merge (dict) $d }}'.repeat(9)}`],
    ['keys', '{{ $_ := genPrivateKey "ed25519" }}{{ $_ = genPrivateKey "ed25519" }}'],
  ])('templates have their time: %s', (_, template) => {
    let readings = 0
    const ports = { ...machinePorts(), clock: () => readings++ * 600 }
    const values = Array.from({ length: 20_000 }, (_, i) => `k${i}: ${i}\n`).join('')
    const stopped = failed(() => render(template, { 'values.yaml': values }, { ports, limits: { milliseconds: 1000 } }))
    expect(stopped.message).toBe('templates took more than 1 seconds')
    expect(stopped.at).toMatchObject({ file: 'c/templates/a.yaml', line: 1 })
  })

  test('without a clock only steps count', () => {
    const { clock: _, ...ports } = machinePorts()
    expect(render('a: {{ range until 99999 }}{{ end }}', {}, { ports, limits: { milliseconds: 0 } })).toContain('a:')
  })

  // Fifty steps make a map that is met 2^50 times.
  const forest = '{{ $d := dict }}{{ range until 50 }}{{ $d = dict "a" $d "b" $d }}{{ end }}'
  test.each<[name: string, template: string]>([
    ['printed', `${forest}{{ $d }}`],
    ['compared', `${forest}${forest.replaceAll('$d', '$e')}{{ deepEqual $d $e }}`],
    ['copied', `${forest}{{ deepCopy $d }}`],
    ['merged', `${forest}${forest.replaceAll('$d', '$e')}{{ merge $d $e }}`],
    ['as JSON', `${forest}{{ toJson $d }}`],
    ['as YAML', `${forest}{{ toYaml $d }}`],
    ['as TOML', `${forest}{{ toToml $d }}`],
    ['as YAML of another kind', `${forest}{{ toYamlPretty $d }}`],
  ])('a map that holds itself many times, %s', { timeout: patience }, (_, template) => {
    const stopped = failed(() => render(template))
    expect(stopped.message).toMatch(
      /^(a value of more than \d+ (parts|characters as text)|templates took more than \d+ steps)$/,
    )
    expect(stopped.at?.file).toBe('c/templates/a.yaml')
  })

  test('a TOML key of many parts', () => {
    expect(failure(() => render('{{ fromToml (print "a" (repeat 9000 ".a") "=1") }}'))).toMatch(
      /nested deeper than 500/,
    )
  })

  describe('a schema', () => {
    const schema = (text: string): string =>
      failure(() => render('a: 1', { 'values.schema.json': text, 'values.yaml': 'x: 1' }))
    test('of subschemas that name each other', { timeout: patience }, () => {
      const both = (next: number): string => `{"anyOf":[{"$ref":"#/$defs/a${next}"},{"$ref":"#/$defs/a${next}"}]}`
      const definitions = Array.from({ length: 40 }, (_, i) => `"a${i}":${both(i + 1)}`).join(',')
      expect(schema(`{"$defs":{${definitions},"a40":{"type":"string"}},"$ref":"#/$defs/a0"}`)).toMatch(
        /LIMIT_EXCEEDED: checking values against their schema/,
      )
    })
    test('that is its own', () => expect(schema('{"$ref":"#"}')).toMatch(/causing reference cycle/))
    test('with a pattern others take forever for', () => {
      const pattern = '{"properties":{"x":{"pattern":"^(a+)+$"}}}'
      const values = { 'values.yaml': `x: ${'a'.repeat(50_000)}!`, 'values.schema.json': pattern }
      expect(failure(() => render('a: 1', values))).toMatch(/does not match pattern/)
    })
    test('that nests without end', () => {
      expect(schema(`${'{"not":'.repeat(20_000)}{}${'}'.repeat(20_000)}`)).toMatch(/LIMIT_EXCEEDED|exceeded max depth/)
    })
  })

  describe('dependencies', () => {
    const sub = metadata.replace('name: c', 'name: s')
    const aliases = (count: number): string =>
      `${metadata}dependencies:\n${Array.from({ length: count }, (_, i) => `- {name: s, version: "*", alias: a${i}}\n`).join('')}`
    test('thousands of aliases', () => {
      const files = { 'Chart.yaml': aliases(2000), 'charts/s/Chart.yaml': sub }
      const stopped = failed(() => render('a: 1', files))
      expect(stopped.message).toBe('more than 1000 dependencies take part in one render')
      expect(stopped.at?.file).toBe('c/Chart.yaml')
    })
    test('aliases of large values', () => {
      const values = `a: [${'1,'.repeat(300_000)}1]`
      const files = { 'Chart.yaml': aliases(20), 'charts/s/Chart.yaml': sub, 'charts/s/values.yaml': values }
      expect(failure(() => render('a: 1', files))).toMatch(
        /the values of all dependencies have more than 2000000 parts/,
      )
    })
    test.each([3, 4] as const)('aliases of aliases, Helm %s', semantics => {
      const files: Record<string, string> = {}
      for (let depth = 0; depth <= 16; depth++) {
        const name = depth === 0 ? 'c' : `s${depth}`
        const below = ['x', 'y'].map(alias => `- {name: s${depth + 1}, version: "*", alias: ${alias}}\n`).join('')
        const path = Array.from({ length: depth }, (_, i) => `charts/s${i + 1}/`).join('')
        files[`${path}Chart.yaml`] =
          metadata.replace('name: c', `name: ${name}`) + (depth < 16 ? `dependencies:\n${below}` : '')
      }
      const tree = memoryTree({ ...files, 'templates/a.yaml': 'a: 1' })
      const work = (): unknown => renderChart(loadChart(tree, '/', { semantics }), { semantics })
      expect(failure(work)).toMatch(/more than 1000 dependencies|no error/)
    })
  })

  test('a .helmignore of many rules for many files', () => {
    const rules = '*a*b*c*d*e*f*g*h*i*j*k\n'.repeat(5000)
    const files = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`d/${'a'.repeat(100)}${i}`, 'x']))
    const stopped = failed(() => render('a: 1', { '.helmignore': rules, ...files }))
    expect(stopped.message).toBe('.helmignore has too many rules for so many files')
  })

  test.each<[name: string, expression: string]>([
    ['nested repetition', 'regexMatch "^(a+)+$" $s'],
    ['alternatives', 'regexFind "^(a|a)*$" $s'],
    ['many optional parts', 'regexReplaceAll "(a?){40}a{40}" $s ""'],
    ['overlapping stars', 'regexFindAll "a*a*a*a*a*b" $s -1'],
  ])('regular expressions take linear time: %s', { timeout: patience }, (_, expression) => {
    render(`{{ $s := print (repeat 5000 "a") "!" }}{{ $_ := ${expression} }}`)
  })

  test('a regular expression that repeats too often is refused', () => {
    expect(failure(() => render('{{ regexFind "(a{1000}){1000}" "a" }}'))).toMatch(/invalid repeat count/)
  })

  test('aliases that multiply', { timeout: patience }, () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x]']
    for (let i = 1; i < 12; i++) {
      const [name, before] = ['abcdefghijkl'[i], 'abcdefghijkl'[i - 1]]
      lines.push(`${name}: &${name} [${Array(9).fill(`*${before}`).join(',')}]`)
    }
    const bomb = lines.join('\n')
    expect(failure(() => mergeUserValues({ files: [{ file: 'v.yaml', text: bomb }] }))).toMatch(/excessive aliasing/)
    expect(failure(() => render('a: 1', { 'values.yaml': bomb }))).toMatch(/excessive aliasing/)
    expect(failure(() => render(bomb))).toMatch(/excessive aliasing|no error/)
  })

  test('a value at an index beyond all lists', () => {
    expect(failure(() => mergeUserValues({ set: ['a[99999999]=1'] }))).toMatch(/index of 99999999 is greater/)
  })
})

describe('data is only data', () => {
  test.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('a key %s', key => {
    const values = mergeUserValues({
      files: [{ file: 'v.yaml', text: `${key}: {polluted: 1}\nm: {${key}: {x: 2}}\n` }],
      set: [`s.${key}.y=3`],
      setJson: [`j={"${key}":{"z":4}}`],
    })
    const tree = memoryTree({
      'Chart.yaml': metadata,
      'templates/a.yaml': `# a {{ toJson .Values }}
# b {{ index .Values "${key}" "polluted" }} {{ .Values.m.${key}.x }} {{ get (dict "${key}" 1) "${key}" }}
# c {{ toJson (merge (dict "${key}" (dict "q" 1)) .Values.m) }} {{ hasKey (dict) "${key}" }}
# d {{ (fromYaml "${key}: 5").${key} }} {{ (fromJson "{\\"${key}\\":6}").${key} }} {{ (fromToml "${key} = 7").${key} }}
# e {{ dict.${key} | quote }} {{ .Chart.Annotations | toJson }} {{ (.Files.Get "${key}") | quote }} {{ (index .Subcharts "${key}") | quote }}
`,
    })
    const out = formatManifest(renderChart(loadChart(tree, '/'), { values }), {})
    expect(out).toContain(`"m":{"${key}":{"x":2}},"s":{"${key}":{"y":3}}`)
    expect(out).toContain('# b 1 2 1\n')
    expect(out).toContain(`# c {"${key}":{"q":1,"x":2}} false\n`)
    expect(out).toContain('# d 5 6 7\n')
    expect(out).toMatch(/# e ("")? ?null "" ?("")?\n?/)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(Object.prototype).not.toHaveProperty('x')
  })

  test('no environment, no network', () => {
    expect(failure(() => render('{{ env "PATH" }}'))).toMatch(/function "env" not defined/)
    expect(failure(() => render('{{ expandenv "$PATH" }}'))).toMatch(/function "expandenv" not defined/)
    expect(render('# {{ getHostByName "localhost" | quote }}{{ lookup "v1" "Secret" "" "" }}')).toContain('# ""map[]')
  })

  test('a schema reads no other document', () => {
    for (const url of ['file:///etc/hostname', 'http://127.0.0.1:1/x.json', 'other.json']) {
      expect(failure(() => render('a: 1', { 'values.schema.json': `{"$ref":"${url}"}` }))).toMatch(/refused/)
    }
  })
})

describe('nothing outside the chart', () => {
  const dir = mkdtempSync(join(tmpdir(), 'decapod-safety-'))
  afterAll(() => rmSync(dir, { recursive: true }))
  writeFileSync(join(dir, 'secret'), 'secret')
  mkdirSync(join(dir, 'other'))
  writeFileSync(join(dir, 'other/file'), 'secret')

  /** A chart on disk with one link in it. */
  function chartWithLink(name: string, link: string, target: string): string {
    const chart = join(dir, name)
    mkdirSync(join(chart, 'templates'), { recursive: true })
    writeFileSync(join(chart, 'Chart.yaml'), metadata)
    writeFileSync(
      join(chart, 'templates/a.yaml'),
      'a: {{ .Files.Get "link" }}{{ .Files.Get "../secret" }}{{ .Files.Get "/etc/hostname" }}',
    )
    writeFileSync(join(chart, 'inside'), 'inside')
    symlinkSync(target, join(chart, link))
    return chart
  }

  test.each<[name: string, link: string, target: string, reason: RegExp]>([
    ['a link out', 'link', '../secret', /PATH_OUTSIDE_ROOT: link is a link to .*secret, outside the chart/],
    ['an absolute link', 'link', '/etc/hostname', /PATH_OUTSIDE_ROOT/],
    ['a link to a directory outside', 'link', '../other', /PATH_OUTSIDE_ROOT/],
    ['a template that is a link out', 'templates/b.yaml', '../../secret', /PATH_OUTSIDE_ROOT/],
    ['values that are a link out', 'values.yaml', '../secret', /PATH_OUTSIDE_ROOT/],
    ['a link to nothing', 'link', '../nothing', /error evaluating symlink .*link: lstat .*nothing: no such file/],
    ['a device', 'link', '/dev/null', /cannot load irregular file/],
    ['a link to itself', 'link', 'link', /error evaluating symlink/],
  ])('%s', (name, link, target, reason) => {
    const chart = chartWithLink(name.replaceAll(' ', '-'), link, target)
    const work = (): unknown => readLocalChart(chart, { label: name })
    expect(failure(work)).toMatch(reason)
  })

  test('links inside the chart are followed, also where the chart itself is reached through a link', () => {
    const chart = chartWithLink('good', 'link', 'inside')
    symlinkSync(chart, join(dir, 'good-link'))
    for (const path of [chart, join(dir, 'good-link')]) {
      const loaded = readLocalChart(path, { label: 'good' })
      expect(formatManifest(renderChart(loaded), {})).toBe('---\n# Source: c/templates/a.yaml\na: inside\n')
    }
  })
})

describe('archives', () => {
  const file = (name: string, data = 'x'): TarEntry => ({ name, data: Buffer.from(data) })
  const good = [file('c/Chart.yaml', metadata), file('c/templates/a.yaml', 'a: 1')]
  const load = (tar: Uint8Array): string => failure(() => loadChartArchive(gzipSync(tar)))

  /** Changes the type of the last entry of an archive; its checksum too. */
  function withType(entries: readonly TarEntry[], type: string, link = ''): Uint8Array {
    const tar = Buffer.from(writeTar(entries))
    // The last header stands before the content of one block and the two empty blocks at the end.
    let at = 0
    for (let next = 0; tar[next] !== 0 && next < tar.length; ) {
      at = next
      next += 512 + Math.ceil(Number.parseInt(tar.toString('latin1', next + 124, next + 135), 8) / 512) * 512
    }
    tar.write(type, at + 156, 'latin1')
    tar.write(link, at + 157, 'latin1')
    tar.fill(' ', at + 148, at + 156)
    let sum = 0
    for (let i = at; i < at + 512; i++) sum += tar[i]!
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1')
    return tar
  }

  /** An archive with its files twice. */
  function repeated(tar: Uint8Array): Uint8Array {
    const files = tar.subarray(0, tar.length - 1024)
    return Buffer.concat([files, files, Buffer.alloc(1024)])
  }

  test('a good one is read', () => expect(load(writeTar(good))).toBe('no error'))
  test.each<[name: string, tar: () => Uint8Array, reason: RegExp]>([
    ['a way up', () => writeTar([...good, file('c/../../evil')]), /ARCHIVE_INVALID/],
    ['a way up behind a name', () => writeTar([...good, file('c/x/../../../evil')]), /ARCHIVE_INVALID/],
    ['an absolute path', () => writeTar([...good, file('/etc/evil')]), /ARCHIVE_INVALID|no error/],
    ['a drive', () => writeTar([...good, file('c/C:/evil')]), /ARCHIVE_INVALID/],
    ['the same file twice', () => repeated(writeTar(good)), /ARCHIVE_INVALID/],
    ['a symbolic link', () => withType([...good, file('c/link', '')], '2', '/etc/passwd'), /ARCHIVE_INVALID/],
    ['a hard link', () => withType([...good, file('c/link', '')], '1', '/etc/passwd'), /ARCHIVE_INVALID/],
    ['a character device', () => withType([...good, file('c/dev', '')], '3'), /ARCHIVE_INVALID/],
    ['a block device', () => withType([...good, file('c/dev', '')], '4'), /ARCHIVE_INVALID/],
    ['a fifo', () => withType([...good, file('c/dev', '')], '6'), /ARCHIVE_INVALID/],
  ])('%s is refused', (_, tar, reason) => expect(load(tar())).toMatch(reason))

  test('a bomb is not unpacked', { timeout: patience }, () => {
    const zeros = gzipSync(Buffer.alloc(300 << 20))
    expect(zeros.length).toBeLessThan(400_000)
    expect(failure(() => loadChartArchive(zeros))).toMatch(/LIMIT_EXCEEDED/)
    const before = process.memoryUsage().rss
    expect(
      failure(() => loadChartArchive(gzipSync(writeTar([...good, { name: 'c/big', data: Buffer.alloc(6 << 20) }])))),
    ).toMatch(/larger than the maximum file size/)
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20)
  })
})
