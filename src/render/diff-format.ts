/** Prints the changes between two renderings: text for a terminal, Markdown for a merge request, JSON for machines. */
import type { GoValue } from '../go/value.ts'
import type { FieldChange, ObjectChange, ObjectName, Risk } from './change.ts'
import { plain } from './diff.ts'
import { isList, isMap } from './same-value.ts'
import { diffLines } from './text-diff.ts'

export interface DiffStyle {
  /** ANSI colours. */
  readonly color: boolean
  /** Columns; longer values are cut. */
  readonly width: number
  /** All sites compared: a change in each of them is marked "all sites". */
  readonly sites: readonly string[]
}

const marks = { added: '+', removed: '-', changed: '~', renamed: '~' } as const
/** Lines of one value (an added map, a block of text) before the rest is counted instead of shown. */
const linesShown = 12
/** Fields of one object; a dashboard that is generated anew has thousands that changed. JSON has them all. */
const fieldsShown = 100

function moreFields({ fields }: ObjectChange): string {
  return `… ${fields.length - fieldsShown} more fields`
}

/** One block per object: its name, the sites, the risks, then a line per field. Ends with a summary line. */
export function formatDiff(changes: readonly ObjectChange[], style: DiffStyle): string {
  const paint = painter(style.color)
  const lines: string[] = []
  let place = ''
  for (const change of changes) {
    const here = placeOf(change)
    if (here !== place) lines.push(...(place === '' ? [] : ['']), paint.bold(here))
    place = here
    const tone = change.type === 'added' ? paint.green : change.type === 'removed' ? paint.red : paint.yellow
    const title = `${marks[change.type]} ${objectTitle(change)}`
    const sites = sitesLabel(change, style.sites)
    if (title.length + sites.length + 4 <= style.width) lines.push(`  ${tone(title)}  ${paint.dim(sites)}`)
    else lines.push(`  ${tone(title)}`, indent + paint.dim(`in ${sites}`))
    for (const risk of change.risks) {
      const words = wrap(`! ${risk.message}`, style.width - indent.length)
      lines.push(...words.map((line, i) => indent + riskTone(paint, risk)(i === 0 ? line : `  ${line}`)))
    }
    for (const field of change.fields.slice(0, fieldsShown)) lines.push(...fieldLines(field, style.width, paint))
    if (change.fields.length > fieldsShown) lines.push(indent + paint.dim(moreFields(change)))
  }
  if (changes.length > 0) lines.push('')
  lines.push(summary(changes))
  return lines.join('\n') + '\n'
}

/** How Markdown is written. */
export interface MarkdownStyle extends Omit<DiffStyle, 'color'> {
  /** Characters it may have: forges refuse longer texts. What does not fit is counted. */
  readonly limit?: number | undefined
}

/** The same as a Markdown comment: a summary, the risks first, then a collapsed block per application. */
export function formatDiffMarkdown(changes: readonly ObjectChange[], style: MarkdownStyle): string {
  const text = new BoundedText(style.limit ?? Number.POSITIVE_INFINITY)
  text.add(`**${summary(changes)}**\n\n`)
  addRisks(text, changes, style)
  let left = 0
  for (const [place, group] of byPlace(changes)) {
    const head = `<details><summary>${escapeHtml(place)}: ${countOf(group.length, 'object')}</summary>\n\n\`\`\`diff\n`
    const body = group.map(change => changeBlock(change, style))
    left += group.length - text.addBlock(head, body, '```\n\n</details>\n\n')
  }
  if (left > 0) text.close(`${countOf(left, 'further object')} not shown here: \`decapod diff\` shows all of it.\n`)
  return `${text.text.trimEnd()}\n`
}

/** The table of risks, the high ones first where not all of them fit. */
function addRisks(text: BoundedText, changes: readonly ObjectChange[], style: MarkdownStyle): void {
  const rows = changes.flatMap(change => change.risks.map(risk => ({ risk, row: riskRow(change, risk, style) })))
  if (rows.length === 0) return
  const ordered = [
    ...rows.filter(({ risk }) => risk.level === 'high'),
    ...rows.filter(({ risk }) => risk.level !== 'high'),
  ]
  const all = style.limit === undefined ? rows : ordered
  // The half that is left is for the changes.
  const most = text.room / 2
  text.add('| risk | object | sites | why |\n| --- | --- | --- | --- |\n')
  let shown = 0
  for (const { row } of all) {
    if (text.room - row.length < most && Number.isFinite(most)) break
    text.add(row)
    shown++
  }
  text.add(shown === all.length ? '\n' : `\n${countOf(all.length - shown, 'further risk')}.\n\n`)
}

function riskRow(change: ObjectChange, risk: Risk, style: MarkdownStyle): string {
  const object = `${placeOf(change)} ${objectTitle(change)}`
  const cells = [risk.level, object, sitesLabel(change, style.sites), risk.message]
  return `| ${cells.map(cell).join(' | ')} |\n`
}

/** Text in a table: no markup of its own, and nobody is mentioned. */
function cell(text: string): string {
  return escapeHtml(text).replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('@', '&#64;').replaceAll('`', '&#96;')
}

/** An object in a block of the language diff. */
function changeBlock(change: ObjectChange, { width, sites }: MarkdownStyle): string {
  const mark = marks[change.type] === '~' ? '!' : marks[change.type]
  const lines = [`${mark} ${objectTitle(change)} (${sitesLabel(change, sites)})`]
  for (const field of change.fields.slice(0, fieldsShown)) {
    // Two spaces less: what changes must begin with + or - to be coloured.
    for (const line of fieldLines(field, width, painter(false))) lines.push(line.replace(/^ {6}([+-])/, '$1 '))
  }
  if (change.fields.length > fieldsShown) lines.push(indent + moreFields(change))
  return `${lines.join('\n').replaceAll('```', '` ` `')}\n`
}

/** A text that stays below a limit, with room kept for how it ends. */
class BoundedText {
  text = ''
  private readonly limit: number

  constructor(limit: number) {
    this.limit = limit - 120
  }

  get room(): number {
    return this.limit - this.text.length
  }

  add(part: string): void {
    if (part.length <= this.room) this.text += part
  }

  close(part: string): void {
    this.text += part
  }

  /** Adds as many parts as fit between a head and an end, which stand only together. Gives how many. */
  addBlock(head: string, parts: readonly string[], end: string): number {
    let room = this.room - head.length - end.length
    let count = 0
    while (count < parts.length && parts[count]!.length <= room) room -= parts[count++]!.length
    if (count > 0) this.text += head + parts.slice(0, count).join('') + end
    return count
  }
}

function countOf(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`
}

/** The changes as data; absent values are left out. */
export function diffToJson(changes: readonly ObjectChange[]): object {
  return {
    changes: changes.map(c => ({
      type: c.type,
      ...(c.was === undefined ? {} : { was: c.was }),
      group: c.group,
      app: c.app,
      object: c.object,
      sites: c.sites,
      risks: c.risks,
      fields: c.fields.map(f => ({
        path: f.path,
        ...(f.before === undefined ? {} : { before: plain(f.before) }),
        ...(f.after === undefined ? {} : { after: plain(f.after) }),
      })),
    })),
    summary: counts(changes),
  }
}

interface Counts {
  readonly added: number
  readonly removed: number
  readonly changed: number
  readonly renamed: number
  readonly risks: number
}

function counts(changes: readonly ObjectChange[]): Counts {
  const count = (type: ObjectChange['type']): number =>
    changes.filter(c => c.type === type).reduce((n, c) => n + c.sites.length, 0)
  return {
    added: count('added'),
    removed: count('removed'),
    changed: count('changed'),
    renamed: count('renamed'),
    risks: changes.reduce((n, c) => n + c.risks.length * c.sites.length, 0),
  }
}

function summary(changes: readonly ObjectChange[]): string {
  const { added, removed, changed, renamed, risks } = counts(changes)
  if (changes.length === 0) return 'no change'
  const sites = new Set(changes.flatMap(c => c.sites)).size
  const risk = risks === 0 ? '' : `, ${risks} risk${risks === 1 ? '' : 's'}`
  const moved = renamed === 0 ? '' : `, ${renamed} renamed`
  return `${added} added, ${changed} changed, ${removed} removed${moved} in ${sites} site${sites === 1 ? '' : 's'}${risk}`
}

/** `<group>/<app>`, or the directory alone where there is no app: argocd. */
function placeOf({ group, app }: ObjectChange): string {
  return app === '' ? group : `${group}/${app}`
}

function objectTitle({ object, was }: ObjectChange): string {
  const full = ({ namespace, name }: ObjectName): string => `${namespace === undefined ? '' : `${namespace}/`}${name}`
  const name = was === undefined ? full(object) : `${full(was)} → ${full(object)}`
  return `${object.kind} ${name} (${object.apiVersion})`
}

function sitesLabel({ sites }: ObjectChange, all: readonly string[]): string {
  if (sites.length === all.length && all.length > 1) return `all ${all.length} sites`
  return sites.length <= 4 ? sites.join(', ') : `${sites.slice(0, 3).join(', ')} and ${sites.length - 3} more sites`
}

/**
 * `spec.replicas: 2 → 3` where that fits; else the path on a line of its own, and below it what was and what is. Paths
 * are never cut, and of long texts the place is shown where they differ.
 */
function fieldLines({ path, before, after }: FieldChange, width: number, paint: Paint): string[] {
  const where = formatPath(path)
  const room = Math.max(width - indent.length - 2, 20)
  if (before !== undefined && after !== undefined && isShort(before) && isShort(after)) {
    const [was, is] = [inline(before), inline(after)]
    if (indent.length + `${where}: ${was} → ${is}`.length <= width) {
      return [`${indent}${where}: ${paint.red(was)} → ${paint.green(is)}`]
    }
    // The name of an image is worth two lines.
    const [old, now] = cutPair(was, is, Math.max(room, 160))
    return [`${indent}${where}:`, `${indent}${paint.red(`- ${old}`)}`, `${indent}${paint.green(`+ ${now}`)}`]
  }
  if (typeof before === 'string' && typeof after === 'string' && (before.includes('\n') || after.includes('\n'))) {
    return [`${indent}${where}:`, ...textLines(before, after, room, paint)]
  }
  const side = (mark: '+' | '-', value: GoValue | undefined, tone: (t: string) => string): string[] => {
    if (value === undefined) return []
    if (isShort(value)) {
      const line = `${mark} ${where}: ${inline(value)}`
      if (indent.length + line.length <= width) return [indent + tone(line)]
      return [indent + tone(`${mark} ${where}:`), indent + tone(`${mark}   ${cut(inline(value), room - 2)}`)]
    }
    const body = yamlLines(value)
    const shown = body.slice(0, linesShown).map(l => indent + tone(`${mark}   ${cut(l, room - 2)}`))
    const rest = body.length > linesShown ? [indent + paint.dim(`    … ${body.length - linesShown} more lines`)] : []
    return [indent + tone(`${mark} ${where}:`), ...shown, ...rest]
  }
  return [...side('-', before, paint.red), ...side('+', after, paint.green)]
}

/** Before a field. */
const indent = '      '

/** The changed lines of two block texts, each change with a line around it. */
function textLines(before: string, after: string, room: number, paint: Paint): string[] {
  const edits = diffLines(before.split('\n'), after.split('\n'))
  const near = edits.map((_, i) => edits.slice(Math.max(i - 1, 0), i + 2).some(edit => edit.mark !== ' '))
  const tones = { '-': paint.red, '+': paint.green, ' ': paint.dim } as const
  const out: string[] = []
  let shown = 0
  for (const [i, { mark, line }] of edits.entries()) {
    if (near[i] !== true) continue
    if (shown === 2 * linesShown) {
      const rest = edits.filter((edit, j) => j >= i && edit.mark !== ' ').length
      if (rest > 0) out.push(indent + paint.dim(`    … ${rest} more changed lines`))
      break
    }
    if (i > 0 && near[i - 1] !== true && shown > 0) out.push(indent + paint.dim('    ⋮'))
    out.push(indent + tones[mark](`${mark}   ${cut(line, room - 2)}`).trimEnd())
    shown++
  }
  return out
}

/** Two texts cut to the same part: the one in which they first differ. */
function cutPair(a: string, b: string, room: number): [string, string] {
  if (a.length <= room && b.length <= room) return [a, b]
  let same = 0
  while (same < a.length && same < b.length && a[same] === b[same]) same++
  const start = same < room - 8 ? 0 : same - Math.floor(room / 3)
  const part = (text: string): string => (start === 0 ? cut(text, room) : `…${cut(text.slice(start), room - 1)}`)
  return [part(a), part(b)]
}

/** `spec.template.spec.containers[name=web].image`; keys with dots or slashes are quoted. */
export function formatPath(path: readonly string[]): string {
  let out = ''
  for (const part of path) {
    if (part.startsWith('[') && part.endsWith(']')) out += part
    else {
      const shown = /^[^.[\]\s"]+$/.test(part) ? part : JSON.stringify(part)
      out += out === '' ? shown : `.${shown}`
    }
  }
  return out
}

function isShort(v: GoValue): boolean {
  if (isMap(v)) return v.size === 0
  if (isList(v))
    return (
      v.length === 0 || (v.length <= 4 && v.every(i => !isMap(i) && !isList(i)) && JSON.stringify(plain(v)).length < 60)
    )
  return typeof v !== 'string' || !v.includes('\n')
}

function inline(v: GoValue): string {
  return JSON.stringify(plain(v))
}

/** A value as YAML-like lines for people; not meant to be read back. */
function yamlLines(v: GoValue, indent = ''): string[] {
  if (isMap(v)) {
    return [...v].flatMap(([key, item]) =>
      isShort(item) ? [`${indent}${key}: ${inline(item)}`] : [`${indent}${key}:`, ...yamlLines(item, `${indent}  `)],
    )
  }
  if (isList(v)) {
    return v.flatMap(item => {
      if (isShort(item)) return [`${indent}- ${inline(item)}`]
      const [first = '', ...rest] = yamlLines(item, `${indent}  `)
      return [`${indent}- ${first.trimStart()}`, ...rest]
    })
  }
  return String(v)
    .split('\n')
    .map(line => indent + line)
}

/** Lines of at most `width` characters, broken at blanks. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width - 2) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : text.slice(0, width - 1) + '…'
}

function byPlace(changes: readonly ObjectChange[]): Map<string, ObjectChange[]> {
  const places = new Map<string, ObjectChange[]>()
  for (const change of changes) {
    const place = placeOf(change)
    places.set(place, [...(places.get(place) ?? []), change])
  }
  return places
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

type Paint = Readonly<Record<'red' | 'green' | 'yellow' | 'bold' | 'dim', (text: string) => string>>

function painter(color: boolean): Paint {
  const tone =
    (open: number, close: number) =>
    (text: string): string =>
      color ? `\u001b[${open}m${text}\u001b[${close}m` : text
  return { red: tone(31, 39), green: tone(32, 39), yellow: tone(33, 39), bold: tone(1, 22), dim: tone(2, 22) }
}

function riskTone(paint: Paint, risk: Risk): (text: string) => string {
  return risk.level === 'high' ? paint.red : paint.yellow
}
