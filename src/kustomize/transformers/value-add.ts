/** ValueAddTransformer: a value put into fields, or into the file paths that fields hold (api/filters/valueadd). */
import { YamlMap, YamlScalar } from '../../yaml/node.ts'
import { splitPath } from '../field-path.ts'
import { expectKind, isMissingOrNull } from '../nodes.ts'
import type { Resource } from '../resource.ts'

/** Sets the field at a path, making it where it is missing; a position inserts the value into the path it holds. */
export function addValue(resource: Resource, fieldPath: string, value: string, position: number): void {
  const steps = splitPath(fieldPath, '/').filter(step => step !== '')
  let at = resource.node
  for (const [i, step] of steps.entries()) {
    const next = at.get(step)
    if (i === steps.length - 1) {
      const field = isMissingOrNull(next) ? new YamlScalar('') : next!
      if (next !== field) at.set(step, field)
      expectKind(field, 'scalar')
      const scalar = field as YamlScalar
      scalar.value = position > 0 ? insertPathPart(scalar.value, position - 1, value) : value
      scalar.tag = undefined
    } else if (isMissingOrNull(next)) {
      const made = new YamlMap()
      at.set(step, made)
      at = made
    } else {
      expectKind(next!, 'map')
      at = next as YamlMap
    }
  }
  resource.touched()
}

/** Inserts a part into a file path at a position; an absolute path stays one (filesys.InsertPathPart). */
function insertPathPart(path: string, position: number, part: string): string {
  const isAbsolute = path.startsWith('/')
  const parts = path.split('/').filter(p => p !== '')
  parts.splice(Math.min(position, parts.length), 0, part)
  return (isAbsolute ? '/' : '') + parts.join('/')
}
