/** A forge as its documentation says it answers: requests are kept in memory, tokens are asked for, pages are short. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ForgeKind } from '../../src/io/forge.ts'
import { type RunningServer, startHttp } from './servers.ts'

/** A request as a person sees it on the forge. */
export interface SeenRequest {
  readonly number: number
  readonly head: string
  readonly base: string
  title: string
  body: string
  state: 'open' | 'closed'
  /** From a fork: its branches are other branches. */
  readonly fork?: boolean
}

export interface RunningForge extends RunningServer {
  readonly requests: SeenRequest[]
  /** `METHOD path?query` of everything that was asked. */
  readonly asked: string[]
  /** Answers instead of the forge, once for each entry: status, body, headers. */
  readonly faults: (readonly [status: number, body: string, headers?: Record<string, string>])[]
}

export interface ForgeOptions {
  readonly kind: ForgeKind
  readonly project: string
  readonly token: string
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Somebody else opens the request between the question and the order. */
  readonly race?: boolean
}

type Data = Record<string, unknown>

export async function startForge(options: ForgeOptions): Promise<RunningForge> {
  const { kind, project, token } = options
  const requests: SeenRequest[] = []
  const asked: string[] = []
  const faults: RunningForge['faults'] = []
  const root = {
    github: `/api/v3/repos/${project}/pulls`,
    gitlab: `/api/v4/projects/${encodeURIComponent(project)}/merge_requests`,
    gitea: `/api/v1/repos/${project}/pulls`,
  }[kind]
  let raced = options.race !== true

  const answer = (request: IncomingMessage, response: ServerResponse, body: string): ServerResponse => {
    const reply = (status: number, data: unknown, headers: Record<string, string> = {}): ServerResponse =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(typeof data === 'string' ? data : JSON.stringify(data))
    asked.push(`${request.method} ${request.url}`)
    const fault = faults.shift()
    if (fault !== undefined) return reply(fault[0], fault[1], fault[2])
    if (request.headers.authorization !== `${kind === 'gitea' ? 'token' : 'Bearer'} ${token}`) {
      return reply(401, { message: kind === 'gitlab' ? '401 Unauthorized' : 'Bad credentials' })
    }
    const url = new URL(request.url!, 'http://forge')
    if (url.pathname !== root && !url.pathname.startsWith(`${root}/`)) return reply(404, { message: 'Not Found' })
    const number = Number(url.pathname.slice(root.length + 1))
    const data = body === '' ? {} : (JSON.parse(body) as Data)
    if (request.method === 'GET') return reply(200, list(url.searchParams))
    if (request.method === 'POST') return create(data, reply)
    if (request.method !== (kind === 'gitlab' ? 'PUT' : 'PATCH')) return reply(405, { message: 'Method Not Allowed' })
    const found = requests.find(r => r.number === number)
    if (found === undefined) return reply(404, { message: 'Not Found' })
    if (typeof data['title'] === 'string') found.title = data['title']
    const text = data[kind === 'gitlab' ? 'description' : 'body']
    // GitHub keeps texts with the line ends of the web.
    if (typeof text === 'string') found.body = kind === 'github' ? text.replaceAll('\n', '\r\n') : text
    if (data['state'] === 'closed' || data['state_event'] === 'close') found.state = 'closed'
    return reply(kind === 'gitea' ? 201 : 200, shown(found))
  }

  const list = (query: URLSearchParams): Data[] => {
    const state = kind === 'gitlab' ? 'opened' : 'open'
    let found = requests.filter(r => query.get('state') !== state || r.state === 'open')
    if (kind === 'github') {
      const [owner, head] = query.get('head')?.split(/:(.*)/) ?? []
      found = found.filter(r => r.head === head && r.base === query.get('base') && owner === project.split('/')[0])
    }
    if (kind === 'gitlab') {
      found = found.filter(r => r.head === query.get('source_branch') && r.base === query.get('target_branch'))
    }
    const size = kind === 'gitea' ? 2 : Number(query.get('per_page') ?? 20)
    const page = Number(query.get('page') ?? 1)
    return found.slice((page - 1) * size, page * size).map(shown)
  }

  const create = (data: Data, reply: (status: number, data: unknown) => ServerResponse): ServerResponse => {
    const head = String(data[kind === 'gitlab' ? 'source_branch' : 'head'])
    const base = String(data[kind === 'gitlab' ? 'target_branch' : 'base'])
    const next = (title: string, body: string): SeenRequest => {
      const made: SeenRequest = { number: requests.length + 1, head, base, title, body, state: 'open' }
      requests.push(made)
      return made
    }
    if (!raced) {
      raced = true
      next('by another run', '')
    }
    if (requests.some(r => r.head === head && r.base === base && r.state === 'open' && r.fork !== true)) {
      const owner = project.split('/')[0]
      if (kind === 'github') {
        const message = `A pull request already exists for ${owner}:${head}.`
        return reply(422, {
          message: 'Validation Failed',
          errors: [{ resource: 'PullRequest', code: 'custom', message }],
        })
      }
      return kind === 'gitlab'
        ? reply(409, { message: ['Another open merge request already exists for this source branch: !1'] })
        : reply(409, { message: 'pull request already exists for these targets' })
    }
    const text = String(data[kind === 'gitlab' ? 'description' : 'body'])
    if (text.length > 65_536)
      return reply(422, { message: 'Validation Failed', errors: [{ field: 'body', code: 'too_long' }] })
    return reply(201, shown(next(String(data['title']), text)))
  }

  const shown = (r: SeenRequest): Data => {
    if (kind === 'gitlab') {
      return {
        id: 1000 + r.number,
        iid: r.number,
        title: r.title,
        description: r.body,
        state: r.state === 'open' ? 'opened' : 'closed',
        source_branch: r.head,
        target_branch: r.base,
        source_project_id: r.fork === true ? 2 : 1,
        target_project_id: 1,
        web_url: `https://forge.example/${project}/-/merge_requests/${r.number}`,
      }
    }
    const side = (ref: string, of: string): Data => ({
      ref,
      label: `${of.split('/')[0]}:${ref}`,
      repo: { full_name: of },
    })
    return {
      id: 1000 + r.number,
      number: r.number,
      title: r.title,
      body: r.body,
      state: r.state,
      head: side(r.head, r.fork === true ? 'somebody/fork' : project),
      base: side(r.base, project),
      html_url: `https://forge.example/${project}/pull/${r.number}`,
    }
  }

  const server = await startHttp((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString('utf8')))
  }, options.tls)
  return { ...server, requests, asked, faults }
}
