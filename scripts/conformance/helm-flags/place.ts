/** The directory that the command lines of helm-flags are run in: charts, values files, odd files. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { chartArchive } from '../../../test/support/source-servers.ts'

const object = (name: string, more = ''): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${more}`

const chart = (name: string, metadata = '', files: Readonly<Record<string, string>> = {}): [string, string][] => [
  [`${name}/Chart.yaml`, `apiVersion: v2\nname: ${name.split('/').at(-1)}\nversion: 1.0.0\n${metadata}`],
  ...Object.entries({ 'templates/a.yaml': object('a'), ...files }).map(
    ([path, text]) => [`${name}/${path}`, text] as [string, string],
  ),
]

const dependencies = (...all: string[]): string => `dependencies:\n${all.map(one => `- {${one}}\n`).join('')}`

function textFiles(url: string): ReadonlyMap<string, string | Uint8Array> {
  return new Map<string, string | Uint8Array>([
    ...chart('full', 'appVersion: "2"\n', {
      'values.yaml': 'a: 1\nnested: {k: v}\noff: false\n',
      'templates/a.yaml': object(
        '{{ .Release.Name }}',
        `  namespace: {{ .Release.Namespace }}\ndata:\n  up: {{ .Release.IsUpgrade | quote }}\n  kube: {{ .Capabilities.KubeVersion | quote }}\n  git: {{ .Capabilities.KubeVersion.GitVersion | quote }}\n  minor: {{ .Capabilities.KubeVersion.Minor | quote }}\n  has: {{ .Capabilities.APIVersions.Has "x/v1" | quote }}\n  apis: {{ printf "%d %s" (len .Capabilities.APIVersions) (last .Capabilities.APIVersions) | quote }}\n  values: {{ .Values | toJson | quote }}\n`,
      ),
      'templates/b.yaml': object('b'),
      'templates/multi.yaml': `${object('m1')}---\n# nothing\n---\n${object('m2')}---\nkind: Namespace\napiVersion: v1\nmetadata:\n  name: first\n`,
      'templates/off.yaml': `{{ if .Values.off }}\n${object('off')}{{ end }}`,
      'templates/dir/x.yaml': object('x'),
      'templates/_helpers.tpl': '{{ define "x" }}{{ end }}',
      'templates/NOTES.txt': 'notes {{ .Release.Name }}\n',
      'templates/hook.yaml': object(
        'hook',
        '  annotations: {helm.sh/hook: "pre-install,post-upgrade", helm.sh/hook-weight: "5"}\n',
      ),
      'templates/tests/t.yaml':
        object('t', '  annotations: {helm.sh/hook: test}\n') +
        '---\n' +
        object('t2', '  annotations: {helm.sh/hook: "test,pre-install"}\n'),
      'crds/c.yaml':
        'kind: CustomResourceDefinition\nmetadata:\n  name: c\n---\nkind: CustomResourceDefinition\nmetadata:\n  name: c2\n',
      'charts/sub/Chart.yaml': 'apiVersion: v2\nname: sub\nversion: 1.0.0\n',
      'charts/sub/crds/s.yaml': 'kind: CustomResourceDefinition\nmetadata:\n  name: s\n',
      'charts/sub/templates/s.yaml': object('s'),
      'charts/sub/templates/NOTES.txt': 'notes of sub\n',
      'charts/sub/charts/deep/Chart.yaml': 'apiVersion: v2\nname: deep\nversion: 1.0.0\n',
      'charts/sub/charts/deep/templates/d.yaml': object('d'),
    }),
    ...chart('show', '', {
      'values.yaml': 'a: default\nnested: {k: v, l: [1, 2]}\nlist: [x, y]\nsub: {name: n}\n',
      'templates/a.yaml': 'v: {{ .Values | toJson }}\ny: |\n{{ .Values | toYaml | indent 2 }}\n',
    }),
    ...chart('needs', 'kubeVersion: ">=1.25.0-0"\n'),
    ...chart('mine', 'version: 2.0.0-rc1\n'),
    ...chart('library', 'type: library\n'),
    ...chart('deprecated', 'deprecated: true\n'),
    ['noname/Chart.yaml', 'apiVersion: v2\nversion: 1.0.0\n'],
    ['noversion/Chart.yaml', 'apiVersion: v2\nname: x\n'],
    ['badversion/Chart.yaml', 'apiVersion: v2\nname: x\nversion: x\n'],
    ['badyaml/Chart.yaml', 'apiVersion: [\n'],
    ...chart('nothing', '', { 'templates/a.yaml': '{{/* nothing */}}\n' }),
    ...chart('hooksonly', '', { 'templates/a.yaml': object('h', '  annotations: {helm.sh/hook: pre-install}\n') }),
    ['v1/Chart.yaml', 'apiVersion: v1\nname: v1\nversion: 1.0.0\n'],
    ['v1/templates/a.yaml', object('a')],
    ...chart('nodeps', dependencies('name: gone, version: 1.0.0, repository: "http://127.0.0.1:1"')),
    ...chart('schema', '', {
      'values.yaml': 'n: 1\n',
      'values.schema.json': '{"type":"object","properties":{"n":{"type":"number"}}}',
    }),
    ...chart('badtemplate', '', { 'templates/a.yaml': object('a', '  x: {{ fail "no" }}\n') }),
    ...chart('badparse', '', { 'templates/a.yaml': '{{ if }}\n' }),
    ...chart('badmanifest', '', { 'templates/b.yaml': 'a: [\n', 'templates/a.yaml': object('a') }),
    ...chart('badhook', '', {
      'templates/a.yaml': object('a', '  annotations: {helm.sh/hook: nonsense}\n'),
      'templates/z.yaml': 'x: :\n  y',
    }),
    ...chart('twokinds', '', { 'templates/a.yaml': 'kind: [a]\n' }),
    ...chart('nokind', '', { 'templates/a.yaml': 'a: 1\n' }),
    ['badname/Chart.yaml', 'apiVersion: v2\nname: a/b\nversion: 1.0.0\n'],
    ...chart('up/file', dependencies('name: near, version: "*", repository: "file://../near"')),
    ...chart('up/near'),
    ...chart('up/http', dependencies(`name: web, version: ~1.2, repository: "${url}"`)),
    ...chart(
      'up/both',
      dependencies(
        'name: near, version: 1.0.0, repository: "file://../near"',
        `name: web, version: ~1.2, repository: "${url}"`,
      ),
    ),
    ...chart('up/alias', dependencies('name: web, version: 1.x, repository: "@shop"')),
    ...chart('up/known', dependencies('name: web, version: 1.x, repository: "alias:shop"')),
    ...chart('up/local', dependencies('name: own, version: 1.0.0', `name: web, version: ~1.2, repository: "${url}"`), {
      'charts/own/Chart.yaml': 'apiVersion: v2\nname: own\nversion: 1.0.0\n',
    }),
    ...chart('up/missing', dependencies('name: own, version: 1.0.0')),
    ...chart('up/badfile', dependencies('name: near, version: 1.0.0, repository: "file://../gone"')),
    ...chart('up/fileconstraint', dependencies('name: near, version: ">=2", repository: "file://../near"')),
    ...chart('up/badversion', dependencies(`name: web, version: "9", repository: "${url}"`)),
    ...chart('up/badconstraint', dependencies(`name: web, version: "x y", repository: "${url}"`)),
    ...chart('up/noversion', dependencies(`name: web, repository: "${url}"`)),
    ...chart('up/norepo', dependencies('name: web, version: 1.x, repository: "stable"')),
    ...chart('up/noname', dependencies(`name: none, version: 1.x, repository: "${url}"`)),
    ...chart(
      'up/twice',
      dependencies(
        `name: web, version: ~1.2, repository: "${url}"`,
        `name: web, version: ~1.2, repository: "${url}", alias: again`,
      ),
    ),
    ...chart('up/locked', dependencies(`name: web, version: 1.x, repository: "${url}"`), {
      'Chart.lock': `dependencies:\n- name: web\n  repository: ${url}\n  version: 1.2.0\ndigest: sha256:0\ngenerated: "2026-01-01T00:00:00Z"\n`,
    }),
    ...chart(
      'up/stale',
      dependencies(
        'name: near, version: 1.0.0, repository: "file://../near"',
        `name: web, version: ~1.2, repository: "${url}"`,
      ),
      {
        'charts/notes.txt': 'x',
      },
    ),
    ['up/stale/charts/web-0.1.0.tgz', chartArchive('web', '0.1.0')],
    ['up/outdated/charts/old-0.1.0.tgz', chartArchive('old', '0.1.0')],
    ...chart('up/outdated', dependencies(`name: web, version: ~1.2, repository: "${url}/"`)),
    ...chart('up/notdir', dependencies('name: near, version: 1.0.0, repository: "file://../near"'), { charts: 'x' }),
    ['up/v1/Chart.yaml', 'apiVersion: v1\nname: v1\nversion: 1.0.0\n'],
    ['up/v1/requirements.yaml', `dependencies:\n- name: web\n  version: ~1.2\n  repository: ${url}\n`],
    ['up/v1/templates/a.yaml', object('a')],
    ...chart('up/present', dependencies('name: near, version: 1.0.0, repository: "file://../near"'), {
      'charts/near/Chart.yaml': 'apiVersion: v2\nname: near\nversion: 0.1.0\n',
    }),
    ...chart('up/unreachable', dependencies('name: web, version: 1.x, repository: "http://127.0.0.1:1"')),
    ...chart(
      'up/oddfile',
      dependencies('name: near, version: ^1, repository: "file://../near", condition: near.on, tags: [t]'),
    ),
    [
      'packed-1.0.0.tgz',
      chartArchive('packed', '1.0.0', {
        metadata: dependencies('name: gone, version: 1.0.0, repository: "http://127.0.0.1:1"'),
      }),
    ],
    ['broken.tgz', chartArchive('packed', '1.0.0').subarray(0, 60)],
    ['empty.tgz', ''],
    ['v.yaml', 'a: file\nnested: {k: w, n: 1}\n'],
    ['w.yaml', 'a: other\nb: [1, 2]\n'],
    ['v.json', '{"a": 1.0, "b": [1e3]}'],
    ['bad.yaml', 'a: [\n'],
    ['list.yaml', '- a\n'],
    ['scalar.yaml', 'text\n'],
    ['empty.yaml', ''],
    ['multi.yaml', 'a: 1\n---\na: 2\n'],
    ['dup.yaml', 'a: 1\na: 2\n'],
    ['tab.yaml', 'a:\n\tb: 1\n'],
    ['bom.yaml', '\ufeffa: bom\n'],
    ['utf16.yaml', Buffer.from('\ufeffa: wide é\n', 'utf16le')],
    ['anchors.yaml', 'x: &x {k: 1}\ny: {<<: *x, l: 2}\n'],
    ['intkey.yaml', '1: a\ntrue: b\n'],
    ['nulls.yaml', 'a: null\nnested: {k: null}\nlist: null\n'],
    ['stamp.yaml', 'a: 2026-01-02\nb: 2026-01-02T03:04:05Z\nc: 12:30:45\n'],
    ['floats.yaml', 'a: 1e3\nb: 0x1F\nc: 0o17\nd: 017\ne: .inf\nf: 1_000\ng: 12345678901234567890\n'],
    ['a b.yaml', 'a: blank\n'],
    ['plain.txt', 'plain, text\n'],
    ['crlf.txt', 'a\r\nb\r\n'],
    ['empty.txt', ''],
    ['x,y.txt', 'comma'],
    ['utf16.txt', Buffer.from('\ufeffx', 'utf16le')],
    ['bin', Buffer.from([0, 255, 254, 10, 128])],
    ['large.txt', 'x'.repeat(300_000)],
    ['dir/file', 'x'],
    ['empty/.keep', ''],
    ['old/full/templates/a.yaml', 'old\n'],
    ['old/full/templates/hook.yaml', 'old\n'],
    ['old/full/crds/c.yaml', 'old\n'],
    ['repos.yaml', `apiVersion: ""\ngenerated: "0001-01-01T00:00:00Z"\nrepositories:\n- {name: shop, url: "${url}"}\n`],
    ['config/repositories.yaml', `repositories:\n- {name: shop, url: "${url}"}\n`],
    [
      'kube.yaml',
      'apiVersion: v1\nkind: Config\ncurrent-context: first\ncontexts:\n- {name: first, context: {cluster: c, user: u, namespace: kube-first}}\n- {name: other, context: {cluster: c, user: u, namespace: kube-other}}\nclusters:\n- {name: c, cluster: {server: "http://127.0.0.1:1"}}\nusers:\n- {name: u, user: {}}\n',
    ],
    ['kube2.yaml', 'apiVersion: v1\nkind: Config\ncurrent-context: other\n'],
  ])
}

/** Makes the directory anew. `url` is that of a chart repository with the chart web. */
export function layOut(dir: string, url: string): void {
  rmSync(dir, { recursive: true, force: true })
  for (const [path, data] of textFiles(url)) {
    const file = join(dir, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, data)
  }
}
