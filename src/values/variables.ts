/**
 * Variables: `$(name)` in values. A string that is nothing but `$(name)` takes the variable's value with its type; inside
 * other text the variable's scalar text is put in; `$$(` is a literal `$(`; keys are never expanded. The original's two
 * renderers disagree on all of this (text substitution against Python objects); what follows is the meaning that loses
 * no type and no error. An unterminated `$(` is text.
 */
import { DecapodError, nearest, type Position } from '../errors.ts'
import {
  cloneNode,
  isNull,
  type NodeOrigin,
  positionOf,
  YamlMap,
  type YamlNode,
  YamlScalar,
  YamlSeq,
} from '../yaml/node.ts'

/** One use of a variable in a value: its name and the node that defines it. */
export interface VariableUse {
  readonly name: string
  readonly value: YamlNode
}

/** Where a variable was used: the scalar that names it, for messages. */
interface Reference {
  readonly name: string
  readonly scalar: YamlScalar
}

/** How deep variables may refer to variables. */
const maxDepth = 64
/** How much text and how many nodes all expansions of one Variables may produce: a few lines can name gigabytes. */
const maxText = 64 * 1024 * 1024
const maxNodes = 2_000_000

const pattern = /\$\$\(|\$\(([^()]+)\)/g

/** The names a scope defines, in lookup order: the first map that has a name decides. */
export class Variables {
  private readonly scopes: readonly ReadonlyMap<string, YamlNode>[]
  private readonly resolved = new Map<string, YamlNode>()
  /** Names on the way to being resolved, outermost first: a name met twice refers to itself. */
  private readonly path: string[] = []
  private readonly missing = new Map<string, Reference[]>()
  private readonly failures = new Map<string, DecapodError>()
  private text = 0
  private nodes = 0
  /** How often an expansion went wrong so far. */
  problems = 0

  constructor(scopes: readonly ReadonlyMap<string, YamlNode>[]) {
    this.scopes = scopes
  }

  /** The names that are defined, nearest scope first. */
  *names(): Generator<string> {
    for (const scope of this.scopes) yield* scope.keys()
  }

  /**
   * A deep copy of `node` with every variable expanded. `stamp` makes the origin of each new node from the variables
   * that were used for it. What is undefined or refers to itself stays as written and is kept for errors().
   */
  expand(node: YamlNode, stamp: (uses: readonly VariableUse[] | undefined) => NodeOrigin | undefined): YamlNode {
    if (++this.nodes > maxNodes) throw tooMuch(node)
    if (node.kind === 'scalar') {
      if (node.value.includes('$(')) return this.expandScalar(node, stamp)
      const copy = cloneNode(node)
      copy.origin = stamp(undefined)
      return copy
    }
    let copy: YamlMap | YamlSeq
    if (node.kind === 'map') {
      const pairs = node.pairs.map(pair => ({ key: cloneNode(pair.key), value: this.expand(pair.value, stamp) }))
      copy = new YamlMap(pairs, node.source, node.offset)
    } else {
      const items = node.items.map(item => this.expand(item, stamp))
      copy = new YamlSeq(items, node.source, node.offset)
    }
    copy.flow = node.flow
    copy.tag = node.tag
    copy.origin = stamp(undefined)
    return copy
  }

  /** What went wrong in every expansion so far: one error per undefined name, with all places, in order of first use. */
  errors(): DecapodError[] {
    const undefinedNames = [...this.missing].map(([name, references]) => this.undefinedName(name, references))
    return [...undefinedNames, ...this.failures.values()]
  }

  private expandScalar(
    scalar: YamlScalar,
    stamp: (uses: readonly VariableUse[] | undefined) => NodeOrigin | undefined,
  ): YamlNode {
    const whole = /^\$\(([^()]+)\)$/.exec(scalar.value)
    if (whole !== null) {
      const name = whole[1]!.trim()
      const value = this.resolve(name, scalar)
      if (value === undefined) {
        this.problems++
        return unexpanded(scalar, stamp(undefined))
      }
      return this.copyValue(value, scalar, stamp([{ name, value }]))
    }
    const uses: VariableUse[] = []
    let failed = false
    const text = scalar.value.replace(pattern, (match, given: string | undefined) => {
      if (given === undefined) return '$('
      const name = given.trim()
      const value = this.resolve(name, scalar)
      const text = value === undefined ? undefined : this.scalarText(name, value, scalar)
      if (text === undefined) {
        failed = true
        return match
      }
      uses.push({ name, value: value! })
      this.text += text.length
      if (this.text > maxText) throw tooMuch(scalar)
      return text
    })
    if (failed) {
      this.problems++
      return unexpanded(scalar, stamp(undefined))
    }
    const expanded = new YamlScalar(text, scalar.style, '!!str', scalar.source, scalar.offset)
    expanded.origin = stamp(uses.length === 0 ? undefined : uses)
    return expanded
  }

  /** The value of a variable with the variables in it expanded, or undefined after noting why there is none. */
  private resolve(name: string, user: YamlScalar): YamlNode | undefined {
    const known = this.resolved.get(name)
    if (known !== undefined) return known
    const given = this.definition(name)
    if (given === undefined) {
      const references = this.missing.get(name)
      if (references === undefined) this.missing.set(name, [{ name, scalar: user }])
      else references.push({ name, scalar: user })
      return undefined
    }
    const loop = this.path.indexOf(name)
    if (loop !== -1) {
      const chain = [...this.path.slice(loop), name].join(' → ')
      this.fail(`loop ${name}`, `variable "${name}" refers to itself: ${chain}`, given, {
        hint: `write $$(${name}) for the literal text $(${name})`,
      })
      return undefined
    }
    if (this.path.length >= maxDepth) {
      this.fail(`depth ${name}`, `variables refer to each other more than ${maxDepth} deep`, given, {})
      return undefined
    }
    if (this.failures.has(`loop ${name}`)) return undefined
    this.path.push(name)
    const value = this.expand(given, uses => (uses === undefined ? undefined : { uses }))
    this.path.pop()
    this.resolved.set(name, value)
    return value
  }

  private definition(name: string): YamlNode | undefined {
    for (const scope of this.scopes) {
      const node = scope.get(name)
      if (node !== undefined) return node
    }
    return undefined
  }

  /** The text a variable contributes inside other text: a scalar's own; null, maps and lists have none. */
  private scalarText(name: string, value: YamlNode, user: YamlScalar): string | undefined {
    if (value.kind === 'scalar' && !isNull(value)) return value.value
    const what = value.kind === 'scalar' ? 'null' : value.kind === 'map' ? 'a map' : 'a list'
    const at = positionOf(value)
    this.fail(
      `text ${name} ${user.source?.file}:${user.offset}`,
      `variable "${name}" is ${what} and cannot stand inside text`,
      user,
      {
        at: referencePosition({ name, scalar: user }),
        notes: at === undefined ? [] : [`defined at ${at.file}:${at.line}:${at.column}`],
        hint: `a string that is only $(${name}) takes the value as it is`,
      },
    )
    return undefined
  }

  /**
   * A copy of a variable's value, every node of it stamped with the use. The place of a value is where it was set, the
   * reference; the variable's own place is in the origin.
   */
  private copyValue(value: YamlNode, { source, offset }: YamlScalar, origin: NodeOrigin | undefined): YamlNode {
    const place = (node: YamlNode): void => {
      if (++this.nodes > maxNodes) throw tooMuch(node)
      node.source = source
      node.offset = offset
      node.origin = origin
      if (node.kind === 'map') for (const pair of node.pairs) place(pair.value)
      else if (node.kind === 'seq') for (const item of node.items) place(item)
    }
    const copy = cloneNode(value)
    place(copy)
    return copy
  }

  private fail(
    key: string,
    message: string,
    node: YamlNode,
    details: { hint?: string; notes?: string[]; at?: Position | undefined },
  ): void {
    if (this.failures.has(key)) return
    this.failures.set(key, new DecapodError('VARIABLE_INVALID', message, { at: positionOf(node), ...details }))
  }

  private undefinedName(name: string, references: readonly Reference[]): DecapodError {
    const near = nearest(name, new Set(this.names()))
    // Where a name is missing everywhere, a few places show it.
    const others = references.slice(1, 1 + shownPlaces).map(referencePosition)
    const places = others.flatMap(at => (at === undefined ? [] : [`also used at ${at.file}:${at.line}:${at.column}`]))
    const more = references.length - 1 - shownPlaces
    if (more > 0) places.push(`and at ${more} more`)
    const literal = `write $$(${name}) for the literal text $(${name})`
    return new DecapodError('VARIABLE_UNDEFINED', `variable "${name}" is not defined`, {
      at: referencePosition(references[0]!),
      notes: places,
      hint: near === undefined ? `define it under global:, or ${literal}` : `did you mean $(${near})? Or ${literal}`,
    })
  }
}

/** How many more places a message about an undefined name lists. */
const shownPlaces = 5

/** The reference as it stands: what could not be expanded is an error, and the tree stays whole for further checks. */
function unexpanded(scalar: YamlScalar, origin: NodeOrigin | undefined): YamlScalar {
  const copy = cloneNode(scalar)
  copy.origin = origin
  return copy
}

/** Where the reference itself stands in the scalar's source: the column of `$(`, also inside a block scalar. */
function referencePosition({ name, scalar }: Reference): Position | undefined {
  const { source } = scalar
  if (source === undefined) return undefined
  const found = source.text.slice(scalar.offset).search(new RegExp(`\\$\\(\\s*${escapePattern(name)}\\s*\\)`))
  if (found === -1) return positionOf(scalar)
  return positionOf(new YamlScalar('', 'plain', undefined, source, scalar.offset + found))
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function tooMuch(node: YamlNode): DecapodError {
  return new DecapodError(
    'LIMIT_EXCEEDED',
    'variables expand to more than decapod takes (64 MiB of text, 2 million nodes)',
    {
      at: positionOf(node),
    },
  )
}
