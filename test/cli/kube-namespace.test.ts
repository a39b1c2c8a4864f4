import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { currentNamespace } from '../../src/cli/kube-namespace.ts'

const dir = mkdtempSync(join(tmpdir(), 'decapod-kubeconfig-'))
afterAll(() => rmSync(dir, { recursive: true }))

const config = (current: string, contexts: Record<string, string>): string =>
  `current-context: ${current}\ncontexts:\n${Object.entries(contexts)
    .map(([name, namespace]) => `- {name: ${name}, context: {cluster: c${namespace && `, namespace: ${namespace}`}}}\n`)
    .join('')}clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]\n`

const files: Record<string, string> = {
  one: config('a', { a: 'from-a', b: 'from-b', plain: '' }),
  two: config('b', { b: 'two-b', z: 'two-z' }),
  none: config('""', { a: 'x' }),
  gone: 'current-context: nope\n',
  broken: 'a: [\n',
  empty: '',
}
for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
const paths = (names: string): string => names.replaceAll(/\w+/g, name => join(dir, name))

/** As helm 3.22 and 4.3 answered. */
test.each<[kubeconfig: string, context: string, namespace: string]>([
  ['one', '', 'from-a'],
  ['one', 'b', 'from-b'],
  ['one', 'plain', 'default'],
  ['one', 'nope', 'default'],
  ['one:two', '', 'from-a'],
  ['two:one', '', 'two-b'],
  ['one:two', 'z', 'two-z'],
  ['missing:one', '', 'from-a'],
  ['broken:one', '', 'default'],
  ['none', '', 'default'],
  ['gone', '', 'default'],
  ['empty', '', 'default'],
  ['missing', '', 'default'],
])('KUBECONFIG=%s, context "%s": %s', (kubeconfig, kubeContext, namespace) => {
  expect(currentNamespace({ KUBECONFIG: paths(kubeconfig) }, { kubeContext })).toBe(namespace)
  expect(currentNamespace({ KUBECONFIG: paths(kubeconfig), HELM_KUBECONTEXT: kubeContext }, {})).toBe(namespace)
})

test('HELM_NAMESPACE goes before the files, --kubeconfig before KUBECONFIG', () => {
  expect(currentNamespace({ HELM_NAMESPACE: 'own', KUBECONFIG: paths('one') }, {})).toBe('own')
  expect(currentNamespace({ HELM_NAMESPACE: '', KUBECONFIG: paths('one') }, {})).toBe('from-a')
  expect(currentNamespace({ KUBECONFIG: paths('one') }, { kubeconfig: join(dir, 'two') })).toBe('two-b')
})
