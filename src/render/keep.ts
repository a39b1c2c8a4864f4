/** Which of a site's old files stay when only a part of it was rendered, by wish or because something failed. */
import type { Selection } from '../site/plan.ts'
import { crdDirectory } from './output.ts'
import { argocdDirectory, type SiteResult } from './pipeline.ts'

/**
 * The files of the site's directory after a render: what was rendered, and of the old files those that this render says
 * nothing about: groups and apps that were not selected, and what failed. CRDs of a group that rendered only in part
 * are kept, for whose they are is not known. A complete render of everything keeps nothing.
 */
export function withKept(
  old: ReadonlyMap<string, Uint8Array>,
  result: SiteResult,
  selection: Selection,
): Map<string, Uint8Array> {
  const files = new Map(result.files)
  const settled = settledDirectories(result, selection)
  for (const [path, bytes] of old) {
    if (files.has(path) || settled(path)) continue
    files.set(path, bytes)
  }
  return files
}

/** Whether this render decided about the directory of a path: what it did not write there is stale. */
function settledDirectories(result: SiteResult, selection: Selection): (path: string) => boolean {
  const whole =
    selection.groups.length === result.site.groups.length && selection.groups.every(g => g.apps === undefined)
  const failed = new Set(result.failures.map(failure => failure.group))
  const complete = new Set(
    selection.groups.filter(g => g.apps === undefined && !failed.has(g.group.name)).map(g => g.group.name),
  )
  const rendered = new Set(result.apps.filter(app => app.status === 'rendered').map(app => `${app.group}/${app.app}`))
  return path => {
    const [group = '', app = ''] = path.split('/')
    if (group === argocdDirectory) return whole && failed.size === 0
    if (complete.has(group)) return true
    if (app === crdDirectory(group)) return false
    if (rendered.has(`${group}/${app}`)) return true
    // A group that the site no longer has.
    return whole && failed.size === 0
  }
}
