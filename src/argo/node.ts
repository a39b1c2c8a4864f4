/** Argo objects as YAML trees: keys in the order the functions wrote them, longer texts as blocks. */
import { YamlMap, type YamlNode, YamlScalar, YamlSeq } from '../yaml/node.ts'

/** The tree of an object of plain data (objects, arrays, strings, numbers, booleans, null). Undefined fields are left out. */
export function objectNode(object: object): YamlMap {
  const map = new YamlMap()
  for (const [key, value] of Object.entries(object)) {
    if (value !== undefined) map.pairs.push({ key: new YamlScalar(key, 'plain', '!!str'), value: dataNode(value) })
  }
  return map
}

function dataNode(data: unknown): YamlNode {
  if (Array.isArray(data)) return new YamlSeq(data.map(dataNode))
  switch (typeof data) {
    case 'string':
      return new YamlScalar(data, data.includes('\n') ? 'literal' : 'plain', '!!str')
    case 'number':
      return new YamlScalar(String(data), 'plain', Number.isInteger(data) ? '!!int' : '!!float')
    case 'boolean':
      return new YamlScalar(String(data), 'plain', '!!bool')
    default:
      return data === null ? new YamlScalar('null', 'plain', '!!null') : objectNode(data as object)
  }
}
