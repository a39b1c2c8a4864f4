/** Who set a value: every node of merged values remembers it. */

import type { YamlNode } from '../yaml/node.ts'
import type { ValuesDocument } from './document.ts'
import type { VariableUse } from './variables.ts'

/** What a node of merged values remembers. Nodes of a base have none: their own place says where they come from. */
export interface Origin {
  /** The document that set the value. */
  readonly document?: ValuesDocument | undefined
  /** The variables that were put in. */
  readonly uses?: readonly VariableUse[] | undefined
  /** The value that lost, with an origin of its own. */
  readonly replaced?: YamlNode | undefined
  /** On a map: keys taken out of it by `remove`, with the entry that did it and the value that went. */
  readonly removed?: ReadonlyMap<string, { readonly entry: YamlNode; readonly value: YamlNode }> | undefined
}

/** The origin of a node of merged values; undefined for one that stands as its file wrote it. */
export function originOf(node: YamlNode): Origin | undefined {
  return node.origin as Origin | undefined
}
