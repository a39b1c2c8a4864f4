/** The images of sites: as text for people, as a source of `skopeo sync`, as CSV, as data. */
import { formatReference, type Reference, wanted } from '../../bundle/reference.ts'
import type { SiteImage, SiteImages, UnknownObject } from '../../render/images.ts'
import { count } from '../report.ts'

/** What a site's list is shown with. */
export interface ListedSite {
  readonly site: string
  readonly airgapped: boolean
  readonly pinDigests: boolean
  /** Whether the site has mirrors at all. */
  readonly mirrored: boolean
  readonly images: SiteImages
}

/** A list for people, no line but names and digests wider than `columns`. */
export function imagesText(listed: ListedSite, columns: number): string {
  const { site, images } = listed
  const confirmed = images.images.filter(image => image.certainty === 'confirmed')
  const possible = images.images.filter(image => image.certainty === 'possible')
  const lines = [`${site}: ${summary(confirmed.length, possible.length, images)}`]
  for (const image of confirmed) lines.push('', ...confirmedLines(image, listed, columns))
  if (possible.length > 0) {
    const say = 'Possibly images; images.confirm and images.refuse of decapod.yaml decide:'
    lines.push('', ...wrap(say, 0, columns, 0))
    for (const image of possible) lines.push('', formatReference(image.reference), ...placeLines(image, columns))
  }
  if (images.unreadable.length > 0) {
    lines.push('', 'No references, and nothing can pull them:')
    for (const { text, file, path } of images.unreadable) {
      lines.push('', text, ...wrap(file, 2, columns), ...wrap(path, 4, columns))
    }
  }
  if (images.unknown.length > 0) {
    const say = 'Objects of kinds that no CRD of the site defines; they may name more images:'
    lines.push('', ...wrap(say, 0, columns, 0), '')
    for (const [kind, objects] of byKind(images.unknown)) {
      const names = objects.map(({ object, group, app }) => `${group}/${app} ${object.name}`).join(', ')
      lines.push(`${kind}: ${count(objects.length, 'object')}`, ...wrap(names, 2, columns))
    }
  }
  return `${lines.join('\n')}\n`
}

function summary(confirmed: number, possible: number, { unknown, unreadable }: SiteImages): string {
  return [
    count(confirmed, 'image'),
    ...(possible === 0 ? [] : [`${possible} possible`]),
    ...(unreadable.length === 0 ? [] : [`${unreadable.length} unreadable`]),
    ...(unknown.length === 0 ? [] : [`${count(unknown.length, 'object')} of unknown kinds`]),
  ].join(', ')
}

function confirmedLines(image: SiteImage, { mirrored, airgapped }: ListedSite, columns: number): string[] {
  const { reference, target, digest, uses } = image
  const name = formatReference(reference)
  const lines = [name, ...untagged(reference)]
  if (target !== undefined && formatReference(target) !== name)
    lines.push(`  → ${formatReference({ ...target, digest: reference.digest })}`)
  else if (airgapped || (mirrored && target === undefined))
    lines.push(target === undefined ? '  no mirror has it' : '  on a mirror')
  if (digest !== undefined && digest !== reference.digest) lines.push(`  digest ${digest}`)
  for (const file of new Set(uses.map(use => use.file))) lines.push(...wrap(file, 2, columns))
  return lines
}

/** Where an image is only possibly named: each file, and the places in it. */
function placeLines({ reference, uses }: SiteImage, columns: number): string[] {
  const lines = [...untagged(reference)]
  let last: string | undefined
  for (const { file, path } of uses) {
    if (file !== last) lines.push(...wrap(file, 2, columns))
    last = file
    lines.push(...wrap(path, 4, columns))
  }
  return lines
}

function untagged({ tag, digest }: Reference): string[] {
  return tag === undefined && digest === undefined ? ['  no tag: latest is meant'] : []
}

function byKind(objects: readonly UnknownObject[]): [string, UnknownObject[]][] {
  const kinds = new Map<string, UnknownObject[]>()
  for (const unknown of objects) {
    const key = `${unknown.object.kind} (${unknown.object.apiVersion})`
    const known = kinds.get(key) ?? []
    kinds.set(key, known)
    known.push(unknown)
  }
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** A text indented, broken after blanks and what parts paths; what does not fit hangs deeper. */
function wrap(text: string, indent: number, columns: number, hang = 2): string[] {
  const lines: string[] = []
  let line = ' '.repeat(indent)
  let isStart = true
  for (const part of text.match(/[^ ./,[\]]*[ ./,[\]]?/g)!) {
    if (!isStart && line.length + part.trimEnd().length > columns) {
      lines.push(line.trimEnd())
      line = ' '.repeat(indent + hang)
    }
    line += part
    isStart = false
  }
  return [...lines, line.trimEnd()]
}

/**
 * A file for `skopeo sync --src yaml`: the confirmed images of all sites by registry. An image is named by its digest
 * where it has one, or where its site pins one, for that is then what a cluster pulls; else by its tag.
 */
export function imagesSkopeo(sites: readonly ListedSite[]): string {
  const registries = new Map<string, Map<string, Set<string>>>()
  for (const { pinDigests, images } of sites) {
    for (const { reference, certainty, digest } of images.images) {
      if (certainty !== 'confirmed') continue
      const repositories = registries.get(reference.host) ?? new Map<string, Set<string>>()
      registries.set(reference.host, repositories)
      const versions = repositories.get(reference.path) ?? new Set<string>()
      repositories.set(reference.path, versions)
      versions.add(pinDigests && digest !== undefined ? digest : wanted(reference))
    }
  }
  if (registries.size === 0) return '{}\n'
  const lines: string[] = []
  for (const [host, repositories] of sorted(registries)) {
    lines.push(`${JSON.stringify(host)}:`, '  images:')
    for (const [path, versions] of sorted(repositories)) {
      lines.push(
        `    ${JSON.stringify(path)}:`,
        ...[...versions].sort().map(version => `      - ${JSON.stringify(version)}`),
      )
    }
  }
  return `${lines.join('\n')}\n`
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1))
}

const csvHeader =
  'site,image,registry,repository,tag,digest,certainty,mirror,group,app,apiVersion,kind,namespace,name,file,path'

/** One line for each use, as RFC 4180 has them but for line feeds alone. */
export function imagesCsv(sites: readonly ListedSite[]): string {
  const lines = [csvHeader]
  for (const { site, images } of sites) {
    for (const { reference, certainty, target, digest, uses } of images.images) {
      const { host, path, tag } = reference
      const mirror = target === undefined ? '' : formatReference(target)
      for (const { group, app, object, file, path: place } of uses) {
        const { apiVersion, kind, namespace, name } = object
        const fields = [
          ...[site, formatReference(reference), host, path, tag ?? '', digest ?? '', certainty, mirror],
          ...[group, app, apiVersion, kind, namespace, name, file, place],
        ]
        lines.push(fields.map(csvField).join(','))
      }
    }
  }
  return `${lines.join('\n')}\n`
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The list as data. */
export function imagesData({ site, images }: ListedSite): object {
  return {
    site,
    images: images.images.map(({ reference, certainty, target, digest, uses }) => ({
      image: formatReference(reference),
      registry: reference.host,
      repository: reference.path,
      tag: reference.tag ?? null,
      digest: digest ?? null,
      certainty,
      mirror: target === undefined ? null : formatReference(target),
      uses,
    })),
    unreadable: images.unreadable,
    unknown: images.unknown,
  }
}
