/** --name-template: a release's name from a template (Helm's pkg/action/install.go, TemplateName). */
import { type SprigPorts, sprigFuncs } from '../sprig/index.ts'
import { renderTemplates } from './engine.ts'

/** Renders a name with sprig's functions and no data. Throws TemplateFailure. */
export function renderName(text: string, ports: SprigPorts): string {
  const file = {
    name: 'name-template',
    source: { data: new TextEncoder().encode(text) },
    values: new Map(),
    basePath: '',
  }
  return renderTemplates([file], { semantics: 3, functions: sprigFuncs(ports) }).get(file.name) ?? ''
}
