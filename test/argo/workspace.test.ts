/** The repository's own workspace, delivered: what is committed validates, and is what the commands print. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseDocuments } from '../../src/yaml/parse.ts'
import { toValue } from '../../src/yaml/values.ts'
import { runCli } from '../support/cli.ts'
import { schemaErrors } from './schema.ts'

const root = resolve(import.meta.dirname, '../..')
const sites = ['site-x', 'site-y', 'site-z']

/** Objects of a YAML text as plain data. */
function objectsOf(text: string, file: string): unknown[] {
  const plain = (value: unknown): unknown =>
    value instanceof Map
      ? Object.fromEntries([...value].map(([key, item]) => [key as string, plain(item)]))
      : Array.isArray(value)
        ? value.map(plain)
        : typeof value === 'bigint'
          ? Number(value)
          : value
  return parseDocuments(text, { file }).map(document => plain(toValue(document.root)))
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

describe.each(sites)('%s', site => {
  test('every object of argocd/ validates', () => {
    const dir = `rendered/${site}/argocd`
    const files = readdirSync(join(root, dir))
    expect(files.length).toBeGreaterThan(15)
    for (const file of files) {
      for (const object of objectsOf(read(`${dir}/${file}`), file))
        expect([file, schemaErrors(object)]).toEqual([file, []])
    }
  })

  test('every Application names a directory that was rendered, and every rendered app has an Application', () => {
    const dir = `rendered/${site}`
    const paths = readdirSync(join(root, dir, 'argocd'))
      .filter(file => file.startsWith('Application_') && file !== `Application_${site}.yaml`)
      .map(file => {
        const [object] = objectsOf(read(`${dir}/argocd/${file}`), file) as { spec: { source: { path: string } } }[]
        return object!.spec.source.path.replace(/^rendered\//, '')
      })
    for (const path of paths) expect([path, existsSync(join(root, 'rendered', path))]).toEqual([path, true])
    const rendered = readdirSync(join(root, dir))
      .filter(group => group !== 'argocd')
      .flatMap(group => readdirSync(join(root, dir, group)).map(app => `${site}/${group}/${app}`))
    expect([...paths].sort()).toEqual(rendered.sort())
  })

  test('workflows/ is what decapod workflow prints, and its objects validate', async () => {
    const printed = await runCli(['workflow', site], root)
    expect(printed.stderr).toBe('')
    const committed = ['deploy', 'teardown', 'health-report'].map(name => read(`workflows/${site}/${name}.yaml`))
    expect(committed.join('---\n')).toBe(printed.stdout)
    const objects = [...objectsOf(committed[0]!, 'deploy.yaml'), ...objectsOf(committed[1]!, 'teardown.yaml')]
    expect(objects.map(object => schemaErrors(object))).toEqual([[], []])
    expect(objectsOf(committed[2]!, 'health-report.yaml')).toMatchObject([{ kind: 'CronWorkflow' }])
  })
})

test('what concerns all sites: the fleet, and the workflow that renders', async () => {
  for (const [verb, file] of [
    ['fleet', 'fleet.yaml'],
    ['render', 'render-and-commit.yaml'],
  ] as const) {
    const printed = await runCli(['workflow', verb], root)
    expect([printed.code, printed.stderr]).toEqual([0, ''])
    expect(printed.stdout).toBe(read(`workflows/${file}`))
    expect(objectsOf(printed.stdout, file).flatMap(schemaErrors)).toEqual([])
  }
})
