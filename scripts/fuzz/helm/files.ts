/** `.Files` with patterns and names, right and odd, over files of every content. */
import type { Question } from '../../../test/support/answer.ts'
import type { Random } from '../random.ts'

const paths = [
  ...[
    'a.txt',
    'b.txt',
    'conf/a.yaml',
    'conf/b.yaml',
    'conf/sub/c.yaml',
    'conf/.hidden',
    'x y.txt',
    'é.txt',
    'a[1].txt',
    'a{b}.txt',
    'deep/er/and/deeper/f',
    'A.TXT',
    'a-b',
    'ab',
    'abc',
    '1',
    'conf.d/z',
  ],
  ...['crds/d.yaml', 'README.md', 'LICENSE', 'ci/v.yaml', '😀', 'a\\b', 'a*b', 'a!b', 'a,b'],
]
const contents = [
  '',
  'x',
  'one\ntwo\n',
  'one\ntwo',
  '\n',
  '\n\n',
  'a: 1\nb: [x]\n',
  'base64:AAECA/8=',
  'base64:77u/Ym9t',
  'crlf\r\nx\r\n',
  'é😀\n',
  '{{ .x }}',
  ' lead\n',
  'trail  \n',
  '\ttab',
  'long '.repeat(40),
  'base64:w6k=',
  '<no value>',
]
const globParts = [
  '*',
  '**',
  '?',
  'a',
  'b',
  'conf',
  '/',
  '/',
  '.',
  'txt',
  'yaml',
  '[ab]',
  '[!a]',
  '[a-c]',
  '[!a-c]',
  '{a,b}',
  '{a,b*}',
  '{',
  '}',
  '[',
  ']',
  '\\',
  '\\*',
  ',',
  '{a,{b,c}}',
  '*.*',
  '[^a]',
  '[]',
  '[a',
  '{a',
  '-',
  '!',
  '**/',
  '/**',
  '{,a}',
  '{conf/*,*.txt}',
]

function glob(random: Random): string {
  if (random.chance(0.3))
    return random.pick([
      '*',
      '**',
      '*.txt',
      'conf/*',
      'conf/**',
      '**.yaml',
      '**/*.yaml',
      'conf/*.yaml',
      '{a,b}.txt',
      '[a-b].txt',
      'conf/?.yaml',
      '',
      '/',
      './a.txt',
      '../*',
      '*/*',
      '?',
      '**/.*',
    ])
  return Array.from({ length: 1 + random.below(5) }, () => random.pick(globParts)).join('')
}

function name(random: Random): string {
  return random.chance(0.7)
    ? random.pick(paths)
    : random.pick([
        'none',
        '',
        '/a.txt',
        './a.txt',
        '../a.txt',
        'conf',
        'conf/',
        'Chart.yaml',
        'values.yaml',
        'templates/t.yaml',
      ])
}

export function filesCase(random: Random): Question {
  const files: Record<string, string> = { 'Chart.yaml': 'apiVersion: v2\nname: c\nversion: 0.1.0\n' }
  for (const path of random.some(paths, 0.4)) files[path] = random.pick(contents)
  if (random.chance(0.2))
    files['.helmignore'] = random.pick(['*.txt\n', 'conf/\n', '!a.txt\n', '# c\n', 'a*b', '/conf/*.yaml', '**\n'])
  const q = JSON.stringify
  const shown = random.pick([
    () =>
      `{{ range $k, $v := .Files.Glob ${q(glob(random))} }}{{ $k | quote }} {{ len $v }} {{ $v | toString | quote }};{{ end }}`,
    () => `{{ (.Files.Glob ${q(glob(random))}).AsConfig | quote }}`,
    () => `{{ (.Files.Glob ${q(glob(random))}).AsSecrets | quote }}`,
    () => `{{ .Files.Get ${q(name(random))} | quote }} {{ .Files.GetBytes ${q(name(random))} | toString | b64enc }}`,
    () =>
      `{{ range .Files.Lines ${q(name(random))} }}[{{ . | quote }}]{{ end }}{{ .Files.Lines ${q(name(random))} | toJson }}`,
    () =>
      `{{ $f := .Files.Glob ${q(glob(random))} }}{{ len $f }} {{ typeOf $f }} {{ kindOf $f }} {{ if $f }}yes{{ end }} {{ $f | toJson | quote }}`,
    () =>
      `{{ .Files.GetBytes ${q(name(random))} }} {{ index .Files ${q(name(random))} | toString | quote }} {{ hasKey .Files "x" }}`,
    () =>
      `{{ (.Files.Glob ${q(glob(random))}).Glob ${q(glob(random))} | len }} {{ ((.Files.Glob ${q(glob(random))}).Get ${q(name(random))}) | quote }}`,
    () => `{{ .Files | toYaml | quote }}{{ .Files.AsConfig | quote }}`,
    () =>
      `{{ tpl (.Files.Get ${q(name(random))}) . | quote }} {{ .Files.Get ${q(name(random))} | fromYaml | toJson | quote }}`,
  ])()
  return { kind: 'chart', files: { ...files, 'templates/t.yaml': `# ${shown.replaceAll('\n', ' ')}\n` } }
}
