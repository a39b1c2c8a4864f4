import { expect, test } from 'vitest'
import { formatUrl, hostname, parseUrl } from '../../src/go/url.ts'
import { GoError } from '../../src/go/value.ts'

const failure = (work: () => unknown): string => {
  try {
    return `no error: ${String(work())}`
  } catch (error) {
    if (error instanceof GoError) return error.message
    throw error
  }
}

test.each<[text: string, want: object]>([
  [
    'http://u:p%20w@h:80/a%2Fb?q=1#f%20g',
    { scheme: 'http', host: 'h:80', path: '/a/b', query: 'q=1', fragment: 'f g', user: { name: 'u', password: 'p w' } },
  ],
  ['HTTP://H', { scheme: 'http', host: 'H', path: '' }],
  ['mailto:a@b', { scheme: 'mailto', opaque: 'a@b' }],
  ['//h/p', { scheme: '', host: 'h', path: '/p' }],
  ['/p?', { path: '/p', query: '', forceQuery: true }],
  ['http://[::1]:8080', { host: '[::1]:8080' }],
  ['', { scheme: '', host: '', path: '' }],
])('%s', (text, want) => expect(parseUrl(text)).toMatchObject(want))

test.each<[text: string, error: string]>([
  [':x', 'parse ":x": missing protocol scheme'],
  ['http://h/%zz', 'parse "http://h/%zz": invalid URL escape "%zz"'],
  ['http://h:x', 'parse "http://h:x": invalid port ":x" after host'],
  ['http://[::1', 'parse "http://[::1": missing \']\' in host'],
  ['http://a b', 'parse "http://a b": invalid character " " in host name'],
  ['1x://h', 'parse "1x://h": first path segment in URL cannot contain colon'],
])('%s', (text, error) => expect(failure(() => parseUrl(text))).toBe(error))

test.each(['http://u:p@h/a?b#c', 'mailto:a@b', 'file:///x', '/a%20b', 'http://h?'])(
  '%s is written as it was read',
  text => {
    expect(formatUrl(parseUrl(text))).toBe(text)
  },
)

test('a host without its port', () => {
  expect(hostname(parseUrl('http://[fe80::1]:80'))).toBe('fe80::1')
  expect(hostname(parseUrl('http://h:80'))).toBe('h')
})
