/** What is made of texts, kept while they are in use: charts share libraries, sites share charts, tpl is called on the same texts. */
import { type ParsedText, parseTemplate } from './parse.ts'

/** What was made of the texts used most recently, up to a total length; of the others it is made again when they come. */
export class RecentTexts<T> {
  private readonly known = new Map<string, Entry<T>>()
  private readonly capacity: number
  private total = 0
  private uses = 0

  /** `capacity` counts characters of the texts. */
  constructor(capacity: number) {
    this.capacity = capacity
  }

  /** What is known of a text, which becomes the most recent one. */
  get(text: string): T | undefined {
    const entry = this.known.get(text)
    if (entry === undefined) return undefined
    entry.used = ++this.uses
    return entry.value
  }

  /** Keeps what was made of a text that is not known, and drops the oldest when there are too many. */
  set(text: string, value: T): void {
    this.known.set(text, { value, used: ++this.uses })
    if ((this.total += text.length) > this.capacity) this.dropOldest()
  }

  /** A quarter at once: to keep them in the order of use would cost at every use. */
  private dropOldest(): void {
    for (const [text] of [...this.known].sort(([, a], [, b]) => a.used - b.used)) {
      if (this.total <= this.capacity * 0.75) return
      this.known.delete(text)
      this.total -= text.length
    }
  }
}

interface Entry<T> {
  readonly value: T
  /** Which use of all was its last. */
  used: number
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
