import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { DecapodError } from '../../src/errors.ts'
import {
  closeRequest,
  type Forge,
  type ForgeKind,
  findRequest,
  forgeApi,
  forgeOfHost,
  forgePlace,
  openRequest,
} from '../../src/io/forge.ts'
import { type ForgeOptions, type RunningForge, startForge } from '../support/forge-server.ts'
import { installed, makeCertificates } from '../support/servers.ts'
import { startProxy } from '../support/source-servers.ts'

const stops: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const project = 'platform/manifests'
const token = 'planted-token'
const branches = { head: 'decapod/main/site-x', base: 'main' }
const text = { title: 'Render site-x', body: '**1 changed**\n\n`x`\n' }

async function start(
  kind: ForgeKind,
  more: Partial<ForgeOptions> = {},
): Promise<{ server: RunningForge; forge: Forge }> {
  const server = await startForge({ kind, project, token, ...more })
  stops.push(server.stop)
  const base = `http${more.tls === undefined ? '' : 's'}://${server.host}`
  const api = forgeApi(kind, forgePlace(`${base}/${project}.git`)!, undefined)
  const http = { env: {}, sleep: async () => {}, tries: 2 }
  return { server, forge: { kind, api, project, token, tokenName: 'THE_TOKEN', http } }
}

/** `message | hint` of a failure. */
async function failure(of: Promise<unknown>): Promise<string> {
  const error = await of.then(
    () => undefined,
    (thrown: unknown) => thrown as DecapodError,
  )
  expect(error?.code).toBe('FORGE_FAILED')
  expect(`${error!.message}${error!.hint}`).not.toContain(token)
  return `${error!.message} | ${error!.hint}`
}

describe.each<ForgeKind>(['github', 'gitlab', 'gitea'])('%s', kind => {
  test('a request is opened once, updated when its text changes, and left alone when it does not', async () => {
    const { server, forge } = await start(kind)
    const opened = await openRequest(forge, branches, text)
    expect(opened.done).toBe('opened')
    expect(opened.url).toMatch(/^https:\/\/forge\.example\/platform\/manifests\/.*\/1$/)
    expect(await openRequest(forge, branches, { ...text, body: 'other\ntext\n' })).toEqual({
      ...opened,
      done: 'updated',
    })
    expect(await openRequest(forge, branches, { ...text, body: 'other\ntext\n' })).toEqual({
      ...opened,
      done: 'unchanged',
    })
    expect(await openRequest(forge, branches, { title: 'T', body: 'other\ntext\n' })).toEqual({
      ...opened,
      done: 'updated',
    })
    expect(server.requests).toMatchObject([{ ...branches, title: 'T', state: 'open' }])
  })

  test('one that was closed is not opened again: a new one is', async () => {
    const { server, forge } = await start(kind)
    await openRequest(forge, branches, text)
    await closeRequest(forge, (await findRequest(forge, branches))!)
    expect(await findRequest(forge, branches)).toBeUndefined()
    expect((await openRequest(forge, branches, text)).done).toBe('opened')
    expect(server.requests.map(r => r.state)).toEqual(['closed', 'open'])
  })

  test('branches of forks, of other sites, and into other branches are others', async () => {
    const { server, forge } = await start(kind)
    const other = { title: 'theirs', body: '', state: 'open' as const }
    server.requests.push(
      { number: 1, ...branches, ...other, fork: true },
      { number: 2, ...branches, ...other, head: 'decapod/main/site-y' },
      { number: 3, ...branches, ...other, base: 'next' },
      // Beyond the first page of a forge that filters by no branch.
      ...[4, 5, 6].map(number => ({ number, ...branches, ...other, head: `x${number}` })),
    )
    expect(await findRequest(forge, branches)).toBeUndefined()
    expect((await openRequest(forge, branches, text)).url).toMatch(/\/7$/)
    expect((await findRequest(forge, branches))?.number).toBe(7)
    expect(server.requests.filter(r => r.title === 'theirs')).toHaveLength(6)
  })

  test('two runs at once: the slower one updates what the faster one opened', async () => {
    const { server, forge } = await start(kind, { race: true })
    expect((await openRequest(forge, branches, text)).done).toBe('updated')
    expect(server.requests).toMatchObject([{ title: text.title }])
  })

  test('a token that is not accepted', async () => {
    const { forge } = await start(kind)
    const said = kind === 'gitlab' ? '401 Unauthorized' : 'Bad credentials'
    expect(await failure(openRequest({ ...forge, token: 'old' }, branches, text))).toBe(
      `${{ github: 'GitHub', gitlab: 'GitLab', gitea: 'Gitea' }[kind]}, platform/manifests: cannot list requests: 401: ` +
        `${said} | the token in THE_TOKEN is not accepted: it may have expired`,
    )
  })

  test('a repository that is not there', async () => {
    const { forge } = await start(kind)
    expect(await failure(openRequest({ ...forge, project: 'platform/other' }, branches, text))).toMatch(
      /cannot list requests: 404: Not Found \| there is no platform\/other at http:\/\/127.*, or the token in THE_TOKEN may not see it/,
    )
  })

  test.each<[name: string, fault: RunningForge['faults'][number], want: RegExp]>([
    [
      'no right',
      [403, '{"message": "Resource not accessible by integration"}'],
      /403: Resource not accessible by integration \| the token in THE_TOKEN may not: it needs /,
    ],
    [
      'a limit of requests',
      [
        403,
        '{"message": "API rate limit exceeded for user"}',
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1800000000' },
      ],
      /too many requests \(403\): .* \| wait until 2027-01-15T08:00:00.000Z, then run it again/,
    ],
    [
      'a second limit',
      [403, '{"message": "You have exceeded a secondary rate limit"}', { 'retry-after': '60' }],
      /too many requests \(403\): .* \| wait 60 s/,
    ],
    [
      'something else than a forge',
      [200, '<html>hello</html>'],
      /the answer is none of \w+'s \| is the forge of this kind/,
    ],
    ['a defect of the forge', [500, 'oops'], /cannot list requests: 500 \| undefined/],
  ])('%s', async (_, fault, want) => {
    const { server, forge } = await start(kind)
    server.faults.push(fault)
    expect(await failure(openRequest(forge, branches, text))).toMatch(want)
  })

  test.each<[name: string, body: string, want: string]>([
    [
      'a list of objects',
      '{"message": "Validation Failed", "errors": [{"resource": "PullRequest", "field": "base", "code": "invalid"}]}',
      'Validation Failed; PullRequest base invalid',
    ],
    ['texts', '{"message": ["Title is too long", "Source is gone"]}', 'Title is too long; Source is gone'],
    ['texts by field', '{"message": {"title": ["is too long"]}}', 'title is too long'],
    ['nothing', '{}', ''],
    ['no JSON', 'oops', ''],
    ['much', `{"message": "${'x'.repeat(1000)}"}`, `${'x'.repeat(400)}\u2026`],
  ])('what is refused is said: %s', async (_, body, want) => {
    const { server, forge } = await start(kind)
    // The list, the order, and the list again.
    server.faults.push([200, '[]'], [422, body], [200, '[]'])
    expect(await failure(openRequest(forge, branches, text))).toContain(
      `cannot open a request: 422${want && `: ${want}`} |`,
    )
  })

  test('a forge that is busy for a moment is asked again, but never twice to open', async () => {
    const { server, forge } = await start(kind)
    server.faults.push([503, 'busy'])
    expect((await openRequest(forge, branches, text)).done).toBe('opened')
    server.requests.length = 0
    server.faults.push([200, '[]'], [503, 'busy'])
    expect(await failure(openRequest(forge, branches, text))).toContain('cannot open a request: 503')
    expect(server.asked.filter(line => line.startsWith('POST'))).toHaveLength(2)
  })
})

test.skipIf(!installed('openssl'))('TLS by a CA of one\u2019s own', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'decapod-forge-'))
  stops.push(() => rmSync(dir, { recursive: true }))
  const certificates = makeCertificates(dir)
  const { forge } = await start('gitlab', { tls: certificates })
  await expect(openRequest(forge, branches, text)).rejects.toMatchObject({ code: 'SOURCE_UNREACHABLE' })
  const tls = { ca: [certificates.ca] }
  expect((await openRequest({ ...forge, http: { ...forge.http, tls: () => tls } }, branches, text)).done).toBe('opened')
})

test('a proxy', async () => {
  const { server, forge } = await start('gitea')
  const proxy = await startProxy(server.host)
  stops.push(proxy.stop)
  const through = {
    ...forge,
    api: 'http://git.example.com/api/v1',
    http: { env: { HTTP_PROXY: `http://${proxy.host}` } },
  }
  expect((await openRequest(through, branches, text)).done).toBe('opened')
})

test.each<[url: string, place: string | undefined]>([
  ['https://github.com/platform/manifests.git', 'https://github.com github.com platform/manifests'],
  ['https://user:secret@git.example.com:8443/a/b/c', 'https://git.example.com:8443 git.example.com a/b/c'],
  ['http://git.example.com/a/b/', 'http://git.example.com git.example.com a/b'],
  ['git@github.com:platform/manifests.git', 'https://github.com github.com platform/manifests'],
  ['ssh://git@git.example.com:2222/a/b.git', 'https://git.example.com git.example.com a/b'],
  ['https://dev.example.com/a%20b/c', 'https://dev.example.com dev.example.com a b/c'],
  ['/srv/manifests.git', undefined],
  ['file:///srv/a/manifests.git', undefined],
  ['https://git.example.com/manifests.git', undefined],
  ['../manifests', undefined],
])('the place of %s', (url, want) => {
  const place = forgePlace(url)
  expect(place && `${place.origin} ${place.host} ${place.path}`).toBe(want)
})

test.each<[host: string, kind: ForgeKind | undefined]>([
  ['github.com', 'github'],
  ['github.example.com', 'github'],
  ['gitlab.com', 'gitlab'],
  ['gitlab.example.com', 'gitlab'],
  ['git.gitlab.example.com', 'gitlab'],
  ['codeberg.org', 'gitea'],
  ['gitea.example.com', 'gitea'],
  ['git.example.com', undefined],
  ['notgithub.com', undefined],
])('the kind of %s', (host, kind) => expect(forgeOfHost(host)).toBe(kind))

test.each<[kind: ForgeKind, url: string, base: string | undefined, api: string]>([
  ['github', 'https://github.com/a/b', undefined, 'https://api.github.com'],
  ['github', 'git@github.com:a/b', undefined, 'https://api.github.com'],
  ['github', 'https://github.example.com/a/b', undefined, 'https://github.example.com/api/v3'],
  ['github', 'https://github.com/a/b', 'https://api.github.com/', 'https://api.github.com'],
  ['gitlab', 'https://gitlab.example.com/a/b', undefined, 'https://gitlab.example.com/api/v4'],
  ['gitlab', 'https://example.com/gitlab/a/b', 'https://example.com/gitlab', 'https://example.com/gitlab/api/v4'],
  ['gitea', 'ssh://git@git.example.com:22/a/b', 'http://git.example.com:3000', 'http://git.example.com:3000/api/v1'],
  ['gitea', 'https://git.example.com/a/b', 'https://git.example.com/api/v1', 'https://git.example.com/api/v1'],
])('the interface of %s for %s and %s', (kind, url, base, api) => {
  expect(forgeApi(kind, forgePlace(url)!, base)).toBe(api)
})
