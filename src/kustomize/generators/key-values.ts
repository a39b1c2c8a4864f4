/** The pairs of configMapGenerator and secretGenerator: env files, literals, files (api/kv). */
import { Buffer } from 'node:buffer'
import { base } from '../../go/path.ts'
import { quote } from '../../go/strconv.ts'
import { isSpace } from '../../go/unicode.ts'
import { fromBytes } from '../../go/value.ts'
import { during, fail } from '../fail.ts'
import type { ConfigMapArgs } from '../kustomization.ts'
import type { Loader } from '../load.ts'

/** Every pair in order: env files, then literals, then files; a repeated key is an error. Values are bytes. */
export function readPairs(args: ConfigMapArgs, loader: Loader): Map<string, Uint8Array> {
  const { envs = [], literals = [], files = [] } = args
  const pairs = during('loading KV pairs', () => [
    ...during(`env source files: [${envs.join(' ')}]`, () => envs.flatMap(path => envPairs(path, loader))),
    ...during(`literal sources [${literals.join(' ')}]`, () => literals.map(literalPair)),
    ...during(`file sources: [${files.join(' ')}]`, () => files.map(source => filePair(source, loader))),
  ])
  const out = new Map<string, Uint8Array>()
  for (const [key, value] of pairs) {
    if (out.has(key)) {
      fail('KUSTOMIZATION_INVALID', `configmap ${args.name ?? ''} illegally repeats the key \`${key}\``)
    }
    out.set(key, value)
  }
  return out
}

type Pair = readonly [key: string, value: Uint8Array]

/** `key=value`; one pair of quotes around the value is taken off. */
function literalPair(source: string): Pair {
  const at = source.indexOf('=')
  if (at <= 0) fail('KUSTOMIZATION_INVALID', `invalid literal source ${source}, expected key=value`)
  const value = source.slice(at + 1)
  const quoted = value.length >= 2 && /^["']/.test(value) && value.at(-1) === value[0]
  return [source.slice(0, at), Buffer.from(quoted ? value.slice(1, -1) : value)]
}

/** `[key=]path`; the key is the file's name unless given. */
function filePair(source: string, loader: Loader): Pair {
  const parts = source.split('=')
  if (parts.length === 1) return [base(source), loader.read(source)]
  const [key = '', path = ''] = parts
  if (parts.length > 2) fail('KUSTOMIZATION_INVALID', `source ${quote(source)} key name or file path contains '='`)
  if (key === '') {
    fail('KUSTOMIZATION_INVALID', `missing key name for file path ${quote(path)} in source ${quote(source)}`)
  }
  if (path === '') {
    fail('KUSTOMIZATION_INVALID', `missing file path for key name ${quote(key)} in source ${quote(source)}`)
  }
  return [key, loader.read(path)]
}

/** A line of an env file beyond this length ends the reading, silently, as Go's bufio.Scanner does it. */
const maxLine = 64 * 1024

/** `KEY=value` lines; blank lines and comments are skipped, nothing is unquoted. */
function envPairs(path: string, loader: Loader): Pair[] {
  const bytes = Buffer.from(loader.read(path))
  const pairs: Pair[] = []
  for (let start = 0, number = 0; start < bytes.length; number++) {
    const newline = bytes.indexOf(10, start)
    const end = newline === -1 ? bytes.length : newline
    if (end - start >= maxLine) break
    const raw = bytes.subarray(start, end)
    const line = fromBytes(raw.at(-1) === 13 ? raw.subarray(0, -1) : raw)
    if (/[\udc80-\udcff]/.test(line.replace(/[\ud800-\udbff][\udc00-\udfff]/g, ''))) {
      fail('FILE_INVALID', `line ${number} has invalid utf8 bytes : ${line}`, {
        at: { file: loader.pathOf(path), line: number + 1 },
      })
    }
    const pair = envPair(number === 0 ? line.replace(/^\ufeff/, '') : line)
    if (pair !== undefined) pairs.push(pair)
    start = end + 1
  }
  return pairs
}

function envPair(line: string): Pair | undefined {
  let start = 0
  while (start < line.length && isSpace(line[start]!)) start++
  const text = line.slice(start)
  if (text === '' || text.startsWith('#')) return undefined
  const at = text.indexOf('=')
  if (at === 0) return undefined
  return at === -1 ? [text, Buffer.alloc(0)] : [text.slice(0, at), Buffer.from(text.slice(at + 1))]
}
