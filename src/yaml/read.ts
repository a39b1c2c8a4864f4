/** Reading a stream: the fast reader as far as it goes, the exact one for the documents it cannot read. */

import { ExactReader, type RawNode } from './compose.ts'
import { isUsual, type Print, readFast, type Target } from './fast.ts'
import type { Dialect, YamlSource } from './node.ts'

/**
 * The documents of a source, or its first one. Documents the fast reader read come finished, as nodes or values by
 * `target`; `finish` makes the same of those the exact reader composed; `print` is for readFast. Throws DecapodError YAML_PARSE.
 */
export function readDocuments<T>(
  source: YamlSource,
  dialect: Dialect,
  target: Target,
  wanted: 'first' | 'all',
  finish: (root: RawNode) => T,
  print?: Print,
): { root: T; offset: number }[] {
  const out: { root: T; offset: number }[] = []
  const usual = isUsual(source.text)
  let exact: ExactReader | undefined
  let from = 0
  let line = 0
  for (;;) {
    if (usual) {
      const { documents, stopped } = readFast(source, dialect, target, wanted, from, print)
      for (const doc of documents) out.push(doc as { root: T; offset: number })
      if (stopped === undefined || (wanted === 'first' && documents.length > 0)) return out
      line += countLines(source.text, from, stopped)
      from = stopped
    }
    exact ??= new ExactReader(source, dialect)
    let resume: number | undefined
    for (const doc of exact.documents(from, line)) {
      out.push({ root: finish(doc.root), offset: doc.offset })
      if (wanted === 'first') return out
      // An unusual text is for the exact reader from start to end.
      resume = usual ? doc.resume() : undefined
      if (resume !== undefined) break
    }
    if (resume === undefined) return out
    line += countLines(source.text, from, resume)
    from = resume
  }
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) lines++
  return lines
}
