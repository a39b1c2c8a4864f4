/** Servers that sources are fetched from: chart repositories, git over http, ssh and its own protocol, proxies. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import {
  createServer as createHttpServer,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Duplex } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { writeTar } from '../../src/tar-writer.ts'
import { type Certificates, freePort, installed, type RunningServer } from './servers.ts'

export interface ChartOptions {
  readonly files?: Readonly<Record<string, string>>
  /** Further lines of Chart.yaml. */
  readonly metadata?: string
}

/** A packaged chart; the same arguments give the same bytes. */
export function chartArchive(name: string, version: string, { files = {}, metadata = '' }: ChartOptions = {}): Buffer {
  const all: Record<string, string> = {
    'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: ${version}\n${metadata}`,
    'templates/config.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  version: "{{ .Chart.Version }}"\n`,
    ...files,
  }
  const entries = Object.entries(all).map(([path, text]) => ({ name: `${name}/${path}`, data: Buffer.from(text) }))
  return gzipSync(writeTar(entries))
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export interface ServedChart {
  readonly name: string
  readonly version: string
  readonly archive: Buffer
  /** As the index lists it; `charts/<name>-<version>.tgz` without. */
  readonly url?: string
  /** What the index claims; the archive's digest without. */
  readonly digest?: string
  readonly provenance?: string
}

export interface RepositoryOptions {
  /** Asked of every request: what the Authorization header must be. */
  readonly authorization?: string
  readonly tls?: Certificates & { readonly clientCa?: string }
  /** Answers instead of the repository where it gives true. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean
}

export interface ChartRepository extends RunningServer {
  readonly url: string
  readonly charts: ServedChart[]
  /** Method, path and Authorization of every request, in order. */
  readonly requests: { readonly method: string; readonly path: string; readonly authorization: string | undefined }[]
}

/** An index.yaml as `helm repo index` writes it. */
export function chartIndex(charts: readonly ServedChart[]): string {
  const names = [...new Set(charts.map(chart => chart.name))].sort()
  const lines = ['apiVersion: v1', 'entries:']
  for (const name of names) {
    lines.push(`  ${name}:`)
    for (const chart of charts.filter(c => c.name === name)) {
      const digest = (chart.digest ?? sha256(chart.archive)).replace('sha256:', '')
      lines.push(`  - apiVersion: v2`, `    digest: ${digest}`, `    name: ${name}`, '    urls:')
      lines.push(`    - ${chart.url ?? `charts/${name}-${chart.version}.tgz`}`, `    version: ${chart.version}`)
    }
  }
  return `${lines.join('\n')}\ngenerated: "2026-01-01T00:00:00Z"\n`
}

/** A chart repository below /repo/ of a server. `charts` may be changed while it runs. */
export async function startChartRepository(
  charts: readonly ServedChart[],
  options: RepositoryOptions = {},
): Promise<ChartRepository> {
  const served = [...charts]
  const requests: ChartRepository['requests'] = []
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { authorization } = request.headers
    requests.push({ method: request.method!, path: request.url!, authorization })
    if (options.intercept?.(request, response)) return
    if (options.authorization !== undefined && authorization !== options.authorization)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end()
    const body = find(served, request.url!)
    if (body === undefined) response.writeHead(404).end('not found')
    else response.writeHead(200, { 'content-length': String(body.length) }).end(body)
  }
  const { tls } = options
  const server =
    tls === undefined
      ? createHttpServer(answer)
      : createHttpsServer(
          {
            cert: tls.cert,
            key: tls.key,
            ...(tls.clientCa === undefined ? {} : { ca: tls.clientCa, requestCert: true, rejectUnauthorized: true }),
          },
          answer,
        )
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    host,
    url: `${tls === undefined ? 'http' : 'https'}://${host}/repo`,
    charts: served,
    requests,
    stop: () => {
      server.closeAllConnections()
      return new Promise(done => server.close(() => done()))
    },
  }
}

function find(charts: readonly ServedChart[], path: string): Buffer | undefined {
  if (path === '/repo/index.yaml') return Buffer.from(chartIndex(charts))
  for (const chart of charts) {
    const own = `/repo/charts/${chart.name}-${chart.version}.tgz`
    if (path === own) return chart.archive
    if (path === `${own}.prov` && chart.provenance !== undefined) return Buffer.from(chart.provenance)
  }
  return undefined
}

export interface RunningProxy extends RunningServer {
  /** CONNECT targets and URLs, in order. */
  readonly asked: string[]
}

/** An HTTP proxy that answers CONNECT. Whatever name it is asked for, it connects to `target`. */
export async function startProxy(target: string, authorization?: string): Promise<RunningProxy> {
  const asked: string[] = []
  const tunnels = new Set<Duplex>()
  const [host, port] = target.split(':')
  const allowed = (request: IncomingMessage): boolean =>
    authorization === undefined || request.headers['proxy-authorization'] === authorization
  const server = createHttpServer((request, response) => {
    asked.push(request.url!)
    if (!allowed(request)) return void response.writeHead(407).end()
    const url = new URL(request.url!)
    const onward = httpRequest(
      { host, port, method: request.method, path: url.pathname + url.search, headers: request.headers },
      answer => {
        response.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(response)
      },
    )
    request.pipe(onward)
  })
  server.on('connect', (request, socket, head) => {
    asked.push(request.url!)
    if (!allowed(request)) return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.write(head)
      onward.pipe(socket)
      socket.pipe(onward)
    })
    for (const end of [onward, socket]) {
      tunnels.add(end)
      end.on('error', () => {})
      end.on('close', () => tunnels.delete(end))
    }
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    stop: () => {
      for (const tunnel of tunnels) tunnel.destroy()
      server.closeAllConnections()
      return new Promise(done => server.close(() => done()))
    },
  }
}

/** A bare repository below `dir`, made of commits of files; gives the commits. */
export function makeRepository(
  dir: string,
  name: string,
  commits: readonly {
    readonly files: Readonly<Record<string, string>>
    readonly tag?: string
    readonly branch?: string
    readonly submodules?: Readonly<Record<string, string>>
  }[],
): string[] {
  const work = mkdtempSync(join(tmpdir(), 'decapod-work-'))
  const git = (...args: string[]): string =>
    execFileSync(
      'git',
      ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'protocol.file.allow=always', ...args],
      {
        cwd: work,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    ).trim()
  git('init', '--quiet', '--initial-branch=main')
  const made: string[] = []
  for (const { files, tag, branch, submodules = {} } of commits) {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(work, path)), { recursive: true })
      writeFileSync(join(work, path), text)
    }
    for (const [path, url] of Object.entries(submodules)) {
      const from = url.startsWith('../') ? join(dir, url.slice(3)) : url
      const head = execFileSync('git', ['--git-dir', from, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim()
      writeFileSync(
        join(work, '.gitmodules'),
        `${existsSync(join(work, '.gitmodules')) ? readFileSync(join(work, '.gitmodules'), 'utf8') : ''}[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`,
      )
      git('update-index', '--add', '--cacheinfo', `160000,${head},${path}`)
      git('add', '.gitmodules')
    }
    for (const path of Object.keys(files)) git('add', path)
    git('commit', '--quiet', '--allow-empty', '-m', 'x')
    made.push(git('rev-parse', 'HEAD'))
    if (tag !== undefined) git('tag', tag)
    if (branch !== undefined) git('branch', branch)
  }
  execFileSync('git', ['clone', '--quiet', '--bare', work, join(dir, name)], { stdio: 'ignore' })
  rmSync(work, { recursive: true, force: true })
  return made
}

/** git's own http-backend behind a server of node's; `authorization` is asked of every request. */
export async function startGitHttp(
  dir: string,
  options: { readonly authorization?: string; readonly tls?: Certificates } = {},
): Promise<RunningServer & { readonly seen: (string | undefined)[] }> {
  const seen: (string | undefined)[] = []
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    seen.push(request.headers.authorization)
    if (options.authorization !== undefined && request.headers.authorization !== options.authorization)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    const url = new URL(request.url!, 'http://x')
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: dir,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: decodeURIComponent(url.pathname),
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_ADDR: '127.0.0.1',
        // The directories are of whoever runs the test.
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    request.pipe(child.stdin)
    child.stdin.on('error', () => {})
    let head: Buffer | undefined = Buffer.alloc(0)
    child.stdout.on('data', (chunk: Buffer) => {
      if (head === undefined) return void response.write(chunk)
      head = Buffer.concat([head, chunk])
      const end = head.indexOf('\r\n\r\n')
      if (end === -1) return
      const headers = head
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map(line => line.split(': ') as [string, string])
      const status = headers.find(([name]) => name === 'Status')
      response.writeHead(Number(status?.[1].slice(0, 3) ?? 200), Object.fromEntries(headers))
      response.write(head.subarray(end + 4))
      head = undefined
    })
    child.on('close', () => response.end())
  }
  const server =
    options.tls === undefined
      ? createHttpServer(answer)
      : createHttpsServer({ cert: options.tls.cert, key: options.tls.key }, answer)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    stop: () => {
      server.closeAllConnections()
      return new Promise(done => server.close(() => done()))
    },
  }
}

/** `git daemon` over a directory. */
export async function startGitDaemon(dir: string): Promise<RunningServer> {
  const port = await freePort()
  const child = spawn(
    'git',
    [
      '-c',
      'safe.directory=*',
      'daemon',
      '--export-all',
      '--reuseaddr',
      '--listen=127.0.0.1',
      `--port=${port}`,
      `--base-path=${dir}`,
      dir,
    ],
    {
      stdio: 'ignore',
      env: { ...process.env, GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' },
      detached: true,
    },
  )
  await listening(child, port)
  return { host: `127.0.0.1:${port}`, stop: () => ended(child) }
}

/** Whether sshd and ssh-keygen are there. */
export const hasSshd: boolean = existsSync('/usr/sbin/sshd') && installed('ssh-keygen')

/** OpenSSH's sshd for the user of this process, with a key of its own; `command` is what git is to run ssh with. */
export async function startSshd(dir: string): Promise<RunningServer & { readonly command: string }> {
  const port = await freePort()
  for (const name of ['host', 'user'])
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(dir, name)], { stdio: 'ignore' })
  writeFileSync(join(dir, 'authorized_keys'), readFileSync(join(dir, 'user.pub')))
  chmodSync(join(dir, 'authorized_keys'), 0o600)
  const config = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(dir, 'host')}`,
    `AuthorizedKeysFile ${join(dir, 'authorized_keys')}`,
    `PidFile ${join(dir, 'sshd.pid')}`,
    'StrictModes no',
    'PasswordAuthentication no',
    'UsePAM no',
    'PermitRootLogin yes',
    'UseDNS no',
    'PrintMotd no',
    'PrintLastLog no',
  ]
  writeFileSync(join(dir, 'sshd_config'), `${config.join('\n')}\n`)
  // sshd insists on a directory for privilege separation when root runs it.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true })
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(dir, 'sshd_config')], {
    stdio: 'ignore',
    detached: true,
  })
  await listening(child, port)
  return {
    host: `127.0.0.1:${port}`,
    command: `ssh -F /dev/null -o BatchMode=yes -o GSSAPIAuthentication=no -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -i ${join(dir, 'user')}`,
    stop: () => ended(child),
  }
}

/** A client certificate by the CA that makeCertificates left in `dir`. */
export function clientCertificate(dir: string): { readonly certFile: string; readonly keyFile: string } {
  return signed(dir, 'client', '/CN=client', undefined)
}

/** A server certificate for a name, by the same CA. */
export function serverCertificate(dir: string, name: string): { readonly certFile: string; readonly keyFile: string } {
  return signed(dir, name, `/CN=${name}`, `subjectAltName=DNS:${name}\n`)
}

function signed(
  dir: string,
  name: string,
  subject: string,
  extension: string | undefined,
): { certFile: string; keyFile: string } {
  const openssl = (...args: string[]): void => {
    const done = spawnSync('openssl', args, { cwd: dir, encoding: 'utf8' })
    if (done.status !== 0) throw new Error(done.stderr)
  }
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', ...curve, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject)
  if (extension !== undefined) writeFileSync(join(dir, `${name}.ext`), extension)
  const extensions = extension === undefined ? [] : ['-extfile', `${name}.ext`]
  openssl(
    ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-out', `${name}.crt`, '-days', '2', ...extensions],
  )
  return { certFile: join(dir, `${name}.crt`), keyFile: join(dir, `${name}.key`) }
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
    const up = await new Promise(done => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        done(true)
      })
      socket.on('error', () => done(false))
    })
    if (up) return
    await new Promise(done => setTimeout(done, 25))
  }
  throw new Error('the server does not listen')
}

/** Ends a server and the processes it started. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return
  const gone = new Promise(done => child.once('exit', done))
  process.kill(-child.pid, 'SIGKILL')
  await gone
}
