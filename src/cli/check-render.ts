/** `render --check`: whether rendered/ is what a render gives, and whether a second render gives the same. Writes nothing. */
import { resolve } from 'node:path'
import { DecapodError } from '../errors.ts'
import { compareFiles, readFiles, type TreeChange } from '../io/output.ts'
import { withKept } from '../render/keep.ts'
import { type RenderPorts, type RenderSettings, renderSite } from '../render/pipeline.ts'
import { diffLines } from '../render/text-diff.ts'
import type { Selection } from '../site/plan.ts'
import type { OpenWorkspace } from './open-workspace.ts'
import { renderPorts } from './render-ports.ts'
import type { Outcome } from './site-outcome.ts'

type Files = ReadonlyMap<string, Uint8Array>

/**
 * Renders a selection twice, first as `render` does, then without the cache and with everything in the opposite order,
 * and compares both with each other and with what is on disk.
 */
export function checkSelection(
  open: OpenWorkspace,
  selection: Selection,
  settings: RenderSettings,
  progress: RenderPorts['progress'],
): Outcome {
  const { name } = selection.site
  const old = readFiles(resolve(open.out, name))
  const ports = renderPorts(open, { last: () => old, progress })
  const result = renderSite(open.workspace, selection, settings, ports)
  const again = renderSite(
    open.workspace,
    selection,
    { ...settings, order: 'backward' },
    { ...ports, cache: undefined },
  )
  const files = withKept(old, result, selection)
  const change = compareFiles(old, files)
  const { added, changed, removed } = compareFiles(result.files, again.files)
  const unstable = [...added, ...changed, ...removed].sort()
  const errors = [...staleErrors(open, name, old, files, change), ...unstableErrors(name, unstable)]
  return { report: result, change, checked: { unstable, errors } }
}

/** How many files are named, and how many lines of a change are shown. */
const mostFiles = 20
const mostLines = 6

function staleErrors(open: OpenWorkspace, site: string, old: Files, files: Files, change: TreeChange): DecapodError[] {
  const { added, changed, removed } = change
  const total = added.length + changed.length + removed.length
  if (total === 0) return []
  const lines = [
    ...changed.map(path => [`changed ${path}`, ...changedLines(old.get(path)!, files.get(path)!)]),
    ...added.map(path => [`added ${path}`]),
    ...removed.map(path => [`removed ${path}`]),
  ]
  const more = lines.length > mostFiles ? [`and ${lines.length - mostFiles} more`] : []
  return [
    new DecapodError('OUTPUT_STALE', `${site} is out of date: ${total} of its files would change`, {
      at: { file: open.outLabel(site) },
      notes: [...lines.slice(0, mostFiles).flat(), ...more],
      hint: `run decapod render ${site}`,
    }),
  ]
}

/** The first lines that differ. */
function changedLines(before: Uint8Array, after: Uint8Array): string[] {
  const lines = (bytes: Uint8Array): string[] => Buffer.from(bytes).toString('utf8').split('\n')
  const edits = diffLines(lines(before), lines(after)).filter(({ mark }) => mark !== ' ')
  const shown = edits.slice(0, mostLines).map(({ mark, line }) => `  ${mark} ${line}`)
  return edits.length > mostLines ? [...shown, `  … ${edits.length - mostLines} more lines`] : shown
}

function unstableErrors(site: string, unstable: readonly string[]): DecapodError[] {
  if (unstable.length === 0) return []
  const more = unstable.length > mostFiles ? [`and ${unstable.length - mostFiles} more`] : []
  return [
    new DecapodError('OUTPUT_STALE', `${site} does not repeat: two renders give ${unstable.length} different files`, {
      notes: [...unstable.slice(0, mostFiles), ...more],
      hint: 'their charts use random values or the time where the last render does not show them: set such values in site-values.yaml, or a secret in DECAPOD_RANDOM_KEY to draw them from',
    }),
  ]
}
