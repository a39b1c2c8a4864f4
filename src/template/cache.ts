/** What is made of texts, kept while they are in use: charts share libraries, sites share charts, tpl is called on the same texts. */
import { type ParsedText, parseTemplate } from './parse.ts'

/** What was made of the texts used most recently, up to a total length; of the others it is made again when they come. */
export class RecentTexts<T> {
  /** With the text as it was first met, so that an equal one can be let go. */
  private readonly known = new Map<string, { readonly text: string; readonly value: T }>()
  private readonly capacity: number
  private total = 0

  /** `capacity` counts characters of the texts. */
  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** What is known of a text, which becomes the most recent one. */
  get(text: string): T | undefined {
    const entry = this.known.get(text)
    if (entry === undefined) return undefined
    this.known.delete(text)
    this.known.set(entry.text, entry)
    return entry.value
  }

  /** Keeps what was made of a text, and drops the oldest when there are too many. */
  set(text: string, value: T): void {
    if (!this.known.delete(text)) this.total += text.length
    this.known.set(text, { text, value })
    for (const oldest of this.known.keys()) {
      if (this.total <= this.capacity) break
      this.known.delete(oldest)
      this.total -= oldest.length
    }
  }
}

/** Parsed texts. */
export class TextCache {
  private readonly texts: RecentTexts<ParsedText>

  /** `capacity` counts characters; what is kept, with its closures, takes about thirty times as many bytes. */
  constructor(capacity: number) {
    this.texts = new RecentTexts(capacity)
  }

  /** The parsed text; `file` is its name in errors. Throws TemplateParseError. */
  parse(file: string, text: string, hasFunction: (name: string) => boolean): ParsedText {
    let parsed = this.texts.get(text)
    if (parsed === undefined) {
      parsed = parseTemplate(file, text, hasFunction)
      this.texts.set(text, parsed)
    }
    return parsed
  }
}
