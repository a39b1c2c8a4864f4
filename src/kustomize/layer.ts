/** One kustomization of a build: its file read and checked, its loader, its place among the others. */
import { DecapodError, nearest } from '../errors.ts'
import { joinPath } from '../tree.ts'
import type { YamlNode } from '../yaml/node.ts'
import { DecodeError } from './decode.ts'
import { fail, rephrase } from './fail.ts'
import {
  decodeKustomization,
  deprecationWarnings,
  fixKustomization,
  isEmptyKustomization,
  type Kustomization,
  kindErrors,
  kustomizationNames,
} from './kustomization.ts'
import { kustomizationFields } from './kustomization-fields.ts'
import type { Loader } from './load.ts'
import { positionAt, readJson } from './read-yaml.ts'

export interface KustomizationFile {
  readonly kustomization: Kustomization
  /** Its name: kustomization.yaml, kustomization.yml or Kustomization. */
  readonly name: string
  /** The path a user knows. */
  readonly path: string
  /** The file as a tree, for positions. */
  readonly node: YamlNode
}

/**
 * Reads the kustomization file at a loader's root (KustTarget.Load). `warn` gets a line for each deprecated field.
 * Throws KUSTOMIZATION_INVALID, FILE_NOT_FOUND and YAML_PARSE with Kustomize's words.
 */
export function readKustomization(loader: Loader, warn: (line: string) => void): KustomizationFile {
  const { name, text } = findKustomization(loader)
  const path = loader.pathOf(name)
  const { kustomization, node } = parseKustomization(text, path)
  for (const line of deprecationWarnings(kustomization)) warn(line)
  fixKustomization(kustomization)
  const at = { file: path, line: 1 }
  if (isEmptyKustomization(kustomization)) fail('KUSTOMIZATION_INVALID', 'kustomization.yaml is empty', { at })
  const wrong = kindErrors(kustomization)
  if (wrong.length > 0) {
    fail('KUSTOMIZATION_INVALID', `Failed to read kustomization file under ${loader.root}:\n${wrong.join('\n')}`, {
      at,
    })
  }
  return { kustomization, name, path, node }
}

interface NamedText {
  readonly name: string
  readonly text: string
}

function findKustomization(loader: Loader): NamedText {
  const found: NamedText[] = []
  for (const name of kustomizationNames) {
    const text = readable(loader, name)
    if (text !== undefined) found.push({ name, text })
  }
  if (found.length > 1) {
    fail('KUSTOMIZATION_INVALID', `Found multiple kustomization files under: ${loader.root}\n`, {
      notes: found.map(({ name }) => loader.pathOf(name)),
    })
  }
  if (found[0] !== undefined) return found[0]
  const entries = loader.tree.list(loader.root).filter(entry => entry.kind === 'file')
  const near = entries.find(entry => /^kustomization\.ya?ml$|^kustomization$/i.test(entry.name))
  fail(
    'FILE_NOT_FOUND',
    `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${loader.root}'`,
    near === undefined ? {} : { hint: `${near.name} has another name` },
  )
}

/** The text of a kustomization file. One that is a link out of the root counts as missing, as in Kustomize. */
function readable(loader: Loader, name: string): string | undefined {
  if (loader.tree.kind(joinPath(loader.root, name)) !== 'file') return undefined
  try {
    return loader.readText(name)
  } catch (error) {
    if (error instanceof DecapodError && error.code !== 'LIMIT_EXCEEDED') return undefined
    throw error
  }
}

function parseKustomization(text: string, path: string): { kustomization: Kustomization; node: YamlNode } {
  try {
    const { data, node } = readJson(text, path)
    try {
      return { kustomization: decodeKustomization(data), node }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      const unknown = /^json: unknown field/.test(error.message) ? String(error.path.at(-1)) : undefined
      const near = unknown === undefined ? undefined : nearest(unknown, kustomizationFields)
      throw new DecapodError('KUSTOMIZATION_INVALID', error.message, {
        at: positionAt(node, error.path) ?? { file: path },
        hint: near === undefined ? undefined : `did you mean "${near}"?`,
      })
    }
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw rephrase(error, `invalid Kustomization: ${error.message}`)
  }
}
