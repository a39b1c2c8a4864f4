/** What a bundle holds, in words. */
import type { BundleManifest } from '../../bundle/manifest.ts'
import { count } from '../report.ts'
import { formatBytes } from '../reporters/transfer.ts'

/** How much a bundle holds that is not in its base; for `--json`. */
export function summaryOf(manifest: BundleManifest): {
  sites: readonly string[]
  contents: number
  blobs: number
  bytes: number
} {
  const blobs = manifest.blobs.filter(b => !b.inBase)
  return {
    sites: manifest.sites,
    contents: manifest.contents.length,
    blobs: blobs.length,
    bytes: blobs.reduce((n, b) => n + b.size, 0),
  }
}

/** What a person calls contents that are no noun by themselves. */
const nouns: Readonly<Record<string, string>> = { argo: 'Argo CD file', git: 'branch', sbom: 'SBOM' }

/** `12 images, 5 charts, 1 sbom; 34 blobs, 1.2 GiB`. */
export function describe(manifest: BundleManifest): string {
  const counts = new Map<string, number>()
  for (const { type } of manifest.contents) counts.set(type, (counts.get(type) ?? 0) + 1)
  const { blobs, bytes } = summaryOf(manifest)
  const parts = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, n]) => (type === 'git' && n > 1 ? `${n} branches` : count(n, nouns[type] ?? type)))
  return `${parts.join(', ')}; ${count(blobs, 'blob')}, ${formatBytes(bytes)}`
}

/** The list that `decapod bundle inspect` prints; `digest` is the manifest's. */
export function formatInspect(manifest: BundleManifest, digest: string): string {
  const lines = [
    `sites    ${manifest.sites.join(', ')}`,
    `engine   decapod ${manifest.engine}`,
    `digest   ${digest}`,
    ...(manifest.since === undefined ? [] : [`delta of ${manifest.since}`]),
    '',
  ]
  const blobs = new Map(manifest.blobs.map(blob => [blob.digest, blob] as const))
  for (const content of manifest.contents) {
    const all = [content.digest, ...(content.blobs ?? [])].flatMap(d => blobs.get(d) ?? [])
    const size = all.reduce((sum, blob) => sum + blob.size, 0)
    const left = all.filter(blob => blob.inBase).length
    const note = left === 0 ? '' : left === all.length ? '  (in the base)' : '  (in part in the base)'
    lines.push(`${content.type.padEnd(7)} ${formatBytes(size).padStart(9)}  ${content.name}${note}`)
    if (content.platforms !== undefined) lines.push(`${' '.repeat(19)}for ${content.platforms.join(', ')}`)
    for (const [ref, commit] of Object.entries(content.refs ?? {}))
      lines.push(`${' '.repeat(19)}${ref} ${commit.slice(0, 12)}`)
  }
  lines.push('', describe(manifest))
  return lines.join('\n') + '\n'
}
