/** Sets of named templates (text/template, template.go). */
import type { GoFunc } from '../go/value.ts'
import { Template, type TemplateLookup } from './exec.ts'
import { isEmptyList } from './node.ts'
import { parseTemplate } from './parse.ts'

/** The templates of one file: its own, and every define and block in it. Shared by all renders. */
export type ParsedFile = readonly Template[]

/** Parses a file. Throws TemplateParseError. */
export function parseFile(name: string, text: string, funcs: ReadonlyMap<string, GoFunc>): ParsedFile {
  return [...parseTemplate(name, text, f => funcs.has(f)).values()].map(tree => new Template(tree))
}

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

  /** Adds the templates of a file. A later definition replaces an earlier one, unless it is empty. */
  add(file: ParsedFile): void {
    for (const template of file) {
      if (isEmptyList(template.tree.root) && this.lookup(template.name) !== undefined) continue
      this.templates.set(template.name, template)
    }
  }
}
