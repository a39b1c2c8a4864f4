/**
 * Label selectors as Kubernetes writes them: `a=b, c!=d, e in (f,g), h notin (i), j, !k, l>1` (labels.Parse of
 * k8s.io/apimachinery, which kyaml carries a copy of).
 */
import { DecapodError } from '../errors.ts'
import { quote } from '../go/strconv.ts'

type Operator = '=' | '==' | '!=' | 'in' | 'notin' | '>' | '<' | 'exists' | '!'

interface Requirement {
  readonly key: string
  readonly operator: Operator
  readonly values: readonly string[]
}

/** Parses a selector into a predicate over labels or annotations; KUSTOMIZATION_INVALID with Kubernetes' words. */
export function parseLabelSelector(text: string): (labels: ReadonlyMap<string, string>) => boolean {
  const requirements = new Parser(scan(text)).parse()
  return labels => requirements.every(r => matches(r, labels))
}

function matches({ key, operator, values }: Requirement, labels: ReadonlyMap<string, string>): boolean {
  const value = labels.get(key)
  switch (operator) {
    case '=':
    case '==':
    case 'in':
      return value !== undefined && values.includes(value)
    case '!=':
    case 'notin':
      return value === undefined || !values.includes(value)
    case 'exists':
      return value !== undefined
    case '!':
      return value === undefined
    default: {
      if (value === undefined || !integer.test(value)) return false
      const [number, limit] = [BigInt(value), BigInt(values[0]!)]
      return operator === '>' ? number > limit : number < limit
    }
  }
}

const integer = /^-?\d+$/

/** Symbols, words and the end (''). Two symbols that make one belong together: `==`, `!=`. */
function scan(text: string): string[] {
  const tokens = text.match(/==|!=|[=!(),<>]|[^\s=!(),<>]+/g) ?? []
  return [...tokens, '']
}

const symbols = new Set(['==', '!=', '=', '!', '(', ')', ',', '<', '>', ''])

class Parser {
  readonly #tokens: readonly string[]
  #at = 0

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens
  }

  parse(): Requirement[] {
    const requirements: Requirement[] = []
    while (this.#peek() !== '') {
      if (!this.#isWord() && this.#peek() !== '!') throw found(this.#peek(), "!, identifier, or 'end of string'")
      requirements.push(this.#requirement())
      const next = this.#take()
      if (next === '') return requirements
      if (next !== ',') throw found(next, "',' or 'end of string'")
      if (!this.#isWord() && this.#peek() !== '!') throw found(this.#peek(), "identifier after ','")
    }
    return requirements
  }

  #peek(): string {
    return this.#tokens[this.#at] ?? ''
  }

  #take(): string {
    const token = this.#peek()
    this.#at++
    return token
  }

  #isWord(): boolean {
    return !symbols.has(this.#peek())
  }

  #requirement(): Requirement {
    try {
      return this.#keyAndCondition()
    } catch (error) {
      throw invalid(`unable to parse requirement: ${(error as Error).message}`)
    }
  }

  #keyAndCondition(): Requirement {
    const isNot = this.#peek() === '!'
    if (isNot) this.#take()
    if (!this.#isWord()) throw found(this.#peek(), 'identifier')
    const key = this.#take()
    checkKey(key)
    const next = this.#peek()
    if (isNot) return { key, operator: '!', values: [] }
    if (next === '' || next === ',') return { key, operator: 'exists', values: [] }
    const operator = this.#take()
    switch (operator) {
      case '=':
      case '==':
      case '!=':
      case '<':
      case '>':
        return checkValues({ key, operator, values: [this.#value()] })
      case 'in':
      case 'notin':
        return checkValues({ key, operator, values: this.#values() })
    }
    throw found(operator, "'=', '!=', '==', 'in', notin'")
  }

  #value(): string {
    const next = this.#peek()
    if (next === '' || next === ',') return ''
    if (!this.#isWord()) throw found(next, 'identifier')
    return this.#take()
  }

  #values(): string[] {
    const open = this.#take()
    if (open !== '(') throw invalid(`found '${open}' expected: '('`)
    if (this.#peek() === ')') {
      this.#take()
      return ['']
    }
    const values: string[] = []
    for (;;) {
      values.push(this.#isWord() ? this.#take() : '')
      const next = this.#take()
      if (next === ')') return values
      if (next !== ',') throw found(next, "',' or ')'")
    }
  }
}

const nameRule =
  "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  " +
  "or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

/** A label key: an optional DNS prefix and a name (validation.IsQualifiedName). */
function checkKey(key: string): void {
  const parts = key.split('/')
  const name = parts.at(-1)!
  const problems: string[] = []
  if (parts.length > 2) {
    problems.push(
      `a qualified name must consist of ${nameRule} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    )
  } else {
    if (name === '') problems.push('name part must be non-empty')
    else if (name.length > 63) problems.push('name part must be no more than 63 characters')
    if (!/^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/.test(name)) {
      problems.push(`name part must consist of ${nameRule}`)
    }
  }
  if (problems.length > 0) throw invalid(`invalid label key ${quote(key)}: ${problems.join('; ')}`)
}

function checkValues(requirement: Requirement): Requirement {
  const { key, operator, values } = requirement
  if ((operator === '<' || operator === '>') && !/^[+-]?\d+$/.test(values[0]!)) {
    throw invalid("for 'Gt', 'Lt' operators, the value must be an integer")
  }
  for (const value of values) {
    const problem =
      value.length > 63
        ? 'must be no more than 63 characters'
        : /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value)
          ? undefined
          : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must " +
            "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used " +
            "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
    if (problem !== undefined) throw invalid(`invalid label value: ${quote(value)}: at key: ${quote(key)}: ${problem}`)
  }
  return requirement
}

function found(token: string, expected: string): DecapodError {
  return invalid(`found '${token}', expected: ${expected}`)
}

function invalid(message: string): DecapodError {
  return new DecapodError('KUSTOMIZATION_INVALID', message)
}
