import { quote } from '../go/strconv.ts'
import { trimSpace } from '../go/strings.ts'
import { byteLength } from '../go/value.ts'

/**
 * The parse tree of a template. Nodes are immutable data; `printNode` writes each as Go writes it (text/template/parse,
 * node.go), which is what stands between `<` and `>` in an error.
 */

/** Where a node stands: an offset into the text of its file, in UTF-16 units. */
interface Place {
  readonly pos: number
}

export interface TextNode extends Place {
  readonly kind: 'text'
  readonly text: string
}
export interface ListNode extends Place {
  readonly kind: 'list'
  readonly nodes: readonly Node[]
}
/** `{{pipeline}}`. */
export interface ActionNode extends Place {
  readonly kind: 'action'
  readonly pipe: PipeNode
}
/** Commands joined by `|`, perhaps with declarations (`:=`) or assignments (`=`). */
export interface PipeNode extends Place {
  readonly kind: 'pipe'
  isAssign: boolean
  decl: readonly VariableNode[]
  cmds: readonly CommandNode[]
}
export interface CommandNode extends Place {
  readonly kind: 'command'
  readonly args: readonly Node[]
}
export interface IdentifierNode extends Place {
  readonly kind: 'identifier'
  readonly name: string
}
/** `$x.a.b`: the variable with its dollar sign, then the fields. */
export interface VariableNode extends Place {
  readonly kind: 'variable'
  readonly ident: readonly string[]
}
export interface DotNode extends Place {
  readonly kind: 'dot'
}
export interface NilNode extends Place {
  readonly kind: 'nil'
}
/** `.a.b`. */
export interface FieldNode extends Place {
  readonly kind: 'field'
  readonly ident: readonly string[]
}
/** A term followed by fields: `(pipe).a.b`. */
export interface ChainNode extends Place {
  readonly kind: 'chain'
  readonly node: Node
  readonly field: string[]
}
export interface BoolNode extends Place {
  readonly kind: 'bool'
  readonly value: boolean
}
/** A number under every type that can hold it, as Go's ideal constants are. */
export interface NumberNode extends Place {
  readonly kind: 'number'
  readonly text: string
  readonly int: bigint | undefined
  readonly uint: bigint | undefined
  readonly float: number | undefined
  /** The imaginary part of a complex constant. */
  readonly imag: number | undefined
}
export interface StringNode extends Place {
  readonly kind: 'string'
  /** As written, with its quotes. */
  readonly quoted: string
  readonly text: string
}
export interface BranchNode extends Place {
  readonly kind: 'if' | 'range' | 'with'
  readonly pipe: PipeNode
  readonly list: ListNode
  readonly elseList: ListNode | undefined
}
export interface TemplateNode extends Place {
  readonly kind: 'template'
  readonly name: string
  readonly pipe: PipeNode | undefined
}
/** break, continue; and end and else, which end a list and never enter the tree. */
export interface MarkNode extends Place {
  readonly kind: 'break' | 'continue' | 'end' | 'else'
}

export type Node =
  | TextNode
  | ListNode
  | ActionNode
  | PipeNode
  | CommandNode
  | IdentifierNode
  | VariableNode
  | DotNode
  | NilNode
  | FieldNode
  | ChainNode
  | BoolNode
  | NumberNode
  | StringNode
  | BranchNode
  | TemplateNode
  | MarkNode

/** The canonical text of a node (Node.String in Go). */
export function printNode(node: Node): string {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'list':
      return node.nodes.map(printNode).join('')
    case 'action':
      return `{{${printNode(node.pipe)}}}`
    case 'pipe': {
      const commands = node.cmds.map(printNode).join(' | ')
      if (node.decl.length === 0) return commands
      return `${node.decl.map(printNode).join(', ')} ${node.isAssign ? '=' : ':='} ${commands}`
    }
    case 'command':
      return node.args.map(a => (a.kind === 'pipe' ? `(${printNode(a)})` : printNode(a))).join(' ')
    case 'identifier':
      return node.name
    case 'variable':
      return node.ident.join('.')
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'field':
      return '.' + node.ident.join('.')
    case 'chain': {
      const term = node.node.kind === 'pipe' ? `(${printNode(node.node)})` : printNode(node.node)
      return [term, ...node.field].join('.')
    }
    case 'bool':
      return String(node.value)
    case 'number':
      return node.text
    case 'string':
      return node.quoted
    case 'if':
    case 'range':
    case 'with': {
      const otherwise = node.elseList === undefined ? '' : `{{else}}${printNode(node.elseList)}`
      return `{{${node.kind} ${printNode(node.pipe)}}}${printNode(node.list)}${otherwise}{{end}}`
    }
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe === undefined ? '' : ' ' + printNode(node.pipe)}}}`
    case 'break':
    case 'continue':
    case 'end':
    case 'else':
      return `{{${node.kind}}}`
  }
}

/** Whether a body holds nothing but space; such a definition never replaces another (IsEmptyTree). */
export function isEmptyList(list: ListNode): boolean {
  return list.nodes.every(n => n.kind === 'text' && trimSpace(n.text) === '')
}

/** Line (from 1) and byte column (from 0) of an offset, as Go's ErrorContext counts them. */
export function lineAndColumn(text: string, pos: number): { line: number; column: number } {
  let line = 1
  let start = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < pos; at = text.indexOf('\n', at + 1)) {
    line++
    start = at + 1
  }
  return { line, column: byteLength(text.slice(start, pos)) }
}
