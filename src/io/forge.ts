/**
 * Pull and merge requests by the REST interfaces of GitHub, GitLab and Gitea (Forgejo): one request for a branch, opened
 * once and updated afterwards. The token goes into a header and nowhere else.
 * https://docs.github.com/rest/pulls/pulls, https://docs.gitlab.com/api/merge_requests, https://docs.gitea.com/api
 */
import { DecapodError } from '../errors.ts'
import { type HttpResponse, type HttpSettings, readBody, send, withoutCredentials } from './http.ts'

export type ForgeKind = 'github' | 'gitlab' | 'gitea'

/** A repository on a forge, and how to talk to it. */
export interface Forge {
  readonly kind: ForgeKind
  /** `https://api.github.com`, `https://git.example.com/api/v4`: without a slash at the end. */
  readonly api: string
  /** `owner/name`; GitLab's groups may be several. */
  readonly project: string
  readonly token: string
  /** The variable the token comes from, for messages. */
  readonly tokenName: string
  readonly http: HttpSettings
}

/** What a request says. */
export interface RequestText {
  readonly title: string
  /** Markdown. */
  readonly body: string
}

/** The branches of a request. */
export interface RequestBranches {
  /** The branch with the change. */
  readonly head: string
  /** The branch it is to be merged into. */
  readonly base: string
}

/** A request that is open. */
export interface OpenRequest extends RequestText {
  /** As its address has it: GitLab's iid. */
  readonly number: number
  /** Where people see it. */
  readonly url: string
}

export interface RequestResult {
  readonly url: string
  readonly done: 'opened' | 'updated' | 'unchanged'
}

/** What of an answer is read; larger is no answer to these questions. */
const answerLimit = 16 * 1024 * 1024
/** Pages of open requests that are looked through. */
const mostPages = 200

/** Variables with tokens, the first that is set goes. */
export const tokenNames: Readonly<Record<ForgeKind, readonly string[]>> = {
  github: ['GITHUB_TOKEN', 'GH_TOKEN'],
  gitlab: ['GITLAB_TOKEN'],
  gitea: ['GITEA_TOKEN', 'FORGEJO_TOKEN'],
}

/** A repository's place on its forge, out of the URL git uses. */
export interface ForgePlace {
  /** `https://git.example.com`, with a port where the URL has one and it is http's. */
  readonly origin: string
  readonly host: string
  /** The path without `.git`. */
  readonly path: string
}

/** Reads `https://host/owner/name.git`, `ssh://git@host:22/owner/name` and `git@host:owner/name`; undefined for others. */
export function forgePlace(url: string): ForgePlace | undefined {
  const short = /^(?:[^@/\s]+@)?([A-Za-z0-9.-]+|\[[0-9a-f:]+\]):(?!\/\/)(.+)$/i.exec(url)
  const [host, path, origin] =
    short !== null && !url.includes('://') ? [short[1]!, short[2]!, `https://${short[1]}`] : placeOfUrl(url)
  const clean = path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
  return host === '' || !/^[^/]+(\/[^/]+)+$/.test(clean) ? undefined : { origin, host: host.toLowerCase(), path: clean }
}

function placeOfUrl(url: string): readonly [host: string, path: string, origin: string] {
  if (!URL.canParse(url)) return ['', '', '']
  const { protocol, hostname, host, pathname } = new URL(url)
  let path = pathname
  try {
    path = decodeURIComponent(pathname)
  } catch {
    // Taken as it is.
  }
  if (protocol === 'http:' || protocol === 'https:') return [hostname, path, `${protocol}//${host}`]
  // The port of ssh is none of the web interface's.
  return protocol === 'ssh:' || protocol === 'git:' ? [hostname, path, `https://${hostname}`] : ['', '', '']
}

/** Which forge a host is, by its name; undefined where that does not say. */
export function forgeOfHost(host: string): ForgeKind | undefined {
  if (/(^|\.)github\b/.test(host)) return 'github'
  if (/(^|\.)gitlab\b/.test(host)) return 'gitlab'
  if (/(^|\.)(gitea|forgejo|codeberg)\b/.test(host)) return 'gitea'
  return undefined
}

/** Where the interface of a forge is: below `base` where the forge is at home there, else below the repository's host. */
export function forgeApi(kind: ForgeKind, place: ForgePlace, base: string | undefined): string {
  const root = (base ?? place.origin).replace(/\/+$/, '')
  if (kind === 'gitlab') return /\/api\/v4$/.test(root) ? root : `${root}/api/v4`
  if (kind === 'gitea') return /\/api\/v1$/.test(root) ? root : `${root}/api/v1`
  if (/^https:\/\/(www\.)?github\.com$/.test(root)) return 'https://api.github.com'
  return /\/api\/v3$|\/\/api\./.test(root) ? root : `${root}/api/v3`
}

/**
 * Opens the request for `head`, or updates the open one: there is never a second. Text that is already there is not
 * written again. Throws FORGE_FAILED saying what the forge refuses.
 */
export async function openRequest(forge: Forge, branches: RequestBranches, text: RequestText): Promise<RequestResult> {
  const open = await findRequest(forge, branches)
  if (open !== undefined) return updateRequest(forge, open, text)
  const created = await ask(forge, 'POST', pulls(forge), newRequest(forge, branches, text))
  if (created.status === 201 || created.status === 200) {
    return { url: requestOf(forge, created.data).url, done: 'opened' }
  }
  // Somebody was faster (409; GitHub says 422).
  const other = [409, 422].includes(created.status) ? await findRequest(forge, branches) : undefined
  if (other === undefined) throw refused(forge, 'cannot open a request', created)
  return updateRequest(forge, other, text)
}

async function updateRequest(forge: Forge, open: OpenRequest, text: RequestText): Promise<RequestResult> {
  const isSame = open.title === text.title && lines(open.body) === lines(text.body)
  if (isSame) return { url: open.url, done: 'unchanged' }
  const data = forge.kind === 'gitlab' ? { title: text.title, description: text.body } : text
  const answer = await ask(forge, forge.kind === 'gitlab' ? 'PUT' : 'PATCH', `${pulls(forge)}/${open.number}`, data)
  if (answer.status !== 200 && answer.status !== 201) throw refused(forge, 'cannot update the request', answer)
  return { url: open.url, done: 'updated' }
}

/** Closes a request without merging it. Throws FORGE_FAILED. */
export async function closeRequest(forge: Forge, open: OpenRequest): Promise<void> {
  const data = forge.kind === 'gitlab' ? { state_event: 'close' } : { state: 'closed' }
  const answer = await ask(forge, forge.kind === 'gitlab' ? 'PUT' : 'PATCH', `${pulls(forge)}/${open.number}`, data)
  if (answer.status !== 200 && answer.status !== 201) throw refused(forge, 'cannot close the request', answer)
}

/** The open request of these branches, if there is one. Throws FORGE_FAILED. */
export async function findRequest(forge: Forge, { head, base }: RequestBranches): Promise<OpenRequest | undefined> {
  const [owner = ''] = forge.project.split('/')
  const query: Readonly<Record<ForgeKind, Readonly<Record<string, string>>>> = {
    github: { state: 'open', head: `${owner}:${head}`, base, per_page: '100' },
    gitlab: { state: 'opened', source_branch: head, target_branch: base, per_page: '100' },
    // Gitea does not filter by branch, and gives as many at once as its administrator likes.
    gitea: { state: 'open', limit: '50' },
  }
  for (let page = 1; page <= mostPages; page++) {
    const parameters = new URLSearchParams({ ...query[forge.kind], page: String(page) })
    const answer = await ask(forge, 'GET', `${pulls(forge)}?${parameters}`)
    if (answer.status !== 200 || !Array.isArray(answer.data)) throw refused(forge, 'cannot list requests', answer)
    const found = answer.data.find(item => isOf(forge, item as Fields, head, base))
    if (found !== undefined) return requestOf(forge, found)
    if (answer.data.length === 0 || forge.kind !== 'gitea') return undefined
  }
  return undefined
}

type Fields = Readonly<Record<string, unknown>>

/** Whether a request is of these branches, and of this repository: forks have branches of the same names. */
function isOf(forge: Forge, item: Fields, head: string, base: string): boolean {
  if (forge.kind === 'gitlab') {
    return (
      item['source_branch'] === head &&
      item['target_branch'] === base &&
      item['source_project_id'] === item['target_project_id']
    )
  }
  const [from, to] = [fields(item['head']), fields(item['base'])]
  const repository = (side: Fields): unknown => fields(side['repo'])['full_name']
  return from['ref'] === head && to['ref'] === base && repository(from) === repository(to)
}

function requestOf(forge: Forge, data: unknown): OpenRequest {
  const item = fields(data)
  const number = item[forge.kind === 'gitlab' ? 'iid' : 'number']
  const url = item[forge.kind === 'gitlab' ? 'web_url' : 'html_url']
  const body = item[forge.kind === 'gitlab' ? 'description' : 'body']
  if (typeof number !== 'number') throw failed(forge, 'gives a request without a number')
  return { number, url: text(url), title: text(item['title']), body: text(body) }
}

function newRequest(forge: Forge, { head, base }: RequestBranches, { title, body }: RequestText): object {
  return forge.kind === 'gitlab'
    ? { source_branch: head, target_branch: base, title, description: body, remove_source_branch: true }
    : { head, base, title, body }
}

function pulls(forge: Forge): string {
  if (forge.kind === 'gitlab') return `${forge.api}/projects/${encodeURIComponent(forge.project)}/merge_requests`
  return `${forge.api}/repos/${forge.project.split('/').map(encodeURIComponent).join('/')}/pulls`
}

interface Answer {
  readonly status: number
  readonly data: unknown
  readonly headers: HttpResponse['headers']
}

async function ask(
  forge: Forge,
  method: 'GET' | 'POST' | 'PUT' | 'PATCH',
  url: string,
  data?: object,
): Promise<Answer> {
  const accept = forge.kind === 'github' ? 'application/vnd.github+json' : 'application/json'
  const response = await send(forge.http, {
    method,
    url,
    headers: {
      accept,
      ...(forge.kind === 'github' ? { 'x-github-api-version': '2022-11-28' } : {}),
      ...(data === undefined ? {} : { 'content-type': 'application/json' }),
    },
    authorization: `${forge.kind === 'gitea' ? 'token' : 'Bearer'} ${forge.token}`,
    // To write the same text twice changes nothing; to open a request twice might.
    repeatable: method !== 'POST',
    ...(data === undefined ? {} : { body: Buffer.from(JSON.stringify(data)) }),
  })
  const bytes = await readBody(response, answerLimit)
  let answer: unknown
  try {
    answer = JSON.parse(bytes.toString('utf8'))
  } catch {
    answer = undefined
  }
  return { status: response.status, data: answer, headers: response.headers }
}

function refused(forge: Forge, what: string, answer: Answer): DecapodError {
  const { status } = answer
  const said = saying(answer.data)
  const { tokenName, project } = forge
  if (isLimited(answer)) {
    return failed(forge, `${what}: too many requests (${status})`, `wait ${waitOf(answer)}, then run it again`, said)
  }
  const hints: Readonly<Record<number, string>> = {
    401: `the token in ${tokenName} is not accepted: it may have expired`,
    403: `the token in ${tokenName} may not: it needs ${scopes[forge.kind]}`,
    404: `there is no ${project} at ${withoutCredentials(forge.api)}, or the token in ${tokenName} may not see it; --forge-url names another place`,
    405: 'is the forge of this kind? --forge names it',
  }
  if (status >= 200 && status < 300)
    return failed(forge, `${what}: the answer is none of ${names[forge.kind]}'s`, hints[405])
  return failed(forge, `${what}: ${status}`, hints[status], said)
}

const names: Readonly<Record<ForgeKind, string>> = { github: 'GitHub', gitlab: 'GitLab', gitea: 'Gitea' }

const scopes: Readonly<Record<ForgeKind, string>> = {
  github: '"Pull requests: write" (or the scope repo)',
  gitlab: 'the scope api and the role Developer',
  gitea: 'the scope write:repository',
}

function failed(forge: Forge, what: string, hint?: string, said = ''): DecapodError {
  const words = said === '' ? '' : `: ${said}`
  return new DecapodError('FORGE_FAILED', `${names[forge.kind]}, ${forge.project}: ${what}${words}`, { hint })
}

/** GitHub says 403 with nothing remaining, or asks to wait; the others say 429. */
function isLimited({ status, headers, data }: Answer): boolean {
  if (status === 429) return true
  const isAsked = headers['retry-after'] !== undefined || headers['x-ratelimit-remaining'] === '0'
  return status === 403 && (isAsked || /rate limit/i.test(saying(data)))
}

function waitOf({ headers }: Answer): string {
  const after = Number(headers['retry-after'])
  if (headers['retry-after'] !== undefined && Number.isFinite(after)) return `${after} s`
  const reset = Number(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'])
  return Number.isFinite(reset) && reset > 0 ? `until ${new Date(reset * 1000).toISOString()}` : 'some minutes'
}

/** What a forge says of a failure: `message`, texts or lists of them by field, and GitHub's `errors`. Never long. */
function saying(data: unknown): string {
  const { message, error, error_description: description, errors } = fields(data)
  const parts = [...words(message), ...words(error), ...words(description), ...words(errors)]
  const said = [...new Set(parts)].join('; ').replace(/\s+/g, ' ').trim()
  return said.length > 400 ? `${said.slice(0, 400)}…` : said
}

function words(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(words)
  if (typeof value !== 'object' || value === null) return []
  const { message, resource, field, code } = value as Fields
  if (typeof message === 'string') return [message]
  if (typeof code === 'string') return [[resource, field, code].filter(part => typeof part === 'string').join(' ')]
  return Object.entries(value).map(([key, item]) => `${key} ${words(item).join(', ')}`)
}

function fields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Forges may keep a text with other line ends. */
function lines(body: string): string {
  return body.replaceAll('\r\n', '\n').trimEnd()
}
