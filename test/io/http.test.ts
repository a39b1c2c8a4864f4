import { expect, test } from 'vitest'
import { type HttpSettings, readBody, send } from '../../src/io/http.ts'
import { startHttp } from '../support/servers.ts'

const settings = (more: Partial<HttpSettings> = {}): HttpSettings => ({ env: {}, sleep: async () => {}, ...more })

test('no answer: given up after the idle time, as often as is tried', async () => {
  let asked = 0
  const server = await startHttp(() => void asked++)
  const request = send(settings({ idleTimeout: 50, tries: 2 }), { url: `http://${server.host}/` })
  await expect(request).rejects.toThrow(/cannot reach .*: no answer for too long/)
  expect(asked).toBe(2)
  await server.stop()
})

test('an answer that stops: cut after the idle time', async () => {
  const server = await startHttp((_, response) => void response.write('half'))
  const response = await send(settings({ idleTimeout: 50 }), { url: `http://${server.host}/` })
  await expect(readBody(response, 100)).rejects.toThrow(/no data for too long|fewer than/)
  await server.stop()
})

test('an answer that drips: cut, though it never stops', async () => {
  const server = await startHttp((_, response) => {
    const drip = setInterval(() => response.write('x'), 10)
    response.on('close', () => clearInterval(drip))
  })
  const response = await send(settings({ idleTimeout: 100, slowest: 1024 }), { url: `http://${server.host}/` })
  await expect(readBody(response, 1 << 20)).rejects.toThrow(/fewer than 1024 bytes in 0.1 s/)
  await server.stop()
})

test('a slow but steady one comes', async () => {
  const server = await startHttp((_, response) => {
    let left = 10
    const steady = setInterval(() => {
      response.write('x'.repeat(2000))
      if (--left === 0) {
        clearInterval(steady)
        response.end()
      }
    }, 20)
  })
  const response = await send(settings({ idleTimeout: 60, slowest: 1024 }), { url: `http://${server.host}/` })
  expect((await readBody(response, 1 << 20)).length).toBe(20_000)
  await server.stop()
})

test.each<[name: string, header: string, waits: (milliseconds: number) => boolean]>([
  ['seconds', '7', ms => ms === 7000],
  ['a date', new Date(Date.now() + 50_000).toUTCString(), ms => ms > 20_000 && ms <= 50_000],
  ['at most a minute', '86400', ms => ms === 60_000],
  ['nonsense: as without', 'soon', ms => ms <= 500],
])('Retry-After: %s', async (_, header, waits) => {
  const slept: number[] = []
  let asked = 0
  const server = await startHttp((_request, response) => {
    if (asked++ === 0) response.writeHead(429, { 'retry-after': header }).end()
    else response.end('ok')
  })
  const patient = settings({ sleep: async ms => void slept.push(ms), random: () => 1 })
  expect((await send(patient, { url: `http://${server.host}/` })).status).toBe(200)
  expect(slept).toHaveLength(1)
  expect(waits(slept[0]!)).toBe(true)
  await server.stop()
})

test('503 to the end is an answer; a request that may not be repeated is not', async () => {
  let asked = 0
  const server = await startHttp((_, response) => {
    asked++
    response.writeHead(503).end()
  })
  expect((await send(settings(), { url: `http://${server.host}/` })).status).toBe(503)
  expect(asked).toBe(4)
  await send(settings(), { url: `http://${server.host}/`, method: 'POST' })
  expect(asked).toBe(5)
  await server.stop()
})

test('headers that are secrets stay with their origin; a redirect on it keeps them', async () => {
  const seen: (string | undefined)[] = []
  const other = await startHttp((request, response) => {
    seen.push(request.headers.authorization, request.headers.cookie)
    response.end()
  })
  const server = await startHttp((request, response) => {
    if (request.url === '/1') return void response.writeHead(307, { location: '/2' }).end()
    seen.push(request.headers.authorization)
    response.writeHead(307, { location: `http://${other.host}/` }).end()
  })
  await send(settings(), {
    url: `http://${server.host}/1`,
    authorization: 'Bearer planted-secret',
    headers: { cookie: 'planted-secret' },
  })
  expect(seen).toEqual(['Bearer planted-secret', undefined, undefined])
  await Promise.all([server.stop(), other.stop()])
})

test('more than is allowed is not read', async () => {
  const server = await startHttp((_, response) => void response.end(Buffer.alloc(1000)))
  const response = await send(settings(), { url: `http://user:planted-secret@${server.host}/x?token=planted-secret` })
  const error = await readBody(response, 999).catch((thrown: Error) => thrown)
  expect((error as Error).message).toBe(`http://${server.host}/x answers with more than 999 bytes`)
  await server.stop()
})
