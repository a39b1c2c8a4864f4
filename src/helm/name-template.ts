/** --name-template: a release's name from a template (Helm's pkg/action/install.go, TemplateName). */
import { DecapodError } from '../errors.ts'
import { goText } from '../template/errors.ts'
import { renderTemplates } from './engine.ts'
import { TemplateFailure } from './error-text.ts'
import { type FunctionPorts, helmFunctions } from './funcs.ts'

/** Renders a name with the functions of templates and no data. Throws DecapodError TEMPLATE_PARSE or TEMPLATE_EXEC. */
export function renderName(text: string, ports: FunctionPorts): string {
  const file = {
    name: 'name-template',
    source: { data: new TextEncoder().encode(text) },
    values: new Map(),
    basePath: '',
  }
  try {
    return renderTemplates([file], { semantics: 3, functions: helmFunctions(3, ports) }).get(file.name) ?? ''
  } catch (error) {
    // Helm says what text/template says here, and nothing of its own.
    if (!(error instanceof TemplateFailure)) throw error
    throw new DecapodError(error.code, goText(error.failure), { at: error.at, cause: error })
  }
}
