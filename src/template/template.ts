/** Sets of named templates (text/template, template.go). */
import { quote } from '../go/strconv.ts'
import { TemplateParseError } from './errors.ts'
import type { Template, TemplateLookup } from './exec.ts'
import type { ParsedText } from './parse.ts'

/** Named templates that may call each other, perhaps over those of an outer set. */
export class TemplateSet implements TemplateLookup {
  private readonly templates = new Map<string, Template>()
  private readonly outer: TemplateLookup | undefined

  constructor(outer?: TemplateLookup) {
    this.outer = outer
  }

  lookup(name: string): Template | undefined {
    return this.templates.get(name) ?? this.outer?.lookup(name)
  }

  /**
   * Adds the templates of a file: its own, under the file's name, and its definitions. Gives the former, which is not in
   * the set when it is empty and another has its name.
   */
  add(file: string, parsed: ParsedText): Template {
    const { text, main, defines } = parsed
    for (const [name, tree] of defines) this.put({ name, file, text, tree })
    const template = { name: file, file, text, tree: main }
    if (defines.get(file)?.isEmpty === false && !main.isEmpty) {
      const line = text.split('\n').length
      throw new TemplateParseError(file, line, `template: multiple definition of template ${quote(file)}`)
    }
    this.put(template)
    return template
  }

  /** A later definition replaces an earlier one, unless it is empty. */
  private put(template: Template): void {
    if (template.tree.isEmpty && this.lookup(template.name) !== undefined) return
    this.templates.set(template.name, template)
  }
}
