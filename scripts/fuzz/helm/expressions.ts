/**
 * Templates made by a seeded grammar: every function with arguments of right and wrong types, nil fields, pipelines,
 * control structures, named templates, tpl, printf formats. The same seed gives the same templates.
 */
import type { GoFunc } from '../../../src/go/value.ts'
import { helmFunctions } from '../../../src/helm/funcs.ts'
import { builtins } from '../../../src/template/funcs.ts'
import type { Question } from '../../../test/support/answer.ts'
import type { Random } from '../random.ts'

/** Functions whose answer differs from run to run in Go: random, time, or the order of a map. */
const unstable = new Set([
  ...['ago', 'now', 'date', 'htmlDate', 'shuffle', 'uuidv4', 'randInt', 'randBytes', 'randAlpha', 'randAlphaNum'],
  ...['randAscii', 'randNumeric', 'bcrypt', 'htpasswd', 'encryptAES', 'genPrivateKey', 'genCA', 'genCAWithKey'],
  ...['genSelfSignedCert', 'genSelfSignedCertWithKey', 'genSignedCert', 'genSignedCertWithKey', 'buildCustomCert'],
  ...['keys', 'values', 'env', 'expandenv', 'getHostByName', 'derivePassword', 'toDate', 'mustToDate'],
  // Their text holds addresses of memory, or a stack.
  ...[
    'dateInZone',
    'date_in_zone',
    'htmlDateInZone',
    'dateModify',
    'date_modify',
    'mustDateModify',
    'must_date_modify',
  ],
])

const strings = [
  ...['', 'a', 'abc', 'hello world', 'a-b_c.d', 'UPPER lower', 'true', 'false', 'null', '0', '007', '42', '-1', '3.14'],
  ...[
    '1e3',
    '0x1f',
    '1_000',
    '1.2.3',
    'v1.2.3-rc.1+b',
    '^1.2',
    '>=1.0 <2',
    'üñï',
    '日本語',
    '😀 é',
    'a\nb',
    'a: b',
    '{}',
    '[1]',
  ],
  ...['{"a":1}', 'a: 1\nb: [x, y]\n', '%d %s', '%', ' padded ', 'a,b,c', '"q"', "it's", '<b>&', '\t', '/a/b.c', '../x'],
  ...[
    'http://u:p@h:8080/p?q=1#f',
    '[a-c]+',
    '(a)(b)?',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a replacement of Go's regexp.
    '$1-${2}',
    '2h30m',
    '90',
    '1700000000',
    'YWJj',
    'MFRGG===',
    'sha256',
  ],
  ...[
    'a\\b',
    '<no value>',
    '{{ . }}',
    '{{ .Values.s }}',
    '{{',
    'k1',
    'k2',
    'x.y',
    '2006-01-02',
    'UTC',
    'some long text to wrap at words',
  ],
]

/** Every function of both majors, and those that are bound to a render, which take what print takes. */
const functions: ReadonlyMap<string, GoFunc> = new Map([
  ...['include', 'tpl', 'required', 'fail', 'lookup'].map(name => [name, builtins.get('print')!] as const),
  ...builtins,
  ...helmFunctions(4, {}),
])
const names = [...functions.keys()].filter(name => !unstable.has(name)).sort()

/** A template with its data and files. */
export function expressionCase(random: Random): Question {
  return new Expression(random).question()
}

class Expression {
  private readonly random: Random
  private readonly names: readonly string[] = names
  private readonly funcs: ReadonlyMap<string, GoFunc> = functions
  /** Variables in scope. */
  private vars: string[] = []
  private defines: string[] = []

  constructor(random: Random) {
    this.random = random
  }

  question(): Question {
    const kind = this.random.next()
    const template = kind < 0.55 ? this.single() : kind < 0.65 ? this.printf() : this.document()
    const files: Record<string, string> = {}
    if (this.defines.length > 0) files['templates/_h.tpl'] = this.defines.join('')
    return { kind: 'template', template, data: this.data(), files }
  }

  private int(n: number): number {
    return this.random.below(n)
  }

  private pick<T>(items: readonly T[]): T {
    return this.random.pick(items)
  }

  private chance(p: number): boolean {
    return this.random.chance(p)
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Data

  private data(): Record<string, unknown> {
    const data: Record<string, unknown> = {
      s: this.pick(strings),
      t: this.pick(strings),
      n: this.number(),
      i: { $int64: String(this.int(300) - 20) },
      b: this.chance(0.5),
      nil: null,
      l: Array.from({ length: this.int(4) }, () => this.scalar()),
      ls: Array.from({ length: this.int(4) }, () => this.pick(strings)),
      m: this.object(1),
      mm: { k1: this.object(1), k2: this.chance(0.5) ? null : this.object(1) },
      lm: Array.from({ length: this.int(3) }, () => this.object(0)),
    }
    if (this.chance(0.1)) data['__proto__x'] = 'p'
    if (this.chance(0.1)) data['constructor'] = 'c'
    return data
  }

  private scalar(): unknown {
    switch (this.int(7)) {
      case 0:
        return null
      case 1:
        return this.number()
      case 2:
        return this.chance(0.5)
      case 3:
        return { $int64: String(this.int(100)) }
      default:
        return this.pick(strings)
    }
  }

  private object(depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {}
    for (const key of ['k1', 'k2', 'a', 'B', 'z9', 'x.y', 'constructor'].slice(0, this.int(8))) {
      out[key] =
        depth > 0 && this.chance(0.3)
          ? this.chance(0.5)
            ? this.object(depth - 1)
            : [this.scalar(), this.scalar()]
          : this.scalar()
    }
    return out
  }

  private number(): number {
    return this.pick([0, 1, 2, 3, 5, -1, 10, 80, 1.5, -2.5, 0.1, 1e6, 123456789, 1e21, 1e-7, 100000.5, 63, 4096])
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Expressions

  /** One call of one function, its result shown in one of several ways. */
  private single(): string {
    const name = this.pick(this.names)
    const call = this.call(name, 1)
    switch (this.int(6)) {
      case 0:
        return `{{ ${call} }}`
      case 1:
        return `[{{ ${call} | quote }}]`
      case 2:
        return `{{ printf "%v %T" (${call}) (${call}) }}`
      case 3:
        return `{{ ${call} | toJson }}`
      case 4:
        return `{{ $r := ${call} }}{{ kindOf $r }} {{ $r }}{{ if $r }} true{{ end }}`
      default:
        return `a\n  {{- ${call} | toYaml | nindent 2 -}} \n b`
    }
  }

  /** A call with arguments: of the right types mostly, of the right count nearly always; perhaps the last one piped. */
  private call(name: string, depth: number): string {
    const { params, variadic } = this.funcs.get(name)!.signature
    let count = params.length
    if (variadic) count += this.int(4) - 1
    if (this.chance(0.03)) count += this.chance(0.5) ? 1 : -1
    count = Math.max(0, count)
    const args = Array.from({ length: count }, (_, i) =>
      this.argument(params[Math.min(i, params.length - 1)] ?? 'any', depth, name),
    )
    if (count > 0 && this.chance(0.3)) {
      const last = args.pop()!
      // A literal may not stand at a later stage, but may well be the first.
      return `${last} | ${[name, ...args].join(' ')}`
    }
    return [name, ...args].join(' ')
  }

  /** An operand: a literal, field or variable, or a call in parentheses. */
  private argument(type: string, depth: number, forFunction: string): string {
    const wanted = this.chance(0.06) ? this.pick(['string', 'int', 'float64', 'bool', 'dict', '[]any', 'nil']) : type
    if (depth > 0 && this.chance(0.2)) return `(${this.call(this.pick(this.names), depth - 1)})`
    switch (wanted) {
      case 'string':
        return this.stringOperand(forFunction)
      case 'int':
      case 'int64':
      case 'uint32':
        return this.pick([
          '0',
          '1',
          '2',
          '3',
          '5',
          '8',
          '63',
          '-1',
          '0x10',
          '010',
          '1_0',
          "'a'",
          '(int .Values.n)',
          '.Values.i',
          '(len .Values.l)',
        ])
      case 'float64':
        return this.pick(['1.5', '0', '-2.5', '1e3', '.Values.n', '(float64 .Values.i)', '0.0'])
      case 'bool':
        return this.pick(['true', 'false', '.Values.b', '(not .Values.s)', '(eq 1 1)'])
      case 'dict':
      case 'strmap':
        return this.pick([
          '.Values',
          '.Values.m',
          '.Values.mm',
          '.Values.mm.k1',
          '(dict "a" 1 "b" .Values.s)',
          '(dict)',
          '.Values.none',
          'nil',
        ])
      case '[]any':
      case '[]string':
        return this.pick([
          '.Values.l',
          '.Values.ls',
          '(list 1 "a" nil)',
          '(list)',
          '(splitList "," "a,b")',
          '.Values.none',
          'nil',
        ])
      case 'time':
        return '(toDate "2006-01-02" "2020-01-02")'
      case 'nil':
        return this.pick(['nil', '.Values.nil', '.Values.none', '.Values.m.none'])
      default:
        return this.anyOperand(forFunction)
    }
  }

  private stringOperand(forFunction: string): string {
    // Formats of printf are a subject of their own.
    if (forFunction === 'printf') return JSON.stringify(this.format())
    if (this.chance(0.4))
      return this.pick(['.Values.s', '.Values.t', '.Values.m.k1', '$.Values.s', '.Release.Name', '.Chart.Name'])
    const text = this.pick(strings)
    return this.chance(0.2) && !text.includes('`') ? `\`${text}\`` : quoted(text)
  }

  private anyOperand(forFunction: string): string {
    switch (this.int(12)) {
      case 0:
        return this.argument('int', 0, forFunction)
      case 1:
        return this.pick(['1.5', '0.1', '1e6', '3.0', '1e-7', '1e21'])
      case 2:
        return this.argument('bool', 0, forFunction)
      case 3:
        return this.argument('dict', 0, forFunction)
      case 4:
        return this.argument('[]any', 0, forFunction)
      case 5:
        return this.argument('nil', 0, forFunction)
      case 6:
        return this.pick([
          '.',
          '.Values',
          '$',
          '.Release',
          '.Values.lm',
          '.Values.mm',
          '.Values.l',
          '.Values.n',
          '.Values.i',
          '.Values.b',
        ])
      case 7:
        return this.vars.length > 0 ? this.pick(this.vars) : '.Values.n'
      case 8:
        return this.pick([
          '.Values.mm.k2.a',
          '.Values.m.a',
          '.Values.none.x',
          '(.Values.none).x',
          '.Values.s.x',
          '.Values.l.x',
          '.Values.m.constructor',
        ])
      default:
        return this.stringOperand(forFunction === 'printf' ? '' : forFunction)
    }
  }

  // -------------------------------------------------------------------------------------------------------------------
  // printf

  private format(): string {
    let out = ''
    for (let i = this.int(3); i >= 0; i--) {
      out += this.pick(['', 'x', ' ', '%%', '-'])
      out += '%'
      if (this.chance(0.3)) out += this.pick(['-', '+', '#', '0', ' ', '+#', '-0'])
      if (this.chance(0.1)) out += this.pick(['[1]', '[2]', '[9]', '[x]', '['])
      if (this.chance(0.3)) out += this.pick(['1', '5', '8', '*', '20'])
      if (this.chance(0.2)) out += this.pick(['.', '.0', '.2', '.5', '.*', '.3'])
      out += this.pick([
        's',
        'd',
        'v',
        'q',
        'x',
        'X',
        't',
        'T',
        'f',
        'e',
        'g',
        'G',
        'E',
        'c',
        'U',
        'b',
        'o',
        'O',
        'z',
        '!',
        'w',
        'F',
      ])
    }
    return out
  }

  private printf(): string {
    const args = Array.from({ length: this.int(4) }, () => this.anyOperand('printf'))
    return `[{{ printf ${JSON.stringify(this.format())} ${args.join(' ')} }}]`
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Documents

  /** Text with control structures, variables and named templates. */
  private document(): string {
    let out = ''
    for (let i = this.int(4); i >= 0; i--) out += this.element(2)
    return out
  }

  private open(): string {
    return this.chance(0.3) ? '{{- ' : '{{ '
  }

  private close(): string {
    return this.chance(0.3) ? ' -}}' : ' }}'
  }

  private action(inner: string): string {
    return this.open() + inner + this.close()
  }

  private text(): string {
    return this.pick(['', 'a', ' b ', '\n', '\n  c: ', 'ü', '  ', '}}', '{', 'x\n\n'])
  }

  private pipeline(depth: number): string {
    let out = this.chance(0.6) ? this.anyOperand('') : this.call(this.pick(this.names), depth)
    while (this.chance(0.25)) {
      const name = this.pick(this.names)
      const { params } = this.funcs.get(name)!.signature
      const args = params.slice(0, -1).map(type => this.argument(type, depth - 1, name))
      out += ` | ${[name, ...args].join(' ')}`
    }
    return out
  }

  private element(depth: number): string {
    const text = this.text()
    if (depth === 0) return text + this.action(this.pipeline(1)) + this.text()
    const scope = [...this.vars]
    const body = (): string => {
      let out = ''
      for (let i = this.int(2); i >= 0; i--) out += this.element(depth - 1)
      return out
    }
    const otherwise = (keyword: string): string => {
      if (this.chance(0.5)) return ''
      if (this.chance(0.3)) return this.action(`else ${keyword} ${this.pipeline(1)}`) + body()
      return this.action('else') + body()
    }
    let out = text
    switch (this.int(9)) {
      case 0:
      case 1:
        out += this.action(`if ${this.pipeline(1)}`) + body() + otherwise('if') + this.action('end')
        this.vars = scope
        break
      case 2:
        out +=
          this.action(`with ${this.pipeline(1)}`) + this.action('.') + body() + otherwise('with') + this.action('end')
        this.vars = scope
        break
      case 3: {
        const over = this.chance(0.7)
          ? this.pick([
              '.Values.l',
              '.Values.ls',
              '.Values.m',
              '.Values.mm',
              '.Values.lm',
              '.Values.none',
              '3',
              '(until 3)',
              '.Values.n',
              '.Values.s',
              '(int .Values.i)',
              '(dict "b" 1 "a" nil)',
            ])
          : this.pipeline(1)
        const head = this.pick(['', '$v := ', '$k, $v := '])
        if (head !== '') this.vars.push('$v')
        if (head.startsWith('$k')) this.vars.push('$k')
        const leave = this.chance(0.15)
          ? this.action(`if ${this.anyOperand('')}`) +
            this.action(this.pick(['break', 'continue'])) +
            this.action('end')
          : ''
        const inner = this.action(this.pick(['.', '.a', '.k1', '$.Values.s']))
        out += this.action(`range ${head}${over}`) + inner + leave + body()
        this.vars = scope
        out += (this.chance(0.3) ? this.action('else') + 'none' : '') + this.action('end')
        break
      }
      case 4: {
        const name = this.pick(['$x', '$y', '$v'])
        out += this.action(`${name} ${this.vars.includes(name) && this.chance(0.5) ? '=' : ':='} ${this.pipeline(1)}`)
        this.vars.push(name)
        out += this.action(name)
        break
      }
      case 5: {
        const name = `h${this.defines.length}`
        // What stands in a define sees no variables from here.
        this.vars = []
        const inner = this.element(0)
        this.vars = scope
        this.defines.push(`{{ define "${name}" }}${inner}{{ end }}\n`)
        const data = this.pick(['.', '.Values', '.Values.m', 'nil', '(dict "Values" .Values)', '$'])
        out += this.chance(0.7)
          ? this.action(`include "${name}" ${data} | nindent 2`)
          : this.action(`template "${name}" ${data === 'nil' ? '' : data}`)
        break
      }
      case 6: {
        this.vars = []
        const inner = this.element(0).replace(/`/g, "'")
        this.vars = scope
        out += this.action(`tpl \`${inner}\` ${this.pick(['.', '$', '.Values'])}`)
        break
      }
      default:
        out += this.action(this.pipeline(1))
    }
    return out + this.text()
  }
}

/** A Go string literal. */
function quoted(text: string): string {
  return JSON.stringify(text)
}
