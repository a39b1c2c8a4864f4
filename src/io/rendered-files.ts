/** --output-dir of `helm template`: one file per template, documents of one template one after the other. */
import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { toBytes } from '../go/value.ts'
import { type FormatOptions, formatDocument, shownHooks } from '../helm/format.ts'
import type { RenderedChart } from '../helm/render.ts'

export interface OutputPlace {
  /** Where a relative `dir` starts. */
  readonly cwd: string
  readonly dir: string
  /** A directory of its own for the release; crds/ stay outside of it, as in Helm. */
  readonly release: string | undefined
}

/** Writes the documents and gives the path of each, as Helm names them. */
export function writeRendered(rendered: RenderedChart, options: FormatOptions, place: OutputPlace): string[] {
  const written: string[] = []
  const seen = new Set<string>()
  const write = (dir: string, path: string, text: string, append: boolean): void => {
    const shown = `${dir}/${path}`
    const file = isAbsolute(shown) ? shown : join(place.cwd, shown)
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 })
    const data = toBytes(formatDocument(path, text))
    if (append) appendFileSync(file, data)
    else writeFileSync(file, data)
    written.push(shown)
  }
  const own = place.release === undefined ? place.dir : join(place.dir, place.release)
  if (options.includeCrds === true) {
    for (const { path, text } of rendered.crds) {
      write(place.dir, path, text, seen.has(path))
      seen.add(path)
    }
  }
  for (const { path, text } of rendered.manifests) {
    write(own, path, text, seen.has(path))
    seen.add(path)
  }
  for (const { path, text } of shownHooks(rendered, options)) {
    // A hook is added to whatever file is there.
    const file = isAbsolute(own) ? join(own, path) : join(place.cwd, own, path)
    write(own, path, text, existsSync(file))
  }
  return written
}
