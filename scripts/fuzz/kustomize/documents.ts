/** Files of resources as editors and generators leave them: separators, comments, anchors, lists, line ends, mistakes. */

import type { Random } from '../random.ts'
import type { Files } from './files.ts'

const object = (random: Random): string => {
  const name = random.chance(0.04) ? 'same' : `n${random.below(1_000_000)}`
  return random.pick<() => string>([
    () => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: |\n    one\n    two\n  b: "x"\n`,
    () =>
      `# head\napiVersion: v1 # line\nkind: ConfigMap\nmetadata:\n  # inside\n  name: ${name}\n  labels: &l {a: b}\nspec:\n  selector: *l\n  more:\n    <<: *l\n    c: d\n# foot\n`,
    () =>
      `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "${name}"}, "spec": {"ports": [{"port": 80}]}}\n`,
    () =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n  k: >-\n    folded\n    text\n\n    more\n  t: 'it''s'\n`,
    () =>
      `kind: Widget\napiVersion: example.com/v1\nmetadata:\n  name: ${name}\n  annotations: {n: 1, t: true, e: }\nspec: [1, 0o7, 0x1f, 1e3, .5, ~, 2020-01-01]\n`,
    () =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  creationTimestamp: null\ndata: {}\nstatus: null\n`,
    () =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\nbase: &b\n  x: 1\n  y: [1, 2]\nd1:\n  <<: *b\n  x: 2\nd2:\n- *b\n- {<<: *b, z: 3}\n`,
    () =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\nbinaryData:\n  f: !!binary aGVsbG8=\ndata:\n  s: !!str 5\n  long: "${'word '.repeat(30)}"\n`,
  ])()
}

/** Documents that are not objects, or not quite. */
const odd: readonly string[] = [
  '',
  '# only a comment\n',
  '\n\n',
  'null\n',
  '~\n',
  '{}\n',
  '[]\n',
  'text\n',
  '- a\n- b\n',
  'a: b\n',
  'kind: ConfigMap\n',
  'apiVersion: v1\nkind: ConfigMap\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ""}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: 5}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [a]}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: text\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: g-}\n',
  'apiVersion: 5\nkind: ConfigMap\nmetadata: {name: five}\n',
  'kind: ConfigMap\nmetadata: {name: noversion}\n',
  'apiVersion: v1\nkind:\nmetadata: {name: nokind}\n',
  'apiVersion: v1\nkind: 5\nmetadata: {name: kind5}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: dup}\ndata: {a: b, a: c}\n',
  'apiVersion: v1\nkind: ConfigMap\nkind: Secret\nmetadata: {name: dupkind}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ints}\ndata: {1: a, true: b}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: inf}\ndata: {a: .inf}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tab}\ndata:\n\ta: b\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: unclosed\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: alias}\ndata: *nowhere\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: merge}\ndata: {<<: 5}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: merge2}\ndata: {<<: [{a: b}, {a: c, d: e}], d: f}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: labels, labels: {a: 1, b: null}}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: labels2, labels: [a]}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: annot, annotations: []}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: annot2, annotations: {a: {b: c}}}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: annot3, annotations: null}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ns, namespace: 5}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ns2, namespace: ""}\n',
  'apiVersion: v1\nkind: List\nitems: []\n',
  'apiVersion: v1\nkind: List\nitems:\n',
  'apiVersion: v1\nkind: List\n',
  'apiVersion: v1\nkind: List\nitems: text\n',
  'apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: li1}}, {apiVersion: v1, kind: Secret, metadata: {name: li2}}]\n',
  'apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: li3}}, 5]\n',
  'apiVersion: v1\nkind: List\nmetadata: {name: named}\nitems: [{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: ConfigMap, metadata: {name: inner}}]}]\n',
  'apiVersion: v1\nkind: ConfigMapList\nitems: [{metadata: {name: bare}}, {apiVersion: v1, kind: ConfigMap, metadata: {name: li4}, data: {n: 1.50}}]\n',
  'apiVersion: v1\nkind: ConfigMapList\nmetadata: {name: noitems}\n',
  'apiVersion: example.com/v1\nkind: WidgetList\nitems: [{apiVersion: example.com/v1, kind: Widget, metadata: {name: wl}, d: 2020-01-01}]\n',
  'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: [{apiVersion: v1, kind: ConfigMap, metadata: {name: rl}}]\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: index\n  annotations: {config.kubernetes.io/index: "3", internal.config.kubernetes.io/index: "4", config.kubernetes.io/path: p.yaml}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: own\n  annotations: {internal.config.kubernetes.io/previousNames: old, internal.config.kubernetes.io/other: x, config.kubernetes.io/local-config: "false"}\n',
  'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hash\n  annotations: {kustomize.config.k8s.io/needs-hash: "true", kustomize.config.k8s.io/behavior: merge}\n',
]

const separators: readonly string[] = [
  '---\n',
  '---\n',
  '--- \n',
  '---  # note\n',
  '--- # note\n---\n',
  '\n---\n\n',
  '...\n---\n',
  '---\n---\n',
  '----\n',
  '--- text\n',
  '---text\n',
  '%YAML 1.2\n---\n',
]

function file(random: Random, p: number): string {
  let out = random.chance(0.3) ? '---\n' : ''
  for (let i = 0; i <= random.below(4); i++) {
    if (i > 0) out += random.chance(0.75) ? '---\n' : random.pick(separators)
    out += random.chance(p) ? random.pick(odd) : object(random)
  }
  if (random.chance(0.1)) out = out.trimEnd()
  if (random.chance(0.05)) out += '---'
  if (random.chance(0.05)) out += '...\n'
  if (random.chance(0.12)) out = out.replaceAll('\n', '\r\n')
  if (random.chance(0.03)) out = `\ufeff${out}`
  return out
}

export function documentsCase(random: Random): Files {
  const p = random.pick([0, 0.15, 0.4])
  const files: Record<string, string> = { 'a.yaml': file(random, p) }
  if (random.chance(0.4)) files['b.yaml'] = file(random, p)
  const more = random.pick([
    '',
    '',
    'namePrefix: p-\n',
    'namespace: ns\n',
    'commonLabels: {x: y}\n',
    'commonAnnotations: {x: y}\n',
    'patches: [{target: {kind: ConfigMap}, patch: \'[{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]\'}]\n',
    'patches: [{target: {kind: ConfigMap}, patch: "{apiVersion: v1, kind: ConfigMap, metadata: {name: any}, data: {added: x}}"}]\n',
    'buildMetadata: [originAnnotations]\n',
    'sortOptions: {order: fifo}\n',
  ])
  const list = Object.keys(files)
  const text = `resources:\n${list.map(f => `- ${f}\n`).join('')}${more}`
  files['kustomization.yaml'] = random.chance(0.1) ? text.replaceAll('\n', '\r\n') : text
  return files
}
