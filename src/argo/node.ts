/** Argo objects as YAML trees: keys in the order the functions wrote them, longer texts as blocks. */
import { YamlMap, type YamlNode, YamlScalar, YamlSeq } from '../yaml/node.ts'

/** The tree of plain data (objects, arrays, strings, numbers, booleans, null). Fields that are undefined are left out. */
export function objectNode(data: unknown): YamlNode {
  if (Array.isArray(data)) return new YamlSeq(data.map(objectNode))
  switch (typeof data) {
    case 'string':
      return new YamlScalar(data, data.includes('\n') ? 'literal' : 'plain', '!!str')
    case 'number':
      return new YamlScalar(String(data), 'plain', Number.isInteger(data) ? '!!int' : '!!float')
    case 'boolean':
      return new YamlScalar(String(data), 'plain', '!!bool')
    case 'object':
      if (data === null) return new YamlScalar('null', 'plain', '!!null')
  }
  const map = new YamlMap()
  for (const [key, value] of Object.entries(data as object)) {
    if (value !== undefined) map.pairs.push({ key: new YamlScalar(key, 'plain', '!!str'), value: objectNode(value) })
  }
  return map
}
