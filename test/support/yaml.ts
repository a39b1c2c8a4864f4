import type { GoValue } from '../../src/go/value.ts'
import type { YamlNode } from '../../src/yaml/node.ts'
import { toValue } from '../../src/yaml/values.ts'

/** A YAML tree as plain JavaScript data, for expectations: maps as objects (any key as own), numbers as numbers. */
export function plain(node: YamlNode): unknown {
  return plainValue(toValue(node, 'v3'))
}

/** A Go value as plain JavaScript data. */
export function plainValue(value: GoValue): unknown {
  if (value instanceof Map) {
    const object = {}
    for (const [key, item] of value) {
      Object.defineProperty(object, key, { value: plainValue(item as GoValue), enumerable: true, configurable: true })
    }
    return object
  }
  if (Array.isArray(value)) return value.map(plainValue)
  if (typeof value === 'bigint') return Number(value)
  return value
}
