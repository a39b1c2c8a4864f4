/** --output-dir of `helm template`: one file per template, documents of one template one after the other. */
import { appendFileSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { DecapodError } from '../errors.ts'
import { toBytes } from '../go/value.ts'
import { type FormatOptions, formatDocument, shownHooks } from '../helm/format.ts'
import type { RenderedChart } from '../helm/render.ts'
import { goReason } from './system-error.ts'

export interface OutputPlace {
  /** Where a relative `dir` starts. */
  readonly cwd: string
  readonly dir: string
  /** A directory of its own for the release; crds/ stay outside of it, as in Helm. */
  readonly release: string | undefined
}

/** Writes the documents and gives the path of each, as Helm names them. Throws FILE_INVALID in Go's words. */
export function writeRendered(rendered: RenderedChart, options: FormatOptions, place: OutputPlace): string[] {
  const written: string[] = []
  const seen = new Set<string>()
  const write = (dir: string, path: string, text: string, append: boolean): void => {
    const shown = `${dir}/${path}`
    const file = isAbsolute(shown) ? shown : join(place.cwd, shown)
    const data = toBytes(formatDocument(path, text))
    try {
      statSync(dirname(file), { throwIfNoEntry: false })
      mkdirSync(dirname(file), { recursive: true, mode: 0o755 })
      if (append) appendFileSync(file, data)
      else writeFileSync(file, data)
    } catch (error) {
      const { syscall } = error as NodeJS.ErrnoException
      const place = syscall === 'stat' || syscall === 'mkdir' ? dirname(shown) : shown
      throw new DecapodError('FILE_INVALID', `${syscall} ${place}: ${goReason(error)}`, { cause: error })
    }
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
