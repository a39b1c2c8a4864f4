import { expect, test } from 'vitest'
import { proxyFor } from '../../src/io/proxy.ts'

const proxy = { HTTPS_PROXY: 'http://proxy:3128', HTTP_PROXY: 'proxy:8080' }

test.each<[name: string, url: string, env: Record<string, string>, want: string | undefined]>([
  ['https', 'https://charts.example.com/x', proxy, 'http://proxy:3128/'],
  ['http, a proxy without scheme', 'http://charts.example.com/x', proxy, 'http://proxy:8080/'],
  ['lower case', 'https://a.example', { https_proxy: 'http://p:1' }, 'http://p:1/'],
  ['none', 'https://a.example', {}, undefined],
  // golang.org/x/net/http/httpproxy: loopback is never proxied
  ['localhost', 'https://localhost:5000', proxy, undefined],
  ['loopback', 'https://127.0.0.2', proxy, undefined],
  ['loopback, IPv6', 'https://[::1]:5000', proxy, undefined],
  ['a domain with its subdomains', 'https://a.example.com', { ...proxy, NO_PROXY: 'example.com' }, undefined],
  ['the domain itself', 'https://example.com', { ...proxy, NO_PROXY: 'example.com' }, undefined],
  ['not what only ends so', 'https://badexample.com', { ...proxy, NO_PROXY: 'example.com' }, 'http://proxy:3128/'],
  [
    'a leading dot: subdomains only',
    'https://example.com',
    { ...proxy, NO_PROXY: '.example.com' },
    'http://proxy:3128/',
  ],
  ['a leading dot', 'https://a.example.com', { ...proxy, NO_PROXY: '.example.com' }, undefined],
  ['a star', 'https://a.example.com', { ...proxy, NO_PROXY: '*.example.com' }, undefined],
  ['everything', 'https://a.example.com', { ...proxy, NO_PROXY: 'x, *' }, undefined],
  ['with its port', 'https://a.example:8443', { ...proxy, NO_PROXY: 'a.example:8443' }, undefined],
  ['another port', 'https://a.example', { ...proxy, NO_PROXY: 'a.example:8443' }, 'http://proxy:3128/'],
  ['an address', 'https://10.1.2.3', { ...proxy, NO_PROXY: '10.1.2.3' }, undefined],
  ['a range', 'https://10.1.2.3', { ...proxy, NO_PROXY: '10.0.0.0/8' }, undefined],
  ['outside of the range', 'https://11.1.2.3', { ...proxy, NO_PROXY: '10.0.0.0/8' }, 'http://proxy:3128/'],
  ['a range of IPv6', 'https://[fd00::5]', { ...proxy, NO_PROXY: 'fd00::/8' }, undefined],
])('%s', (_, url, env, want) => expect(proxyFor(new URL(url), env)?.href).toBe(want))
