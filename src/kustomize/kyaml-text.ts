/**
 * A node as YAML text the way kyaml prints it (RNode.String, go-yaml v3 with two spaces and lists not indented): keys in
 * order, scalars in the style they were written in, no line folded. Comments are gone; the parser does not keep them.
 */
import { type YamlMap, type YamlNode, YamlScalar, type YamlSeq } from '../yaml/node.ts'
import { resolveScalar } from '../yaml/resolve.ts'
import { chooseStyle, literalText, scalarText } from '../yaml/scalar-text.ts'

/** The text, ending with a line break. */
export function kyamlText(node: YamlNode): string {
  if (node.kind === 'scalar') return ended(scalar(node, 0, 2))
  if (isFlow(node)) return `${flow(node)}\n`
  return block(node, 0)
}

function ended(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}

/** Whether a collection stands on one line: written so, or empty. */
function isFlow(node: YamlMap | YamlSeq): boolean {
  return node.flow || (node.kind === 'map' ? node.pairs.length === 0 : node.items.length === 0)
}

function block(node: YamlMap | YamlSeq, indent: number): string {
  const pad = ' '.repeat(indent)
  let out = ''
  if (node.kind === 'map') {
    for (const { key, value } of node.pairs) {
      out += `${pad}${key.kind === 'scalar' ? scalar(key, indent, indent, true) : flow(key)}:`
      if (value.kind === 'scalar') {
        const text = scalar(value, indent, indent + 2)
        out += ended(text === '' ? '' : ` ${text}`)
      } else if (isFlow(value)) out += ` ${flow(value)}\n`
      else out += `\n${block(value, value.kind === 'seq' ? indent : indent + 2)}`
    }
    return out
  }
  for (const item of node.items) {
    if (item.kind === 'scalar') out += ended(`${pad}- ${scalar(item, indent + 2, indent + 2)}`)
    else if (isFlow(item)) out += `${pad}- ${flow(item)}\n`
    else out += `${pad}- ${block(item, indent + 2).slice(indent + 2)}`
  }
  return out
}

function flow(node: YamlNode): string {
  if (node.kind === 'scalar') {
    const text = scalar(node, 0, 0, true)
    // Between braces and brackets what separates there cannot stand plain.
    return node.style === 'plain' && text === node.value && /[,?[\]{}:]/.test(text)
      ? `'${text.replaceAll("'", "''")}'`
      : text
  }
  if (node.kind === 'seq') return `[${node.items.map(flow).join(', ')}]`
  return `{${node.pairs.map(p => `${flow(p.key)}: ${flow(p.value)}`).join(', ')}}`
}

/** `inline`: no block style can stand there. A literal block ends with a line break. */
function scalar(node: YamlScalar, column: number, indent: number, inline = false): string {
  const { value, style } = node
  const tag = shownTag(node)
  if (style === 'double') return tag + scalarText(value, 'double', column, indent, Number.POSITIVE_INFINITY)
  if (style === 'plain' && value === '' && node.tag !== '!!str') return tag.trimEnd()
  if (style === 'plain' && tag === '' && !value.includes('\n')) {
    const mustQuote = node.tag === '!!str' && readsAsOther(value)
    const chosen = chooseStyle(value, !mustQuote, inline)
    return scalarText(value, chosen === 'literal' ? 'double' : chosen, column, indent, Number.POSITIVE_INFINITY)
  }
  if (style === 'single' && !value.includes('\n')) {
    const chosen = chooseStyle(value, true, inline)
    return tag + scalarText(value, chosen === 'double' ? 'double' : 'single', column, indent, Number.POSITIVE_INFINITY)
  }
  if (inline || value === '' || chooseStyle(`${value}\n.`, true, false) !== 'literal') {
    return tag + scalarText(value, 'double', column, indent, Number.POSITIVE_INFINITY)
  }
  if (style === 'folded') return tag + foldedText(value, indent)
  return tag + literalText(value, indent)
}

/** The tag with a blank behind it, where the text alone does not say what the scalar is. */
function shownTag({ tag, value, style }: YamlScalar): string {
  if (tag === undefined || tag === '!!str' || (style === 'plain' && tag === plainTag(value))) return ''
  return `${tag} `
}

function readsAsOther(text: string): boolean {
  return plainTag(text) !== '!!str'
}

function plainTag(text: string): string {
  return resolveScalar(new YamlScalar(text), 'v3').tag
}

/** A folded block: a break between two lines of text is an empty line more. */
function foldedText(text: string, indent: number): string {
  const literal = literalText(text, indent).replace(/^\|/, '>')
  const pad = ' '.repeat(indent)
  return literal.replace(new RegExp(`(${pad}[^ \\n][^\\n]*\\n)(?=${pad}[^ \\n])`, 'g'), '$1\n')
}
