/** snakecase, kebabcase and camelcase: the word splitting of huandu/xstrings 1.5.0 (convert.go, count.go). */
import { isInvalidByte, isLetter, isNumber, isPunct, isSpace, isUpper, lowerRune, upperRune } from '../go/unicode.ts'

type Word = 'invalid' | 'number' | 'upper' | 'alphabet' | 'connector' | 'punct' | 'other'

/** ToSnakeCase and ToKebabCase: words in lower case with `connector` between them. */
export function joinWords(text: string, connector: string): string {
  const words = splitWords(text)
  let out = ''
  let i = 0
  const kind = (): Word => words[i]?.kind ?? 'invalid'
  /** Writes words while they are letters or numbers. */
  const run = (): void => {
    while (kind() === 'alphabet' || kind() === 'number') out += lowerWord(words[i++]!, connector)
  }
  if (words.length === 0) return ''
  while (i < words.length - 1) {
    const word = words[i]!
    if (word.kind !== 'connector') out += lowerWord(word, connector)
    i++
    switch (word.kind) {
      case 'number':
        run()
        if (kind() !== 'invalid' && kind() !== 'punct' && kind() !== 'connector') out += connector
        break
      case 'connector':
        out += lowerWord(word, connector)
        break
      case 'punct':
        break
      default: {
        if (kind() !== 'number') {
          if (kind() !== 'connector' && kind() !== 'punct') out += connector
          break
        }
        if (i === words.length - 1) break
        const number = words[i++]!
        // A number is part of the word before it ("bld4_floor"), unless lower case follows ("http_2xx").
        if (kind() !== 'alphabet') {
          out += lowerWord(number, connector)
          if (kind() !== 'connector' && kind() !== 'punct') out += connector
          break
        }
        out += connector + lowerWord(number, connector)
        run()
        if (kind() !== 'invalid' && kind() !== 'connector' && kind() !== 'punct') out += connector
      }
    }
  }
  return i < words.length ? out + lowerWord(words[i]!, connector) : out
}

interface Piece {
  readonly kind: Word
  readonly runes: readonly string[]
}

function lowerWord(word: Piece, connector: string): string {
  if (word.kind !== 'upper' && word.kind !== 'connector') return word.runes.join('')
  return word.runes
    .map(r => (isInvalidByte(r) ? '\ufffd' : isConnector(r) ? connector : isUpper(r) ? lowerRune(r) : r))
    .join('')
}

/** Cuts a text into words; runes that are not valid UTF-8 (or U+FFFD) belong to whatever follows them. */
function splitWords(text: string): Piece[] {
  const runes = [...text]
  const words: Piece[] = []
  let start = 0
  let at = 0
  /** The next valid rune, and one past it; `previous` where there is none. */
  const peek = (previous: string): { rune: string; end: number } => {
    let end = at
    while (end < runes.length) {
      const rune = runes[end++]!
      if (rune !== '\ufffd' && !isInvalidByte(rune)) return { rune, end }
    }
    return { rune: previous, end }
  }
  /** Takes runes while they fit. */
  const takeWhile = (fits: (rune: string) => boolean, first: string): string => {
    let rune = first
    while (at < runes.length) {
      const next = peek(rune)
      rune = next.rune
      if (!fits(rune)) break
      at = next.end
    }
    return rune
  }
  while (at < runes.length) {
    start = at
    const { rune, end } = peek('\ufffd')
    at = end
    let kind: Word
    if (rune === '\ufffd') kind = 'invalid'
    else if (isConnector(rune)) {
      kind = 'connector'
      takeWhile(isConnector, rune)
    } else if (isPunct(rune)) {
      kind = 'punct'
      takeWhile(isPunct, rune)
    } else if (isUpper(rune)) {
      kind = 'upper'
      takeCapitals(rune)
    } else if (isAlphabet(rune)) {
      kind = 'alphabet'
      takeWhile(r => isAlphabet(r) && !isUpper(r), rune)
    } else if (isNumber(rune)) {
      kind = 'number'
      takeWhile(isNumber, rune)
    } else {
      kind = 'other'
      takeWhile(r => !isConnector(r) && !isAlphabet(r) && !isNumber(r) && !isPunct(r), rune)
    }
    words.push({ kind, runes: runes.slice(start, at) })
  }
  return words

  /** "HTTPStatus" is "HTTP" and "Status": the last of several capitals begins the next word. */
  function takeCapitals(first: string): void {
    if (at >= runes.length) return
    const next = peek(first)
    if (isUpper(next.rune)) {
      let last = at
      at = next.end
      let rune = next.rune
      while (at < runes.length) {
        const following = peek(rune)
        rune = following.rune
        if (!isUpper(rune)) break
        last = at
        at = following.end
      }
      if (at < runes.length && isAlphabet(rune)) at = last
    } else if (isAlphabet(next.rune)) {
      at = next.end
      takeWhile(r => isAlphabet(r) && !isUpper(r), next.rune)
    }
  }
}

/** ToPascalCase: words begin with a capital, connectors between them go, leading ones stay. */
export function pascalCase(text: string): string {
  const runes = [...text].map(r => (isInvalidByte(r) ? '\ufffd' : r))
  let out = ''
  let at = 0
  while (at < runes.length && isConnector(runes[at]!)) out += runes[at++]
  // A text of connectors alone: the library writes the last one twice.
  if (at === runes.length) return out === '' ? '' : out + runes[at - 1]
  let firstUpper = isUpper(runes[at]!)
  let current = upperRune(runes[at++]!)
  while (at < runes.length) {
    const previous = current
    current = runes[at++]!
    if (isConnector(current) && isConnector(previous)) {
      out += previous
      continue
    }
    if (isConnector(previous)) {
      firstUpper = isUpper(current)
      current = upperRune(current)
      continue
    }
    if (firstUpper) {
      if (isUpper(current)) current = lowerRune(current)
      else firstUpper = false
    }
    out += previous
  }
  return out + current
}

function isConnector(rune: string): boolean {
  return rune === '-' || rune === '_' || isSpace(rune)
}

/** Letters but for the CJK ideographs, which have no words to begin. */
function isAlphabet(rune: string): boolean {
  if (!isLetter(rune)) return false
  const c = rune.codePointAt(0)!
  return !cjk.some(([low, high]) => c >= low && c <= high)
}

const cjk: readonly (readonly [number, number])[] = [
  [0x4e00, 0x9fcc],
  [0x3400, 0x4d85],
  [0x20000, 0x2b81d],
]
