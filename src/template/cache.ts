/** Parsed texts, kept while they are in use: charts share libraries, sites share charts, tpl is called on the same texts. */
import { type ParsedText, parseTemplate } from './parse.ts'

/** The texts used most recently, up to a total length; the others are parsed again when they come. */
export class TextCache {
  private readonly texts = new Map<string, ParsedText>()
  private readonly capacity: number
  private total = 0

  /** `capacity` counts characters; what is kept, with its closures, takes about thirty times as many bytes. */
  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** The parsed text; `file` is its name in errors. Throws TemplateParseError. */
  parse(file: string, text: string, hasFunction: (name: string) => boolean): ParsedText {
    const known = this.texts.get(text)
    if (known !== undefined) {
      this.touch(known)
      return known
    }
    const parsed = parseTemplate(file, text, hasFunction)
    this.touch(parsed)
    return parsed
  }

  /** Makes a parsed text the most recent, and drops the oldest when there are too many. */
  private touch(parsed: ParsedText): void {
    const { text } = parsed
    if (!this.texts.delete(text)) this.total += text.length
    this.texts.set(text, parsed)
    for (const oldest of this.texts.keys()) {
      if (this.total <= this.capacity) break
      this.texts.delete(oldest)
      this.total -= oldest.length
    }
  }
}
