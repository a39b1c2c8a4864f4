/** Where a resource came from and what touched it (api/resource/origin.go): the data behind buildMetadata and `explain`. */
import { clean, join } from '../go/path.ts'
import { stringScalar } from '../yaml/node.ts'
import { stringifyNode } from '../yaml/stringify.ts'
import { cloneUrl, parseRepoSpec } from './repo-spec.ts'

/** Who configured a generator or transformer: an object of a file, or the builtin of that kind. */
export interface ConfiguredBy {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly namespace: string
}

/**
 * Either a file (`path`, in a repository when it came from one), or the generator that made it (`configuredIn` the
 * file, `configuredBy` the generator). Paths are relative to the directory that is built.
 */
export interface Origin {
  readonly path: string
  readonly repo: string
  readonly ref: string
  readonly configuredIn: string
  readonly configuredBy: ConfiguredBy | undefined
}

/** The directory that is built. */
export const rootOrigin: Origin = { path: '', repo: '', ref: '', configuredIn: '', configuredBy: undefined }

/** The origin of what a kustomization at `origin` names by `path`: a file, a directory or a repository's URL. */
export function originOf(origin: Origin, path: string): Origin {
  const spec = parseRepoSpec(path)
  if (spec === undefined) return { ...origin, path: join(origin.path, path) }
  // For the root of a repository Kustomize shows the name of its placeholder for a clone.
  const dir = spec.dir === '' ? 'notCloned' : clean(spec.dir)
  return { ...origin, repo: cloneUrl(spec), ref: spec.ref, path: dir }
}

/** The origin of what the builtin `kind` makes or changes, configured in the kustomization file `file`. */
export function builtinOrigin(origin: Origin, file: string, kind: string): Origin {
  const configuredBy = { apiVersion: 'builtin', kind, name: '', namespace: '' }
  return { path: '', repo: origin.repo, ref: origin.ref, configuredIn: join(origin.path, file), configuredBy }
}

/** The text of the annotation config.kubernetes.io/origin. */
export function formatOrigin(origin: Origin): string {
  const lines = originLines(origin)
  return lines.length === 0 ? '{}\n' : lines.map(line => `${line}\n`).join('')
}

/** The text of the annotation alpha.config.kubernetes.io/transformations. */
export function formatTransformations(origins: readonly Origin[]): string {
  return origins
    .map(origin => {
      const lines = originLines(origin)
      return lines.length === 0 ? '- {}\n' : lines.map((line, i) => `${i === 0 ? '- ' : '  '}${line}\n`).join('')
    })
    .join('')
}

function originLines(origin: Origin): string[] {
  const { path, repo, ref, configuredIn, configuredBy } = origin
  const lines = [
    ...field('path', path),
    ...field('repo', repo),
    ...field('ref', ref),
    ...field('configuredIn', configuredIn),
  ]
  if (configuredBy !== undefined) {
    const { apiVersion, kind, name, namespace } = configuredBy
    const by = [
      ...field('apiVersion', apiVersion),
      ...field('kind', kind),
      ...field('name', name),
      ...field('namespace', namespace),
    ]
    lines.push('configuredBy:', ...by.map(line => `  ${line}`))
  }
  return lines
}

function field(name: string, value: string): string[] {
  if (value === '') return []
  return [`${name}: ${stringifyNode(stringScalar(value), { dialect: 'v3', sortKeys: true, width: 80 }).trimEnd()}`]
}
