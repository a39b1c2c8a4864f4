/** --name-template: a release's name from a template (Helm's pkg/action/install.go, TemplateName). */
import { DecapodError } from '../errors.ts'
import { fn, GoError } from '../go/value.ts'
import { goText, TemplateExecError, TemplateParseError } from '../template/errors.ts'
import { Execution } from '../template/exec.ts'
import { builtins } from '../template/funcs.ts'
import { parseTemplate } from '../template/parse.ts'
import { TemplateSet } from '../template/template.ts'
import { type FunctionPorts, sprigFunctions } from './funcs.ts'

export interface NamePorts extends FunctionPorts {
  /** The variables that `env` and `expandenv` read: the name's template is the user's own. Without, they are no functions. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

const name = 'name-template'

/** Renders a name with sprig's functions and no data. Throws RELEASE_NAME_INVALID in Go's words. */
export function renderName(text: string, ports: NamePorts): string {
  const functions = sprigFunctions(ports)
  functions.set(
    'fail',
    fn('(string) string', (message: string) => {
      throw new GoError(message)
    }),
  )
  const { env } = ports
  if (env !== undefined) {
    functions.set(
      'env',
      fn('(string) string', (variable: string) => env[variable] ?? ''),
    )
    functions.set(
      'expandenv',
      fn('(string) string', (words: string) => expand(words, env)),
    )
  }
  const lookup = { get: (called: string) => functions.get(called) ?? builtins.get(called) }
  const templates = new TemplateSet()
  try {
    const parsed = parseTemplate(name, text, called => lookup.get(called) !== undefined)
    const template = templates.add(name, parsed)
    return new Execution(lookup, templates).run(template, null)
  } catch (error) {
    if (!(error instanceof TemplateParseError || error instanceof TemplateExecError)) throw error
    throw new DecapodError('RELEASE_NAME_INVALID', goText(error), { cause: error })
  }
}

/** `$name` and `${name}` (os.Expand). */
function expand(text: string, env: Readonly<Record<string, string | undefined>>): string {
  return text.replace(/\$(?:\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_]*|[*#$@!?0-9-]))/g, (_, braced: string, bare: string) => {
    return env[braced ?? bare] ?? ''
  })
}
