/** The one import of handlebars: strict (an unknown name is an error) and without HTML escaping. */
import Handlebars from 'handlebars'
import { DecapodError } from './errors.ts'

/** Fills a text or workflow template. Throws DecapodError WORKFLOW_INVALID with the template's line where it is known. */
export function renderText(file: string, template: string, context: object): string {
  try {
    return Handlebars.compile(template, { noEscape: true, strict: true, preventIndent: true })(context, {
      allowProtoPropertiesByDefault: false,
      allowProtoMethodsByDefault: false,
    })
  } catch (error) {
    const { message, lineNumber, column } = error as { message: string; lineNumber?: number; column?: number }
    const line =
      lineNumber ?? Number(/ - (\d+):\d+$/.exec(message)?.[1] ?? /line (\d+)/.exec(message)?.[1] ?? Number.NaN)
    const at = Number.isNaN(line)
      ? { file }
      : column === undefined
        ? { file, line }
        : { file, line, column: column + 1 }
    throw new DecapodError('WORKFLOW_INVALID', message.replace(/ - \d+:\d+$/, ''), { at, cause: error })
  }
}
