/**
 * The one import of handlebars: strict (an unknown name is an error), without HTML escaping, and over plain data alone:
 * nothing that JavaScript's objects bring along can be named.
 */
import Handlebars from 'handlebars'
import { DecapodError, nearest, type Position } from './errors.ts'

/** Texts that a template may take in by name, `{{> name}}`, and the files they come from. */
export type Partials = ReadonlyMap<string, { readonly file: string; readonly text: string }>

/**
 * Fills in a text or workflow template. Beside handlebars' own `if`, `unless`, `each`, `with` and `lookup` there are
 * `eq` (both are the same text, number or boolean) and `json` (a value as JSON, which is YAML as well). Throws
 * DecapodError WORKFLOW_INVALID with the place in the template, or in the partial, where it is known.
 */
export function renderText(file: string, template: string, context: object, partials: Partials = new Map()): string {
  const engine = Handlebars.create()
  // It writes to the terminal; what is printed is the template alone.
  engine.unregisterHelper('log')
  engine.registerHelper('eq', (a: unknown, b: unknown) => a === b)
  engine.registerHelper('json', (value: unknown) => JSON.stringify(value))
  const sources: Source[] = [{ file, program: parse(engine, file, template) }]
  for (const [name, partial] of partials) {
    const program = parse(engine, partial.file, partial.text)
    sources.push({ file: partial.file, program })
    engine.registerPartial(name, partial.text)
  }
  for (const source of sources) check(source, [...partials.keys()])
  try {
    return engine.compile(template, options)(bare(context), access)
  } catch (error) {
    throw failure(error, sources, file)
  }
}

const options: CompileOptions = { noEscape: true, strict: true, preventIndent: true }
const access: Handlebars.RuntimeOptions = { allowProtoPropertiesByDefault: false, allowProtoMethodsByDefault: false }

type Engine = ReturnType<typeof Handlebars.create>

interface Source {
  readonly file: string
  readonly program: hbs.AST.Program
}

/**
 * Data without the prototype of objects, so that `constructor` is as unknown as any other name. What it says of itself
 * is how strict mode ends its message; fieldsOf reads it there.
 */
function bare(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(bare)
  if (typeof data !== 'object' || data === null) return data
  const fields = Object.keys(data)
  const copy = Object.create(Object.create(null, { toString: { value: () => JSON.stringify(fields) } })) as object
  for (const [key, value] of Object.entries(data)) {
    Object.defineProperty(copy, key, { value: bare(value), enumerable: true })
  }
  return copy
}

function parse(engine: Engine, file: string, text: string): hbs.AST.Program {
  try {
    return engine.parse(text)
  } catch (error) {
    const { message, lineNumber, column } = error as { message: string; lineNumber?: number; column?: number }
    const [, line = '', near = '', got = ''] =
      /^Parse error on line (\d+):\n(.*)\n-*\^\n.*got '(\w+)'/s.exec(message) ?? []
    const said =
      line === ''
        ? message.replace(/ - \d+:\d+$/, '')
        : got === 'EOF'
          ? 'the template ends within a block or an expression'
          : `the template cannot be read near "${near.trim()}"`
    const hint = got === 'EOF' ? 'each {{#…}} needs its {{/…}}' : undefined
    throw invalid(said, place(file, lineNumber ?? (line === '' ? undefined : Number(line)), column), hint, error)
  }
}

/** Mistakes that handlebars would find late and without their place. */
function check({ file, program }: Source, partials: readonly string[]): void {
  const known = new Set(partials)
  walk(program, node => {
    // `{{#*inline "name"}}` makes a partial of the template's own.
    if (node.type === 'DecoratorBlock') known.add(originalOf((node as hbs.AST.DecoratorBlock).params[0]))
  })
  walk(program, node => {
    if (isNode<hbs.AST.PartialStatement>(node, 'PartialStatement') && node.name.type === 'PathExpression') {
      const name = originalOf(node.name)
      if (known.has(name) || name === '@partial-block') return
      throw invalid(`there is no partial "${name}"`, start(file, node), suggestion(name, known, 'partials'))
    }
    if (!isNode<Call>(node, 'MustacheStatement', 'BlockStatement', 'SubExpression')) return
    const helper = originalOf(node.path)
    const wanted = argumentsOf.get(helper)
    if (notCalled.has(helper)) throw invalid(`there is no helper "${helper}"`, start(file, node))
    if (wanted === undefined || node.params.length === wanted) return
    throw invalid(`"${helper}" takes ${wanted === 1 ? 'one argument' : `${wanted} arguments`}`, start(file, node))
  })
}

/** What is there, but not for templates. */
const notCalled: ReadonlySet<string> = new Set(['log', 'helperMissing', 'blockHelperMissing'])

type Call = hbs.AST.MustacheStatement | hbs.AST.BlockStatement | hbs.AST.SubExpression

const argumentsOf: ReadonlyMap<string, number> = new Map([
  ['if', 1],
  ['unless', 1],
  ['each', 1],
  ['with', 1],
  ['lookup', 2],
  ['eq', 2],
  ['json', 1],
])

function isNode<T extends hbs.AST.Node>(node: hbs.AST.Node, ...types: T['type'][]): node is T {
  return types.includes(node.type)
}

/** The name a path or a literal has in the template; '' for what is worked out. */
function originalOf(expression: hbs.AST.Expression | undefined): string {
  const { original } = (expression ?? {}) as { original?: unknown }
  return original === undefined ? '' : String(original)
}

/** Visits every node of a template. */
function walk(node: unknown, visit: (node: hbs.AST.Node) => void): void {
  if (Array.isArray(node)) for (const item of node) walk(item, visit)
  else if (typeof node === 'object' && node !== null) {
    if (typeof (node as { type?: unknown }).type === 'string') visit(node as hbs.AST.Node)
    for (const [key, value] of Object.entries(node)) if (key !== 'loc') walk(value, visit)
  }
}

/** What went wrong while a template was filled in, with its place. */
function failure(error: unknown, sources: readonly Source[], file: string): DecapodError {
  const { message, lineNumber, column } = error as { message: string; lineNumber?: number; column?: number }
  const undefinedName = /^"(.*)" not defined in (.*?)(?: - \d+:\d+)?$/s.exec(message)
  const insideText = /^Cannot use 'in' operator to search for '(.*?)' in /s.exec(message)
  const name = undefinedName?.[1] ?? insideText?.[1]
  // A place alone does not say whose: the template's or a partial's.
  const uses = name === undefined ? [] : usesOf(name, sources)
  const at =
    uses.find(use => use.line === lineNumber && use.column === (column ?? 0) + 1) ??
    uses[0] ??
    place(file, lineNumber, column)
  if (insideText !== null)
    return invalid(`"${name}" is not defined: what stands before it is no map`, at, undefined, error)
  if (undefinedName === null) return invalid(message.replace(/ - \d+:\d+$/, ''), at, undefined, error)
  const fields = fieldsOf(undefinedName[2]!)
  const why = fields === undefined ? ': what stands before it is no map' : ''
  return invalid(`"${name}" is not defined${why}`, at, suggestion(name!, fields ?? [], 'names here'), error)
}

/** The names that could have been meant; see bare. */
function fieldsOf(text: string): string[] | undefined {
  return text.startsWith('[') && text.endsWith(']') ? (JSON.parse(text) as string[]) : undefined
}

/** Where paths of the templates have a name in them. */
function usesOf(name: string, sources: readonly Source[]): (Position & { readonly line: number })[] {
  const uses: (Position & { readonly line: number })[] = []
  for (const { file, program } of sources) {
    walk(program, node => {
      if (isNode<hbs.AST.PathExpression>(node, 'PathExpression') && node.parts.includes(name)) {
        uses.push({ file, line: node.loc.start.line, column: node.loc.start.column + 1 })
      }
    })
  }
  return uses
}

function suggestion(name: string, known: Iterable<string>, what: string): string | undefined {
  const names = [...known]
  const near = nearest(name, names)
  if (near !== undefined) return `did you mean "${near}"?`
  return names.length === 0 ? undefined : `${what}: ${names.slice(0, 12).join(', ')}${names.length > 12 ? ', …' : ''}`
}

function start(file: string, { loc }: hbs.AST.Node): Position {
  return place(file, loc.start.line, loc.start.column)
}

function place(file: string, line: number | undefined, column: number | undefined): Position {
  if (line === undefined) return { file }
  return column === undefined ? { file, line } : { file, line, column: column + 1 }
}

function invalid(message: string, at: Position, hint?: string, cause?: unknown): DecapodError {
  return new DecapodError('WORKFLOW_INVALID', message, { at, hint, cause })
}
