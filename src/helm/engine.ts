/**
 * Executes the templates of a chart (Helm's pkg/engine/engine.go): all are parsed into one namespace, then every file
 * that is no partial is executed, with Helm's own functions bound to the render.
 */
import { DecapodError } from '../errors.ts'
import { metered } from '../go/extent.ts'
import { base } from '../go/path.ts'
import { quote } from '../go/strconv.ts'
import { compareStrings, fn, fromBytes, GoError, type GoFunc, GoMap, type GoValue } from '../go/value.ts'
import { TextCache } from '../template/cache.ts'
import { TemplateUserError, WrappedGoError } from '../template/errors.ts'
import { type ExecLimits, Execution, type FunctionLookup } from '../template/exec.ts'
import { builtins } from '../template/funcs.ts'
import type { ParsedText } from '../template/parse.ts'
import { TemplateSet } from '../template/template.ts'
import { templateFailure } from './error-text.ts'
import { type Meter, priced } from './prices.ts'
import type { Semantics } from './semantics.ts'

/** The bytes of a template. The object is the key under which its parsed form is kept: charts share it. */
export interface TemplateSource {
  readonly data: Uint8Array
}

export interface TemplateFile {
  /** The template's name: the path from the root chart, "parent/charts/sub/templates/x.yaml". */
  readonly name: string
  readonly source: TemplateSource
  /** What the template sees as dot; one object for all files of a chart. `Template` in it is overwritten. */
  readonly values: Map<string, GoValue>
  /** `.Template.BasePath`: the chart's templates directory. */
  readonly basePath: string
}

/** What a template may ask of the world; nothing by default. */
export interface EnginePorts {
  /** `lookup`: an object of the cluster, or a list when the name is "". */
  readonly lookup?: (apiVersion: string, kind: string, namespace: string, name: string) => GoValue
  /** `getHostByName`, of --enable-dns. */
  readonly hostByName?: (name: string) => string
  /** Milliseconds this process has worked so far, for the limit of time; without it, steps alone are counted. */
  readonly clock?: () => number
  /** How much the templates of a chart may take, where that is not as much as by default. */
  readonly limits?: Partial<ExecLimits>
}

export interface EngineOptions {
  readonly semantics: Semantics
  /** Sprig's functions and Helm's; names and signatures must depend on the semantics alone. */
  readonly functions: ReadonlyMap<string, GoFunc>
  readonly ports?: EnginePorts
  /** --strict: a missing key is an error. */
  readonly strict?: boolean
  readonly limits?: Partial<ExecLimits>
}

/** An include may call itself this often (recursionMaxNums). */
const maxNestedIncludes = 1000

const rootName = 'gotpl'

/**
 * Renders templates; gives the text of each that is no partial by its name, in the order of execution.
 * Throws TemplateFailure (a DecapodError), from which `helmErrorText` makes Helm's words.
 */
export function renderTemplates(files: readonly TemplateFile[], options: EngineOptions): Map<string, string> {
  const templates = new TemplateSet()
  const functions = new Functions(options)
  const ex = new Execution(functions, templates, {
    limits: options.ports?.limits,
    ...options,
    clock: options.ports?.clock,
  })
  functions.bindTo(ex)
  return metered(
    parts => ex.spend(parts),
    () => renderAll(inOrder(files), ex, templates, functions, options),
  )
}

function renderAll(
  ordered: readonly TemplateFile[],
  ex: Execution,
  templates: TemplateSet,
  functions: Functions,
  options: EngineOptions,
): Map<string, string> {
  for (const { name, source } of ordered) {
    try {
      templates.add(name, parsedFile(name, source, options.semantics, functions.has))
    } catch (error) {
      throw templateFailure(name, error)
    }
  }
  const rendered = new Map<string, string>()
  let written = 0
  const { type } = valuesType(options.semantics)
  for (const { name, values, basePath } of ordered) {
    if (base(name).startsWith('_')) continue
    values.set(
      'Template',
      new GoMap(type, 'interface {}', [
        ['Name', name],
        ['BasePath', basePath],
      ]),
    )
    const template = templates.lookup(name)!
    try {
      const text = withoutNoValue(ex.run(template, values))
      rendered.set(name, text)
      if ((written += text.length) > ex.limits.output) throw ex.tooMuchOutput({ at: { file: name } })
    } catch (error) {
      throw templateFailure(name, error)
    }
  }
  return rendered
}

/** Go's name of the type of `.Values`. */
export function valuesType(semantics: Semantics): { readonly type: string } {
  return { type: semantics === 4 ? 'common.Values' : 'chartutil.Values' }
}

/** Deeper files first, so that a parent's definitions replace those of its subcharts. */
function inOrder(files: readonly TemplateFile[]): TemplateFile[] {
  const known = files.map(file => ({ file, depth: file.name.split('/').length }))
  known.sort((a, b) => b.depth - a.depth || compareStrings(b.file.name, a.file.name))
  return known.map(({ file }) => file)
}

/** What Go prints for nothing must not reach a manifest. */
function withoutNoValue(text: string): string {
  // Few texts have the short piece, which is found several times as fast.
  return text.includes('<no ') ? text.replaceAll('<no value>', '') : text
}

// ---------------------------------------------------------------------------------------------------------------------
// Parsed templates

/** By semantics, since the functions differ: the texts of charts and those given to tpl. */
const chartTexts: Readonly<Record<Semantics, TextCache>> = { 3: new TextCache(9e6), 4: new TextCache(9e6) }
const tplTexts: Readonly<Record<Semantics, TextCache>> = { 3: new TextCache(1e6), 4: new TextCache(1e6) }

/** The text of a file, decoded once: the key of its parsed form, and the same string for files of the same content. */
const sourceTexts = new WeakMap<TemplateSource, string>()

function parsedFile(
  name: string,
  source: TemplateSource,
  semantics: Semantics,
  hasFunction: (name: string) => boolean,
): ParsedText {
  const known = sourceTexts.get(source)
  const parsed = chartTexts[semantics].parse(name, known ?? fromBytes(source.data), hasFunction)
  if (known !== parsed.text) sourceTexts.set(source, parsed.text)
  return parsed
}

// ---------------------------------------------------------------------------------------------------------------------
// Functions bound to the render

/** Templates see no environment. */
const hidden: ReadonlySet<string> = new Set(['env', 'expandenv'])

/**
 * The functions of a render: Helm's own over sprig's over text/template's. A release calls few of them, so each is bound
 * to the render when it is first asked for.
 */
class Functions implements FunctionLookup {
  readonly #given: ReadonlyMap<string, GoFunc>
  readonly #options: EngineOptions
  readonly #bound = new Map<string, GoFunc>()
  #meter: Meter | undefined

  constructor(options: EngineOptions) {
    this.#given = options.functions
    this.#options = options
  }

  /** What the render is; until then nothing is called. */
  bindTo(ex: Execution): void {
    this.#meter = ex
    bindOwn(ex, this.#bound, this.has, this.#options)
  }

  readonly has = (name: string): boolean => {
    if (this.#bound.has(name)) return true
    return !hidden.has(name) && (this.#given.has(name) || builtins.has(name))
  }

  get(name: string): GoFunc | undefined {
    const known = this.#bound.get(name)
    if (known !== undefined || hidden.has(name)) return known
    const given = this.#given.get(name) ?? builtins.get(name)
    if (given === undefined || this.#meter === undefined) return given
    const bound = priced(name, given, this.#meter)
    this.#bound.set(name, bound)
    return bound
  }
}

/** Steps of parsing a text: its actions are what takes long. */
function priceOfParsing(text: string): number {
  let actions = 0
  for (let at = text.indexOf('{{'); at !== -1; at = text.indexOf('{{', at + 2)) actions++
  return (text.length >> 2) + actions * 120
}

/** Helm's functions that need the render. */
function bindOwn(
  ex: Execution,
  functions: Map<string, GoFunc>,
  hasFunction: (name: string) => boolean,
  { semantics, ports = {} }: EngineOptions,
): void {
  /** How often each name is being included at this moment. */
  const nested = new Map<string, { count: number }>()

  functions.set(
    'include',
    fn('(string, any) (string, error)', (name: string, data: GoValue) => {
      let inclusions = nested.get(name)
      if (inclusions === undefined) nested.set(name, (inclusions = { count: 0 }))
      if (inclusions.count > maxNestedIncludes) {
        const reason = `rendering template has a nested reference name: ${name}`
        throw new WrappedGoError(reason, new GoError('unable to execute template'))
      }
      const template = ex.templates.lookup(name)
      if (template === undefined) {
        throw new GoError(`template: no template ${quote(name)} associated with template ${quote(rootName)}`)
      }
      inclusions.count++
      const text = ex.run(template, data)
      inclusions.count--
      return text
    }),
  )

  functions.set(
    'tpl',
    fn('(string, any) (string, error)', (text: string, data: GoValue) => {
      if (!text.includes('{{')) return withoutNoValue(text)
      ex.spend(priceOfParsing(text))
      let parsed: ParsedText
      try {
        parsed = tplTexts[semantics].parse(rootName, text, hasFunction)
      } catch (error) {
        throw wrapped(() => `cannot parse template ${quote(text)}`, error)
      }
      // Definitions in the text are seen by what it includes, and by nothing else.
      const outer = ex.templates
      const scope = new TemplateSet(outer)
      const template = scope.add(rootName, parsed)
      ex.templates = scope
      try {
        return withoutNoValue(ex.run(template, data))
      } catch (error) {
        throw wrapped(() => `error during tpl function execution for ${quote(text)}`, error)
      } finally {
        ex.templates = outer
      }
    }),
  )

  functions.set(
    'required',
    fn('(string, any) (any, error)', (message: string, value: GoValue) => {
      if (value === null || value === '') throw new TemplateUserError(message)
      return value
    }),
  )
  functions.set(
    'fail',
    fn('(string) (string, error)', (message: string) => {
      throw new TemplateUserError(message)
    }),
  )
  functions.set('lookup', fn('(string, string, string, string) (dict, error)', ports.lookup ?? (() => new Map())))
  functions.set('getHostByName', fn('(string) string', ports.hostByName ?? (() => '')))
}

/** An error of a template under a prefix; a limit or a bug passes as it is. */
function wrapped(prefix: () => string, error: unknown): unknown {
  if (!(error instanceof DecapodError) || !error.code.startsWith('TEMPLATE_')) return error
  return new WrappedGoError(prefix(), error)
}
