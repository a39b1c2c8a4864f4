/** An object as Go's `%#v` prints it, which is how Kustomize names one that it cannot write. */
import { formatFloat, quote } from '../go/strconv.ts'
import { compareStrings } from '../go/value.ts'
import type { YamlMap, YamlNode, YamlScalar } from '../yaml/node.ts'
import { resolveScalar } from '../yaml/resolve.ts'

/** The text for what go-yaml v3 decodes an object to. */
export function goSyntax(object: YamlMap): string {
  return map(object, true)
}

function syntax(node: YamlNode): string {
  if (node.kind === 'map')
    return map(
      node,
      node.pairs.every(({ key }) => key.kind === 'scalar' && isText(key)),
    )
  if (node.kind === 'seq') return `[]interface {}{${node.items.map(syntax).join(', ')}}`
  return scalar(node)
}

function map(node: YamlMap, hasTextKeys: boolean): string {
  const entries = node.pairs.map(({ key, value }) => ({ key, value: syntax(value) }))
  entries.sort((a, b) => rank(a.key) - rank(b.key) || compareStrings(keyText(a.key), keyText(b.key)))
  const shown = entries.map(({ key, value }) => `${hasTextKeys ? quote(keyText(key)) : syntax(key)}:${value}`)
  return `map[${hasTextKeys ? 'string' : 'interface {}'}]interface {}{${shown.join(', ')}}`
}

function keyText(key: YamlNode): string {
  return key.kind === 'scalar' ? key.value : ''
}

function isText(key: YamlScalar): boolean {
  return resolveScalar(key, 'v3').tag === '!!str'
}

/** Go prints keys of mixed types by where the types lie in the program. */
function rank(key: YamlNode): number {
  if (key.kind !== 'scalar') return 4
  const { tag } = resolveScalar(key, 'v3')
  return tag === '!!str' ? 0 : tag === '!!int' ? 1 : tag === '!!float' ? 2 : 3
}

const months = 'January February March April May June July August September October November December'.split(' ')

function scalar(node: YamlScalar): string {
  const { tag, value } = resolveScalar(node, 'v3')
  if (value === null) return 'interface {}(nil)'
  if (typeof value === 'bigint') return value > 0x7fffffffffffffffn ? `0x${value.toString(16)}` : String(value)
  if (typeof value === 'number') return formatFloat(value, 'g', -1)
  if (typeof value === 'boolean') return String(value)
  const time = tag === '!!timestamp' ? /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)(?:\.(\d+))?Z$/.exec(value) : null
  if (time === null) return quote(value)
  const [year, month, day, hour, minute, second] = time.slice(1, 7).map(Number)
  const nanoseconds = Number((time[7] ?? '').padEnd(9, '0'))
  return `time.Date(${year}, time.${months[month! - 1]}, ${day}, ${hour}, ${minute}, ${second}, ${nanoseconds}, time.UTC)`
}
