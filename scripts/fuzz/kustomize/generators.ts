/** ConfigMaps and Secrets from literals, files and env files with everything people write there, over several layers. */

import type { Random } from '../random.ts'
import type { Files } from './files.ts'
import { flow, Token, type Tree, type TreeMap } from './yaml-text.ts'

const quoted = (text: string): Token => new Token(JSON.stringify(text))
const maybe = (random: Random, p: number, make: () => Tree): Tree | undefined => (random.chance(p) ? make() : undefined)
const yes = new Token('true')

const literals = [
  'a=b',
  'a=',
  '=b',
  'a',
  'a==b',
  'a="q"',
  "a='q'",
  'a="q',
  'a=\'q"',
  'b=two words ',
  ' c=x',
  'd = x',
  'e=line\nline\n',
  'f="\\n"',
  'g=é😀',
  'h=\ttab',
  '5=5',
  'i.j-k_l=1',
  'm n=o',
  'p=true',
  'q=null',
  'r=1e3',
  's={"a": 1}',
  't=trailing \nx',
  'u=\u0001',
  `v=${'long '.repeat(40)}`,
  'w="a"b"',
  "x=''",
  'y=""',
]
const texts = [
  '',
  'x',
  'x\n',
  'a: b\nc: d\n',
  'a \nb\n',
  '\n',
  '\n\nx',
  '  lead\n',
  'tab\there\n',
  'crlf\r\nline\r\n',
  '\ufeffbom',
  '\u0000binary',
  'é\u2028\n',
  `${'0123456789'.repeat(15)}`,
  '#comment\n',
  '---\n',
  '"quoted"',
  'x\u0085y',
  '\ud83d\ude00',
]
const envs = [
  'A=1\nB=2\n',
  '# note\n\nA=x=y\n  B=lead\nC\n',
  'A=1 \nB= 2\n',
  '\ufeffA=1\n',
  'A="q"\nB=\'q\'\n',
  'A=1\r\nB=2\r\n',
  'A=1\nA=2\n',
  '=x\n',
  'a b=c\n',
  'export A=1\n',
  'A=$(B)\n',
  '',
  'HOME\nA=é\n',
  'A=1#c\n',
  `A=${'x'.repeat(200)}\n`,
]

export function generatorsCase(random: Random): Files {
  const files: Record<string, string> = {}
  const entry = (dir: string, layer: number, secret: boolean): TreeMap => {
    const listed = maybe(random, 0.4, () =>
      Array.from({ length: 1 + random.below(2) }, () =>
        quoted(
          random.pick(
            [
              'f1.txt',
              'f2.txt',
              'k=f1.txt',
              'sub/f3.txt',
              './f1.txt',
              'k=x=f1.txt',
              '=f1.txt',
              'k=',
              'gone.txt',
              'sub',
              'k.ey=f2.txt',
            ].slice(0, random.chance(0.9) ? 5 : 11),
          ),
        ),
      ),
    )
    const env = maybe(random, 0.35, () => ['e.env'])
    for (const f of ['f1.txt', 'f2.txt', 'sub/f3.txt']) files[`${dir}/${f}`] = random.pick(texts)
    files[`${dir}/e.env`] = random.pick(envs)
    return {
      name: maybe(random, 0.98, () => random.pick(['g', 'h', quoted('5')])),
      namespace: maybe(random, 0.15, () => random.pick(['ns1', 'default'])),
      behavior: maybe(random, layer === 0 ? 0.1 : 0.8, () =>
        random.pick(layer === 0 ? ['create', 'merge'] : ['merge', 'merge', 'replace', 'create', 'nope']),
      ),
      literals: maybe(random, 0.7, () =>
        Array.from({ length: 1 + random.below(3) }, () => quoted(random.pick(literals))),
      ),
      files: listed,
      envs: env,
      env: maybe(random, 0.05, () => 'e.env'),
      type: secret ? maybe(random, 0.3, () => random.pick(['kubernetes.io/tls', quoted(''), 'Opaque'])) : undefined,
      options: maybe(random, 0.4, () => ({
        disableNameSuffixHash: maybe(random, 0.3, () => random.pick<Tree>([yes, new Token('false')])),
        immutable: maybe(random, 0.3, () => yes),
        labels: maybe(random, 0.5, () => ({ own: quoted('1'), both: 'local' })),
        annotations: maybe(random, 0.5, () => ({ own: quoted('1') })),
      })),
    }
  }
  const layer = (dir: string, level: number): string => {
    let out = ''
    const list = (secret: boolean): string =>
      flow(Array.from({ length: 1 + random.below(2) }, () => entry(dir, level, secret)))
    if (random.chance(0.7)) out += `configMapGenerator: ${list(false)}\n`
    if (random.chance(0.45)) out += `secretGenerator: ${list(true)}\n`
    if (random.chance(0.25)) {
      out += `generatorOptions: ${flow({
        disableNameSuffixHash: maybe(random, 0.4, () => yes),
        immutable: maybe(random, 0.2, () => yes),
        labels: maybe(random, 0.5, () => ({ all: quoted('1'), both: 'global' })),
        annotations: maybe(random, 0.5, () => ({ all: quoted('1') })),
      })}\n`
    }
    if (random.chance(0.2)) out += 'namePrefix: p-\n'
    if (random.chance(0.2)) out += 'namespace: ns1\n'
    if (random.chance(0.1)) out += 'commonLabels: {c: d}\n'
    return out
  }
  const plain = random.chance(0.3)
  if (plain) {
    files['base/r.yaml'] =
      `${flow({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'g' }, data: { a: 'old' } })}\n---\n${flow({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'g' }, data: { a: 'b2xk' }, stringData: { s: 't' } })}\n`
  }
  files['base/kustomization.yaml'] =
    `resources: [${plain ? 'r.yaml' : ''}]\n${layer('base', plain && random.chance(0.7) ? 1 : 0)}`
  files['overlay/kustomization.yaml'] = `resources: [../base]\n${layer('overlay', 1)}`
  return files
}
