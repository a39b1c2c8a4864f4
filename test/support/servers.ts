/** Real servers for tests, started on a free port of the loopback and stopped again. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createSign } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface RunningServer {
  /** host:port */
  readonly host: string
  readonly stop: () => Promise<void>
}

/** Whether a program is there; tests that need it say "skipped: … not installed" otherwise. */
export function installed(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  await new Promise(done => server.close(done))
  return port
}

export interface Certificates {
  readonly ca: string
  readonly certFile: string
  readonly keyFile: string
  readonly cert: string
  readonly key: string
}

/** A CA made for this run and a certificate of it for 127.0.0.1 and localhost. */
export function makeCertificates(dir: string): Certificates {
  const at = (name: string): string => join(dir, name)
  const openssl = (...args: string[]): void => {
    const done = spawnSync('openssl', args, { cwd: dir, encoding: 'utf8' })
    if (done.status !== 0) throw new Error(done.stderr)
  }
  openssl(
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    '-days',
    '2',
    '-subj',
    '/CN=test CA',
  )
  openssl(
    'req',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    'tls.key',
    '-out',
    'tls.csr',
    '-subj',
    '/CN=127.0.0.1',
  )
  writeFileSync(at('ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n')
  openssl(
    'x509',
    '-req',
    '-in',
    'tls.csr',
    '-CA',
    'ca.crt',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-out',
    'tls.crt',
    '-days',
    '2',
    '-extfile',
    'ext',
  )
  return {
    ca: readFileSync(at('ca.crt'), 'utf8'),
    certFile: at('tls.crt'),
    keyFile: at('tls.key'),
    cert: readFileSync(at('tls.crt'), 'utf8'),
    key: readFileSync(at('tls.key'), 'utf8'),
  }
}

export interface RegistryOptions {
  readonly tls?: Certificates
  /** Users and passwords; without it anybody may do anything. */
  readonly users?: Readonly<Record<string, string>>
  /** Authentication by tokens of a server of its own instead of basic. */
  readonly tokens?: boolean
}

export interface RunningRegistry extends RunningServer {
  /** How often a token was asked for. */
  readonly tokensAsked: () => number
  readonly dir: string
}

/** Debian's docker-registry over a temporary directory. */
export async function startRegistry(options: RegistryOptions = {}): Promise<RunningRegistry> {
  const dir = mkdtempSync(join(tmpdir(), 'decapod-registry-'))
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  const tokens = options.tokens ? await startTokenServer(dir, options.users ?? {}, options.tls) : undefined
  const auth: string[] = []
  if (tokens !== undefined)
    auth.push(
      'auth:',
      '  token:',
      `    realm: ${tokens.url}`,
      '    service: test',
      '    issuer: test',
      `    rootcertbundle: ${tokens.certFile}`,
    )
  else if (options.users !== undefined) {
    const { hashSync } = await import('bcryptjs')
    writeFileSync(
      join(dir, 'htpasswd'),
      Object.entries(options.users)
        .map(([user, password]) => `${user}:${hashSync(password, 4).replace('$2b$', '$2y$')}\n`)
        .join(''),
    )
    auth.push('auth:', '  htpasswd:', '    realm: test', `    path: ${join(dir, 'htpasswd')}`)
  }
  const tls =
    options.tls === undefined
      ? []
      : ['  tls:', `    certificate: ${options.tls.certFile}`, `    key: ${options.tls.keyFile}`]
  mkdirSync(join(dir, 'data'))
  const config = [
    'version: 0.1',
    'log: {level: error}',
    'storage:',
    '  filesystem:',
    `    rootdirectory: ${join(dir, 'data')}`,
    '  delete: {enabled: true}',
    'http:',
    `  addr: ${host}`,
    ...tls,
    ...auth,
  ]
  writeFileSync(join(dir, 'config.yml'), `${config.join('\n')}\n`)
  const child = spawn('docker-registry', ['serve', join(dir, 'config.yml')], { stdio: ['ignore', 'ignore', 'pipe'] })
  await listening(child, port)
  return {
    host,
    dir: join(dir, 'data'),
    tokensAsked: () => tokens?.asked() ?? 0,
    stop: async () => {
      await stopped(child)
      await tokens?.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

/** A token server as docker's specification describes it, for docker-registry's `auth: token`. */
async function startTokenServer(
  dir: string,
  users: Readonly<Record<string, string>>,
  tls: Certificates | undefined,
): Promise<{ url: string; certFile: string; asked: () => number; stop: () => Promise<void> }> {
  const made = spawnSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      'token.key',
      '-out',
      'token.crt',
      '-days',
      '2',
      '-subj',
      '/CN=token',
    ],
    { cwd: dir, encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(made.stderr)
  const key = readFileSync(join(dir, 'token.key'), 'utf8')
  const certificate = readFileSync(join(dir, 'token.crt'), 'utf8').replace(/-----[^-]+-----|\s/g, '')
  let asked = 0
  const base64 = (data: object): string => Buffer.from(JSON.stringify(data)).toString('base64url')
  const server = await startHttp((request, response) => {
    asked++
    const [user = '', password = ''] = Buffer.from(
      (request.headers.authorization ?? '').replace(/^Basic /, ''),
      'base64',
    )
      .toString()
      .split(':')
    if (users[user] !== password) return void response.writeHead(401).end('{"errors":[{"message":"wrong password"}]}')
    const url = new URL(request.url!, 'http://x')
    const access = url.searchParams.getAll('scope').map(scope => {
      const [type, name, actions = ''] = scope.split(':')
      return { type, name, actions: actions.split(',') }
    })
    const now = Math.floor(Date.now() / 1000)
    const body = `${base64({ alg: 'RS256', typ: 'JWT', x5c: [certificate] })}.${base64({ iss: 'test', aud: 'test', sub: user, nbf: now - 5, iat: now - 5, exp: now + 300, jti: String(asked), access })}`
    const token = `${body}.${createSign('RSA-SHA256').update(body).sign(key).toString('base64url')}`
    // A moment, so that requests that come together find the same token under way.
    setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token })), 20)
  }, tls)
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${server.host}/token`,
    certFile: join(dir, 'token.crt'),
    asked: () => asked,
    stop: server.stop,
  }
}

/** A server of node's own, for faults that real ones do not make. */
export async function startHttp(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
  tls?: Pick<Certificates, 'cert' | 'key'>,
): Promise<RunningServer> {
  const server = tls === undefined ? createHttpServer(handler) : createHttpsServer(tls, handler)
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    stop: () => {
      server.closeAllConnections()
      return new Promise(done => server.close(() => done()))
    },
  }
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    words += chunk.toString()
  })
  const { connect } = await import('node:net')
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null) throw new Error(`the server ended: ${words}`)
    const up = await new Promise(done => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        done(true)
      })
      socket.on('error', () => done(false))
    })
    if (up) return
    await new Promise(done => setTimeout(done, 50))
  }
  throw new Error(`the server does not listen: ${words}`)
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const gone = new Promise(done => child.once('exit', done))
  child.kill('SIGKILL')
  await gone
}
