/** Literals: what they are where any type will do, and what they become for a parameter (exec.go: evalArg, idealConstant). */
import { formatValue } from '../go/fmt.ts'
import { quote } from '../go/strconv.ts'
import { GoError, GoInt, GoObject } from '../go/value.ts'
import type { Eval, Value } from './frame.ts'
import { type Node, type NumberNode, printNode } from './node.ts'
import { goTypeName } from './params.ts'

/** A bool, number or string where any type will do. */
export function literal(node: Node): Eval {
  switch (node.kind) {
    case 'bool':
      return constant(node, node.value)
    case 'string':
      return constant(node, node.text)
    case 'number':
      return idealConstant(node)
    default:
      return failing(node, `can't evaluate command ${quote(printNode(node))}`)
  }
}
/** A literal is made what the parameter wants, as Go's constants are; else it is an error where it stands. */
export function literalArgument(type: string, node: Node): Eval {
  if (type === 'any' || type === 'value') return literal(node)
  if (type === 'string') return node.kind === 'string' ? constant(node, node.text) : notFound(node, 'string')
  if (type === 'bool') return node.kind === 'bool' ? constant(node, node.value) : notFound(node, 'bool')
  const number = node.kind === 'number' ? node : undefined
  if (type === 'float64' || type === 'float32') {
    return number?.float === undefined ? notFound(node, 'float') : constant(node, number.float)
  }
  if (type in intBits) {
    if (number?.int === undefined) return notFound(node, 'integer')
    const value = BigInt.asIntN(intBits[type]!, number.int)
    return constant(node, type === 'int' ? value : new GoInt(type as GoInt['type'], value))
  }
  if (type in uintBits) {
    if (number?.uint === undefined) return notFound(node, 'unsigned integer')
    return constant(node, new GoInt(type as GoInt['type'], BigInt.asUintN(uintBits[type]!, number.uint)))
  }
  return failing(node, `can't handle ${printNode(node)} for arg of type ${goTypeName(type)}`)
}

/** A value that is known when the template is compiled. */
function constant(node: Node, value: Value): Eval {
  return fr => {
    fr.node = node
    return value
  }
}

function notFound(node: Node, expected: string): Eval {
  return failing(node, `expected ${expected}; found ${printNode(node)}`)
}

const intBits: Readonly<Record<string, number>> = { int: 64, int8: 8, int16: 16, int32: 32, int64: 64 }
const uintBits: Readonly<Record<string, number>> = { uint: 64, uint8: 8, uint16: 16, uint32: 32, uint64: 64 }

/** An expression that is known to fail when it is reached. */
export function failing(node: Node, reason: string): Eval {
  return fr => {
    fr.node = node
    return fr.fail(reason)
  }
}

/** A number without a type to become: its syntax tells (idealConstant). */
function idealConstant(node: NumberNode): Eval {
  const { text } = node
  let value: Value
  if (node.imag !== undefined) value = new GoComplex(node.float ?? 0, node.imag)
  else if (node.float !== undefined && !/^0[xX][^pP]+$/.test(text) && !text.startsWith("'") && /[.eEpP]/.test(text)) {
    value = node.float
  } else if (node.int !== undefined) value = node.int
  else return failing(node, `${text} overflows int`)
  return fr => {
    fr.node = node
    return value
  }
}

/** A complex constant: templates can write one, nothing can be done with it but print it. */
class GoComplex extends GoObject {
  readonly goType = 'complex128'
  readonly goKind = 'complex128'
  private readonly real: number
  private readonly imag: number

  constructor(real: number, imag: number) {
    super()
    this.real = real
    this.imag = imag
  }

  override text(): string {
    const imag = formatValue(this.imag)
    return `(${formatValue(this.real)}${/^[+-]/.test(imag) ? '' : '+'}${imag}i)`
  }

  override truth(): boolean {
    return this.real !== 0 || this.imag !== 0
  }

  override json(): never {
    throw new GoError('json: unsupported type: complex128')
  }
}
