/**
 * Label selectors: `app=web,tier in (a,b),!canary` (k8s.io/apimachinery/pkg/labels). Kustomize selects by labels and by
 * annotations with it.
 */
import { DecapodError } from '../errors.ts'

/** Whether a set of labels is selected. */
export type LabelSelector = (labels: ReadonlyMap<string, string>) => boolean

const everything: LabelSelector = () => true

/** Reads a selector; an empty one selects everything. FILE_INVALID with Kubernetes' words where it cannot be read. */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.trim() === '') return everything
  const requirements = new Parser(text).parse()
  return labels => requirements.every(requirement => requirement(labels))
}

type Operator = '=' | '==' | '!=' | '>' | '<' | 'in' | 'notin'
type Token = { readonly kind: 'word' | 'symbol' | 'end' | 'bad'; readonly text: string }

function fail(message: string): never {
  throw new DecapodError('FILE_INVALID', message, {
    hint: 'a selector is a list such as app=web,tier in (a,b),!canary; a key alone asks whether it is there',
  })
}

class Parser {
  readonly tokens: readonly Token[]
  at = 0

  constructor(text: string) {
    this.tokens = scan(text)
  }

  parse(): LabelSelector[] {
    const out: LabelSelector[] = []
    for (;;) {
      const token = this.#peek()
      if (token.kind === 'end') return out
      if (token.kind !== 'word' && token.text !== '!') {
        fail(`found '${token.text}', expected: !, identifier, or 'end of string'`)
      }
      try {
        out.push(this.#requirement())
      } catch (error) {
        if (error instanceof DecapodError) fail(`unable to parse requirement: ${error.message}`)
        throw error
      }
      const after = this.#next()
      if (after.kind === 'end') return out
      if (after.text !== ',') fail(`found '${after.text}', expected: ',' or 'end of string'`)
      const then = this.#peek()
      if (then.kind !== 'word' && then.text !== '!') fail(`found '${then.text}', expected: identifier after ','`)
    }
  }

  #peek(): Token {
    return this.tokens[this.at]!
  }

  #next(): Token {
    return this.tokens[this.at++] ?? end
  }

  // requirement:
  //
  //	["!"] KEY
  //	KEY ("=" | "==" | "!=" | "<" | ">") VALUE
  //	KEY ("in" | "notin") "(" VALUES ")"
  #requirement(): LabelSelector {
    let token = this.#next()
    const not = token.text === '!' && token.kind === 'symbol'
    if (not) token = this.#next()
    if (token.kind !== 'word') fail(`found '${token.text}', expected: identifier`)
    const key = token.text
    checkKey(key)
    const after = this.#peek()
    if (after.kind === 'end' || after.text === ',') return labels => labels.has(key) !== not
    const operator = this.#operator()
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#value()]
    for (const value of values) checkValue(key, value)
    return compare(key, operator, values)
  }

  #operator(): Operator {
    const { text } = this.#next()
    if (/^(?:=|==|!=|>|<|in|notin)$/.test(text)) return text as Operator
    return fail(`found '${text}', expected: '=', '!=', '==', 'in', notin'`)
  }

  #value(): string {
    const token = this.#peek()
    if (token.kind === 'end' || token.text === ',') return ''
    this.at++
    if (token.kind !== 'word') fail(`found '${token.text}', expected: identifier`)
    return token.text
  }

  /** The values between parentheses; an empty place among them is the empty value. */
  #values(): string[] {
    const open = this.#next()
    if (open.text !== '(') fail(`found '${open.text}' expected: '('`)
    const out = new Set<string>()
    let expectValue = true
    for (;;) {
      const token = this.#next()
      if (token.kind === 'word') {
        if (!expectValue) fail(`found '${token.text}', expected: ',' or ')'`)
        out.add(token.text)
        expectValue = false
      } else if (token.text === ',' || token.text === ')') {
        if (expectValue) out.add('')
        if (token.text === ')') return [...out]
        expectValue = true
      } else fail(`found '${token.text}', expected: ',', or identifier`)
    }
  }
}

function compare(key: string, operator: Operator, values: readonly string[]): LabelSelector {
  if (operator === '>' || operator === '<') {
    const limit = toInteger(values[0]!)
    if (limit === undefined) fail("for 'Gt', 'Lt' operators, the value must be an integer")
    return labels => {
      const value = toInteger(labels.get(key) ?? '')
      return value !== undefined && (operator === '>' ? value > limit : value < limit)
    }
  }
  const wanted = new Set(values)
  if (operator === '!=' || operator === 'notin') return labels => !labels.has(key) || !wanted.has(labels.get(key)!)
  return labels => labels.has(key) && wanted.has(labels.get(key)!)
}

function toInteger(text: string): bigint | undefined {
  if (!/^[-+]?\d+$/.test(text)) return undefined
  const value = BigInt(text.replace('+', ''))
  return BigInt.asIntN(64, value) === value ? value : undefined
}

const end: Token = { kind: 'end', text: '' }
const symbols = new Set(['=', '==', '!=', '!', '(', ')', ',', '>', '<'])

function scan(text: string): Token[] {
  const out: Token[] = []
  const pattern = /[ \t\r\n]+|([=!(),<>]+)|([^ \t\r\n=!(),<>]+)/g
  for (const [, run, word] of text.matchAll(pattern)) {
    if (word !== undefined) out.push({ kind: 'word', text: word })
    else if (run !== undefined) scanSymbols(run, out)
  }
  out.push(end)
  return out
}

/** Splits a run of special characters, the longest symbol first. */
function scanSymbols(run: string, out: Token[]): void {
  for (let at = 0; at < run.length; ) {
    const two = run.slice(at, at + 2)
    const symbol = two.length === 2 && symbols.has(two) ? two : run[at]!
    out.push({ kind: symbols.has(symbol) ? 'symbol' : 'bad', text: symbol })
    at += symbol.length
  }
}

const namePart = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/
const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/
const valuePart = /^(?:(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/

/** A qualified name: an optional DNS subdomain, a slash and a name of at most 63 characters. */
function checkKey(key: string): void {
  const parts = key.split('/')
  const name = parts.at(-1)!
  const prefix = parts.length === 2 ? parts[0]! : undefined
  const good =
    parts.length <= 2 &&
    name.length <= 63 &&
    namePart.test(name) &&
    (prefix === undefined || (prefix.length <= 253 && subdomain.test(prefix)))
  if (!good) fail(`invalid label key ${JSON.stringify(key)}`)
}

function checkValue(key: string, value: string): void {
  if (value.length > 63 || !valuePart.test(value)) {
    fail(`invalid label value: ${JSON.stringify(value)}: at key: ${JSON.stringify(key)}`)
  }
}
