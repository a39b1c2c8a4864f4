/** The parser of templates (text/template/parse, parse.go). Grammar rules stand above the functions that parse them. */
import { DecapodError, isStackExhausted } from '../errors.ts'
import * as strconv from '../go/strconv.ts'
import { GoError } from '../go/value.ts'
import { TemplateParseError } from './errors.ts'
import { type Item, type ItemType, Lexer, printItem } from './lex.ts'
import {
  type BranchNode,
  type CommandNode,
  isEmptyList,
  type ListNode,
  lineAndColumn,
  type Node,
  type PipeNode,
  printNode,
  type TemplateNode,
  type VariableNode,
} from './node.ts'
import { parseNumber } from './number.ts'
import type { Program } from './walk.ts'

/** Deepest nesting of parentheses Go allows. */
const maxParenDepth = 10_000

/** The templates that a text holds. Nothing in it knows the name of a file: files with the same text share it. */
export interface ParsedText {
  readonly text: string
  /** The body of the file itself. */
  readonly main: Tree
  /** Every define and block, by name. */
  readonly defines: ReadonlyMap<string, Tree>
}

/** The body of one template. */
export interface Tree {
  readonly root: ListNode
  /** Whether there is nothing but space in it: such a definition never replaces another. */
  readonly isEmpty: boolean
  /** What the executor makes of it, and keeps here: it is asked for at every call. */
  program: Program | undefined
}

/**
 * Parses the text of a file; `file` is its name in errors, `hasFunction` tells which names are functions.
 * Throws TemplateParseError, with Go's words.
 */
export function parseTemplate(file: string, text: string, hasFunction: (name: string) => boolean): ParsedText {
  const defines = new Map<string, Tree>()
  try {
    const main = new Parser({
      file,
      text,
      lexer: new Lexer(text),
      defines,
      hasFunction,
      stack: new Stack(),
    }).parseFile()
    return { text, main, defines }
  } catch (error) {
    // Go's stack grows; ours ends. Nothing else in here can exhaust it but nesting.
    if (isStackExhausted(error)) {
      throw new DecapodError('LIMIT_EXCEEDED', `${file} is nested too deeply to be parsed`, { at: { file } })
    }
    throw error
  }
}

/** What the parsers of one file share. */
interface Source {
  readonly file: string
  readonly text: string
  readonly lexer: Lexer
  readonly defines: Map<string, Tree>
  readonly hasFunction: (name: string) => boolean
  readonly stack: Stack
}

/** Node kinds that may not start the second or a later command of a pipeline. */
const notExecutable: ReadonlySet<Node['kind']> = new Set<Node['kind']>(['bool', 'dot', 'nil', 'number', 'string'])
const startsCommand: ReadonlySet<ItemType> = new Set<ItemType>([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
])

/** Most pipelines declare nothing; they share this. */
const none: readonly never[] = []

/** The nodes of lists that are not complete yet. An array for each would grow to room for seventeen, and most hold one. */
class Stack {
  private readonly nodes: Node[] = []
  private top = 0

  /** The place where a list starts. */
  get base(): number {
    return this.top
  }

  push(node: Node): void {
    this.nodes[this.top++] = node
  }

  /** The list that started at a place, in just the memory that it needs. */
  take(base: number): readonly Node[] {
    const list = this.top === base + 1 ? [this.nodes[base]!] : this.nodes.slice(base, this.top)
    this.top = base
    return list
  }
}

const names = new Map<string, string>()

/**
 * One string for every mention of a name: less memory, and lookups compare pointers. Charts use few names; a text that
 * floods the table starts it anew.
 */
function intern(name: string): string {
  const known = names.get(name)
  if (known !== undefined) return known
  if (names.size >= 10_000) names.clear()
  // A copy: a slice would keep the whole file alive.
  const own = Buffer.from(name, 'utf16le').toString('utf16le')
  names.set(own, own)
  return own
}

function unquoted(item: Item): string {
  return strconv.unquote(item.val)
}

/** Parses one template; a define or block inside it gets its own, on the same lexer. */
class Parser {
  private readonly source: Source
  /** Three items of lookahead; the last one read from the lexer is the first. */
  private readonly token: [Item | undefined, Item | undefined, Item | undefined] = [undefined, undefined, undefined]
  private peekCount = 0
  /** Variables declared so far, in scope. */
  private vars = ['$']
  /** Offset of the delimiter that opened the current action. */
  private actionPos: number | undefined
  private rangeDepth = 0
  private parenDepth = 0
  /** The fields of the operand that is being read. */
  private readonly fields: string[] = []

  constructor(source: Source) {
    this.source = source
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Items

  private next(): Item {
    if (this.peekCount > 0) this.peekCount--
    else this.token[0] = this.source.lexer.next()
    return this.token[this.peekCount]!
  }

  private backup(): void {
    this.peekCount++
  }

  /** Backs up two items; the last one read is still there. */
  private backup2(before: Item): void {
    this.token[1] = before
    this.peekCount = 2
  }

  private backup3(before2: Item, before1: Item): void {
    this.token[1] = before1
    this.token[2] = before2
    this.peekCount = 3
  }

  private peek(): Item {
    if (this.peekCount > 0) return this.token[this.peekCount - 1]!
    this.peekCount = 1
    this.token[0] = this.source.lexer.next()
    return this.token[0]
  }

  private nextNonSpace(): Item {
    let item = this.next()
    while (item.type === 'space') item = this.next()
    return item
  }

  private peekNonSpace(): Item {
    const item = this.nextNonSpace()
    this.backup()
    return item
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Errors

  private lineOf(pos: number): number {
    return lineAndColumn(this.source.text, pos).line
  }

  private fail(reason: string): never {
    const last = this.token[0]
    throw new TemplateParseError(this.source.file, last === undefined ? 0 : this.lineOf(last.pos), reason)
  }

  private unexpected(item: Item, context: string): never {
    if (item.type !== 'error') this.fail(`unexpected ${printItem(item)} in ${context}`)
    let extra = ''
    if (this.actionPos !== undefined && this.lineOf(this.actionPos) !== this.lineOf(item.pos)) {
      extra = ` started at ${this.source.file}:${this.lineOf(this.actionPos)}`
      // Avoids "action in action".
      if (!item.val.endsWith(' action')) extra = ` in action${extra}`
    }
    this.fail(item.val + extra)
  }

  private expect(type: ItemType, context: string): Item {
    const item = this.nextNonSpace()
    if (item.type !== type) this.unexpected(item, context)
    return item
  }

  /** A conversion that may throw a GoError, which becomes an error of parsing. */
  private convert<T>(convert: (item: Item) => T, item: Item): T {
    try {
      return convert(item)
    } catch (error) {
      if (error instanceof GoError) this.fail(error.message)
      throw error
    }
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Templates

  /** Parses to the end of the file; define is legal here only. */
  parseFile(): Tree {
    const { pos } = this.peek()
    const { stack } = this.source
    const { base } = stack
    while (this.peek().type !== 'eof') {
      if (this.peek().type === 'leftDelim') {
        const delim = this.next()
        if (this.nextNonSpace().type === 'define') {
          new Parser(this.source).parseDefinition()
          continue
        }
        this.backup2(delim)
      }
      const node = this.textOrAction()
      if (node.kind === 'end' || node.kind === 'else') this.fail(`unexpected ${printNode(node)}`)
      stack.push(node)
    }
    const root: ListNode = { kind: 'list', pos, nodes: stack.take(base) }
    return { root, isEmpty: isEmptyList(root), program: undefined }
  }

  /** {{define "name"}} itemList {{end}}; the keyword is past. */
  private parseDefinition(): void {
    const context = 'define clause'
    const name = this.nextNonSpace()
    if (name.type !== 'string' && name.type !== 'rawString') this.unexpected(name, context)
    const defined = this.convert(unquoted, name)
    this.expect('rightDelim', context)
    const { list, end } = this.itemList()
    if (end.kind !== 'end') this.fail(`unexpected ${printNode(end)} in ${context}`)
    this.add(defined, list)
  }

  /** Adds a definition under its name, unless an earlier one of this file has a body. */
  private add(name: string, root: ListNode): void {
    const { defines } = this.source
    const isEmpty = isEmptyList(root)
    if (defines.get(name)?.isEmpty !== false) defines.set(name, { root, isEmpty, program: undefined })
    else if (!isEmpty) this.fail(`template: multiple definition of template ${strconv.quote(name)}`)
  }

  /** textOrAction*, up to {{end}} or {{else}}. */
  private itemList(): { list: ListNode; end: Node } {
    const { pos } = this.peekNonSpace()
    const { stack } = this.source
    const { base } = stack
    while (this.peekNonSpace().type !== 'eof') {
      const node = this.textOrAction()
      if (node.kind === 'end' || node.kind === 'else') {
        return { list: { kind: 'list', pos, nodes: stack.take(base) }, end: node }
      }
      stack.push(node)
    }
    this.fail('unexpected EOF')
  }

  /** text | action */
  private textOrAction(): Node {
    const item = this.nextNonSpace()
    if (item.type === 'text') return { kind: 'text', pos: item.pos, text: item.val }
    if (item.type !== 'leftDelim') this.unexpected(item, 'input')
    this.actionPos = item.pos
    const node = this.action()
    this.actionPos = undefined
    return node
  }

  /** control | command ("|" command)*; the left delimiter is past. */
  private action(): Node {
    const item = this.nextNonSpace()
    switch (item.type) {
      case 'block':
        return this.blockControl()
      case 'break':
      case 'continue':
        return this.loopControl(item.type, item.pos)
      case 'else':
        return this.elseControl()
      case 'end':
        return { kind: 'end', pos: this.expect('rightDelim', 'end').pos }
      case 'if':
      case 'range':
      case 'with':
        return this.branchControl(item.type)
      case 'template':
        return this.templateControl()
    }
    this.backup()
    const { pos } = this.peek()
    // Variables are not popped; they last until "end".
    return { kind: 'action', pos, pipe: this.pipeline('command', 'rightDelim') }
  }

  /** {{break}} {{continue}} */
  private loopControl(kind: 'break' | 'continue', pos: number): Node {
    const item = this.nextNonSpace()
    if (item.type !== 'rightDelim') this.unexpected(item, `{{${kind}}}`)
    if (this.rangeDepth === 0) this.fail(`{{${kind}}} outside {{range}}`)
    return { kind, pos }
  }

  /** {{else}}; of {{else if …}} and {{else with …}} the second keyword is left for branchControl. */
  private elseControl(): Node {
    const item = this.peekNonSpace()
    if (item.type === 'if' || item.type === 'with') return { kind: 'else', pos: item.pos }
    return { kind: 'else', pos: this.expect('rightDelim', 'else').pos }
  }

  /** {{if|range|with pipeline}} itemList [{{else}} itemList] {{end}}; the keyword is past. */
  private branchControl(kind: 'if' | 'range' | 'with'): BranchNode {
    const scope = this.vars.length
    const pipe = this.pipeline(kind, 'rightDelim')
    if (kind === 'range') this.rangeDepth++
    const { list, end } = this.itemList()
    if (kind === 'range') this.rangeDepth--
    let elseList: ListNode | undefined
    if (end.kind === 'else') {
      if (kind !== 'range' && this.peek().type === kind) {
        // {{if a}}_{{else if b}}_{{end}} is {{if a}}_{{else}}{{if b}}_{{end}}{{end}}; the last {{end}} is assumed.
        this.next()
        elseList = { kind: 'list', pos: end.pos, nodes: [this.branchControl(kind)] }
      } else {
        const otherwise = this.itemList()
        if (otherwise.end.kind !== 'end') this.fail(`expected end; found ${printNode(otherwise.end)}`)
        elseList = otherwise.list
      }
    }
    this.vars.length = scope
    return { kind, pos: pipe.pos, pipe, list, elseList }
  }

  /** {{block "name" pipeline}} itemList {{end}}; the keyword is past. */
  private blockControl(): TemplateNode {
    const context = 'block clause'
    const item = this.nextNonSpace()
    const name = this.templateName(item, context)
    const pipe = this.pipeline(context, 'rightDelim')
    const block = new Parser(this.source)
    const { list, end } = block.itemList()
    if (end.kind !== 'end') this.fail(`unexpected ${printNode(end)} in ${context}`)
    block.add(name, list)
    return { kind: 'template', pos: item.pos, name, pipe }
  }

  /** {{template "name" [pipeline]}}; the keyword is past. */
  private templateControl(): TemplateNode {
    const context = 'template clause'
    const item = this.nextNonSpace()
    const name = this.templateName(item, context)
    let pipe: PipeNode | undefined
    if (this.nextNonSpace().type !== 'rightDelim') {
      this.backup()
      pipe = this.pipeline(context, 'rightDelim')
    }
    return { kind: 'template', pos: item.pos, name, pipe }
  }

  private templateName(item: Item, context: string): string {
    if (item.type !== 'string' && item.type !== 'rawString') this.unexpected(item, context)
    return this.convert(unquoted, item)
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Pipelines

  /** declarations? command ('|' command)* */
  private pipeline(context: string, end: ItemType): PipeNode {
    const pipe: PipeNode = {
      kind: 'pipe',
      pos: this.peekNonSpace().pos,
      isAssign: false,
      decl: none,
      cmds: none,
    }
    this.declarations(pipe, context)
    const { stack } = this.source
    const { base } = stack
    for (;;) {
      const item = this.nextNonSpace()
      if (item.type === end) break
      if (!startsCommand.has(item.type)) this.unexpected(item, context)
      this.backup()
      stack.push(this.command())
    }
    const cmds = stack.take(base) as readonly CommandNode[]
    if (cmds.length === 0) this.fail(`missing value for ${context}`)
    for (let i = 1; i < cmds.length; i++) {
      if (notExecutable.has(cmds[i]!.args[0]!.kind)) this.fail(`non executable command in pipeline stage ${i + 1}`)
    }
    pipe.cmds = cmds
    return pipe
  }

  /** $x := | $x = | $i, $x := (range only) */
  private declarations(pipe: PipeNode, context: string): void {
    for (;;) {
      const v = this.peekNonSpace()
      if (v.type !== 'variable') return
      this.next()
      // Space is an item, so telling "$x foo" from "$x :=" takes three items: the one right after the variable is
      // kept, to be pushed back.
      const after = this.peek()
      const next = this.peekNonSpace()
      if (next.type === 'assign' || next.type === 'declare') {
        pipe.isAssign = next.type === 'assign'
        this.nextNonSpace()
        this.declare(pipe, v)
        return
      }
      if (next.type === 'char' && next.val === ',') {
        this.nextNonSpace()
        this.declare(pipe, v)
        if (context === 'range' && pipe.decl.length < 2) {
          const { type } = this.peekNonSpace()
          // The second variable of a range.
          if (type === 'variable' || type === 'rightDelim' || type === 'rightParen') continue
          this.fail('range can only initialize variables')
        }
        this.fail(`too many declarations in ${context}`)
      }
      if (after.type === 'space') this.backup3(v, after)
      else this.backup2(v)
      return
    }
  }

  private declare(pipe: PipeNode, item: Item): void {
    pipe.decl = [...pipe.decl, this.variable(item.pos, item.val)]
    this.vars.push(item.val)
  }

  private variable(pos: number, name: string): VariableNode {
    return { kind: 'variable', pos, ident: [intern(name)] }
  }

  /** operand (space operand)*; takes the pipe sign, leaves a delimiter. */
  private command(): CommandNode {
    const { pos } = this.peekNonSpace()
    const { stack } = this.source
    const { base } = stack
    for (;;) {
      this.peekNonSpace()
      const operand = this.operand()
      if (operand !== undefined) stack.push(operand)
      const item = this.next()
      if (item.type === 'space') continue
      if (item.type === 'rightDelim' || item.type === 'rightParen') this.backup()
      else if (item.type !== 'pipe') this.unexpected(item, 'operand')
      break
    }
    const args = stack.take(base)
    if (args.length === 0) this.fail('empty command')
    return { kind: 'command', pos, args }
  }

  /** term .Field*; undefined when the next item starts none. */
  private operand(): Node | undefined {
    const node = this.term()
    if (node === undefined || this.peek().type !== 'field') return node
    // The position of what follows is that of its first field, as in Go.
    const { pos } = this.peek()
    // Collected where they take no memory: what is kept has just the room it needs.
    const { fields } = this
    let count = 0
    if (node.kind === 'field' || node.kind === 'variable') for (const name of node.ident) fields[count++] = name
    while (this.peek().type === 'field') fields[count++] = intern(this.next().val.slice(1))
    const ident = fields.slice(0, count)
    switch (node.kind) {
      case 'field':
      case 'variable':
        return { kind: node.kind, pos, ident }
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        this.fail(`unexpected . after term ${strconv.quote(printNode(node))}`)
    }
    return { kind: 'chain', pos, node, field: ident }
  }

  /** literal | function | . | .Field | $ | '(' pipeline ')'; undefined when the next item is none. */
  private term(): Node | undefined {
    const item = this.nextNonSpace()
    const { pos } = item
    switch (item.type) {
      case 'identifier':
        if (!this.source.hasFunction(item.val)) this.fail(`function ${strconv.quote(item.val)} not defined`)
        return { kind: 'identifier', pos, name: intern(item.val) }
      case 'dot':
        return { kind: 'dot', pos }
      case 'nil':
        return { kind: 'nil', pos }
      case 'variable':
        if (!this.vars.includes(item.val)) this.fail(`undefined variable ${strconv.quote(item.val)}`)
        return this.variable(pos, item.val)
      case 'field':
        return { kind: 'field', pos, ident: [intern(item.val.slice(1))] }
      case 'bool':
        return { kind: 'bool', pos, value: item.val === 'true' }
      case 'charConstant':
      case 'complex':
      case 'number':
        return this.convert(parseNumber, item)
      case 'leftParen': {
        if (this.parenDepth >= maxParenDepth) this.fail('max expression depth exceeded')
        this.parenDepth++
        const pipe = this.pipeline('parenthesized pipeline', 'rightParen')
        this.parenDepth--
        return pipe
      }
      case 'string':
      case 'rawString':
        return {
          kind: 'string',
          pos,
          quoted: item.val,
          text: this.convert(unquoted, item),
        }
    }
    this.backup()
    return undefined
  }
}
