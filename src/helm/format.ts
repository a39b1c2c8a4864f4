/** What `helm template` prints: manifests and hooks, or some of them (Helm's cmd/helm/template.go). */
import { DecapodError } from '../errors.ts'
import { matchPath } from '../go/match.ts'
import { trimSpace } from '../go/strings.ts'
import { helmErrorText, TemplateFailure } from './error-text.ts'
import { splitManifests } from './manifest.ts'
import type { RenderedChart } from './render.ts'
import type { Semantics } from './semantics.ts'

export interface FormatOptions {
  readonly semantics?: Semantics
  /** The files of crds/ come first. */
  readonly includeCrds?: boolean
  readonly noHooks?: boolean
  readonly skipTests?: boolean
  /** Only documents of these templates: paths from the chart's directory, with `*`. */
  readonly showOnly?: readonly string[]
}

/** What is printed of a rendered chart: paths and texts. */
export interface Printed extends Pick<RenderedChart, 'hooks' | 'crds'> {
  readonly manifests: readonly { readonly path: string; readonly text: string }[]
}

/** Gives the bytes of `helm template` as a string. Throws DecapodError FILE_NOT_FOUND when showOnly names no template. */
export function formatManifest(rendered: Printed, options: FormatOptions = {}): string {
  const documents = options.includeCrds === true ? [...rendered.crds, ...rendered.manifests] : rendered.manifests
  const last = documents.at(-1)
  let out = ''
  for (const { path, text } of documents.slice(0, -1)) out += formatDocument(path, text)
  // Space at the end of all of it goes. To look for it there would copy the whole, which may be megabytes.
  if (last !== undefined) out += trimSpace(formatDocument(last.path, last.text))
  out += '\n'
  for (const { path, text } of shownHooks(rendered, options)) out += formatDocument(path, text)
  const { showOnly = [], semantics = 3 } = options
  return showOnly.length === 0 ? out : selectDocuments(out, showOnly, semantics)
}

/** One document as Helm prints it and writes it to files. */
export function formatDocument(path: string, text: string): string {
  return `---\n# Source: ${path}\n${text}\n`
}

/** The hooks that are printed under these options. */
export function shownHooks(rendered: Pick<RenderedChart, 'hooks'>, options: FormatOptions): RenderedChart['hooks'] {
  if (options.noHooks === true) return []
  return options.skipTests === true ? rendered.hooks.filter(hook => !hook.events.includes('test')) : rendered.hooks
}

/** Helm splits its own output again and goes by the first `# Source:` line of each part. */
function selectDocuments(output: string, showOnly: readonly string[], semantics: Semantics): string {
  const documents = splitManifests(output, semantics).map(text => ({
    text,
    path: /# Source: [^/\n]+\/([^\n]+)/.exec(text)?.[1],
  }))
  let selected = ''
  for (const pattern of showOnly) {
    const found = documents.filter(({ path }) => path !== undefined && matches(pattern, path))
    if (found.length === 0) {
      throw new DecapodError('FILE_NOT_FOUND', `could not find template ${pattern} in chart`, {
        hint: 'the path starts below the chart: templates/deployment.yaml',
      })
    }
    for (const { text } of found) selected += `---\n${text}\n`
  }
  return selected
}

function matches(pattern: string, path: string): boolean {
  try {
    return matchPath(pattern, path)
  } catch {
    return false
  }
}

/** The words of Helm for a failed render, without "Error: ": for those who compare. `debug` is --debug. */
export function helmMessage(error: DecapodError, semantics: Semantics, debug = false): string {
  const text = error instanceof TemplateFailure ? helmErrorText(error, semantics) : error.message
  return isAfterRendering(error) && !debug ? `${text}\n\nUse --debug flag to render out invalid YAML` : text
}

/** Whether Helm already has a release to show when this fails. */
export function isAfterRendering(error: DecapodError): boolean {
  return afterRendering.has(error.code)
}

const afterRendering: ReadonlySet<string> = new Set([
  'TEMPLATE_PARSE',
  'TEMPLATE_EXEC',
  'MANIFEST_INVALID',
  'CHART_KUBE_VERSION',
])
