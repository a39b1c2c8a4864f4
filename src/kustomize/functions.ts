/**
 * KRM functions and exec plugins: programs that get resources on stdin and print others (kyaml/fn/runtime,
 * api/internal/plugins). Nothing runs unless the build is told so; running itself is a port of the caller's.
 */
import { DecapodError } from '../errors.ts'
import { clean } from '../go/path.ts'
import { parseBool, quote } from '../go/strconv.ts'
import { stringScalar } from '../yaml/node.ts'
import { stringifyNode } from '../yaml/stringify.ts'
import { originAnnotation, showBuildRecord, toBehavior, transformationsAnnotation } from './build-annotations.ts'
import type { Context, Generator, Transformer } from './context.ts'
import { bool, decodeJson, type GoType, list, string, struct } from './decode.ts'
import { fail, rephrase } from './fail.ts'
import { asLocalConfig, functionInput, functionOutput } from './function-io.ts'
import { textOf } from './nodes.ts'
import { formatResource } from './output.ts'
import { readStruct } from './read-yaml.ts'
import type { ResId } from './resid.ts'
import { ResMap } from './resmap.ts'
import type { Resource } from './resource.ts'

/** A program to run; the caller bounds its time, output and environment. */
export interface Run {
  /** A path relative to `cwd`, or a command that is looked up. */
  readonly command: string
  readonly args: readonly string[]
  /** Additions to the environment the caller lets through, as `KEY=value`. */
  readonly env: readonly string[]
  /** The directory of the kustomization. */
  readonly cwd: string
  readonly stdin: string
}

/** Runs a program and gives what it printed; throws PLUGIN_FAILED. */
export type RunProgram = (run: Run) => string

export interface FunctionOptions {
  /** --enable-alpha-plugins: without it nothing but builtin plugins may be named. */
  readonly alphaPlugins: boolean
  /** --enable-exec: functions that are programs. */
  readonly exec: boolean
  /** --network, --network-name, --mount, --env, --as-current-user, for containers. */
  readonly network?: boolean
  readonly networkName?: string
  readonly mounts?: readonly string[]
  readonly env?: readonly string[]
  /** The user containers run as: `nobody` unless given. */
  readonly user?: string
  /** Runs programs; `container` functions run through it, too, as `docker run`. */
  readonly run?: RunProgram
  /** Finds the executable of a legacy exec plugin below the plugin home; undefined when there is none. */
  readonly findExecPlugin?: (path: string) => string | undefined
}

interface Mount {
  type?: string
  src?: string
  dst?: string
  rw?: boolean
}

interface FunctionSpec {
  deferFailure?: boolean
  container?: { image?: string; network?: boolean; mounts?: Mount[]; envs?: string[] }
  exec?: { path?: string; args?: string[]; envs?: string[] }
}

const str = string()
const strings = list(str)
const mountType: GoType<Mount> = struct('runtimeutil.StorageMount', { type: str, src: str, dst: str, rw: bool })
const specType: GoType<FunctionSpec> = struct('runtimeutil.FunctionSpec', {
  deferFailure: bool,
  container: struct<NonNullable<FunctionSpec['container']>>('runtimeutil.ContainerSpec', {
    image: str,
    network: bool,
    mounts: list(mountType),
    envs: strings,
  }),
  exec: struct<NonNullable<FunctionSpec['exec']>>('runtimeutil.ExecSpec', { path: str, args: strings, envs: strings }),
})

/** What the annotations of a function's configuration say of how to run it; undefined when it is no function. */
export function functionSpec(config: Resource): FunctionSpec | undefined {
  const annotations = config.annotations()
  for (const key of ['config.kubernetes.io/function', 'config.k8s.io/function']) {
    const text = annotations.get(key)
    if (text) return parseSpec(text, config, key)
  }
  const metadata = config.node.get('metadata')
  const configFn = metadata?.kind === 'map' ? metadata.get('configFn') : undefined
  if (configFn !== undefined && configFn.kind === 'map') {
    return parseSpec(stringifyNode(configFn, { dialect: 'v3', sortKeys: true, width: 80 }), config, 'configFn')
  }
  const image = annotations.get('config.kubernetes.io/container')
  return image ? { container: { image } } : undefined
}

function parseSpec(text: string, config: Resource, key: string): FunctionSpec {
  try {
    return readStruct(text, key, data => decodeJson(data, specType, { strict: true, coerce: true }) ?? {})
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    fail('KUSTOMIZATION_INVALID', `loader: failed to get FunctionSpec: ${key} unmarshal error: ${error.message}`, {
      notes: [`in ${config.orgId()}`],
    })
  }
}

/** What a plugin does with resources, whichever way it runs: their text in, other text out. */
export type Invoke = (input: string | undefined, context: Context) => string

/** How to invoke a function, or a legacy exec plugin for a configuration that is no function. */
export function pluginInvocation(config: Resource, options: FunctionOptions): Invoke {
  const spec = functionSpec(config)
  if (spec === undefined) return execPlugin(config, options)
  checkMounts(spec, config)
  return functionInvocation(spec, config, options)
}

/** Mounts stay within the kustomization. */
function checkMounts(spec: FunctionSpec, config: Resource): void {
  for (const { src = '' } of spec.container?.mounts ?? []) {
    const refuse = (rule: string): never =>
      fail(
        'PLUGIN_REFUSED',
        `plugin ${config.orgId()} with mount path '${src}' is not permitted; mount paths must be ${rule} the current kustomization directory`,
      )
    if (src.startsWith('/')) refuse('relative to')
    if (clean(src).startsWith('..')) refuse('under')
  }
}

function functionInvocation(spec: FunctionSpec, config: Resource, options: FunctionOptions): Invoke {
  const functionConfig = asLocalConfig(recordedText(config))
  return (documents, context) => {
    const { loader, warn } = context
    // A generator is given its own configuration, which it may print again: it is no part of the output.
    const input = functionInput(documents ?? functionConfig, functionConfig)
    const common = { cwd: loader.root, stdin: input.text }
    const run = options.run ?? refuseRun
    if (spec.container?.image) {
      const args = dockerArguments(spec.container, options, loader.root)
      return functionOutput(run({ ...common, command: 'docker', args, env: [] }), input)
    }
    if (!spec.exec?.path) return documents ?? ''
    if (!options.exec) {
      warn(`# Warning: function '${config.orgId()}' was not run: --enable-exec is not given`)
      return documents ?? ''
    }
    // What the command line says goes over what the function says.
    const env = [...(spec.exec.envs ?? []), ...(options.env ?? [])]
    return functionOutput(run({ ...common, command: spec.exec.path, args: spec.exec.args ?? [], env }), input)
  }
}

const refuseRun: RunProgram = run => fail('PLUGIN_REFUSED', `programs may not be run here: ${run.command}`)

/** `docker run` as kyaml's container filter starts it: no network, no privileges, nobody. */
function dockerArguments(
  { image = '', network = false, mounts = [], envs = [] }: NonNullable<FunctionSpec['container']>,
  options: FunctionOptions,
  root: string,
): string[] {
  if (network && !options.network) {
    fail('PLUGIN_REFUSED', "couldn't execute function: network required but not enabled with --network", {
      notes: [`image ${image}`],
    })
  }
  const args = ['run', '--rm', '-i', '-a', 'STDIN', '-a', 'STDOUT', '-a', 'STDERR']
  args.push('--network', network ? (options.networkName ?? 'host') : 'none')
  args.push('--user', options.user ?? 'nobody', '--security-opt=no-new-privileges')
  const own = mounts.map(({ type = '', src = '', dst = '', rw = false }) => {
    const source = type === 'bind' && !src.startsWith('/') ? `${root}/${clean(src)}` : src
    return `type=${type},source=${source},target=${dst}${rw ? '' : ',readonly'}`
  })
  for (const mount of [...(options.mounts ?? []), ...own]) args.push('--mount', mount)
  const env = new Map([
    ['LOG_TO_STDERR', 'true'],
    ['STRUCTURED_RESULTS', 'true'],
  ])
  const exported: string[] = []
  for (const entry of [...envs, ...(options.env ?? [])]) {
    const at = entry.indexOf('=')
    if (at === -1) exported.push(entry)
    else env.set(entry.slice(0, at), entry.slice(at + 1))
  }
  for (const [key, value] of [...env].sort(([a], [b]) => (a < b ? -1 : 1))) args.push('-e', `${key}=${value}`)
  for (const key of exported) args.push('-e', key)
  return [...args, image]
}

/** An executable below the plugin home, named after the configuration's kind (execplugin.go). */
function execPlugin(config: Resource, options: FunctionOptions): Invoke {
  const { group, version, kind } = config.orgId()
  const path = [group, version, kind.toLowerCase(), kind].filter(part => part !== '').join('/')
  const command = options.findExecPlugin?.(path)
  if (command === undefined) {
    fail('PLUGIN_FAILED', `unable to find plugin root - tried: ${path}: file does not exist`, {
      hint: 'decapod runs KRM functions (annotation config.kubernetes.io/function) and exec plugins below the plugin home; Go plugins cannot be loaded',
    })
  }
  const cfg = formatResource(config)
  return (input, { loader }) => {
    const run = options.run ?? refuseRun
    return run({
      command,
      args: execArguments(config, text => loader.readText(text)),
      env: [`KUSTOMIZE_PLUGIN_CONFIG_STRING=${cfg}`, `KUSTOMIZE_PLUGIN_CONFIG_ROOT=${loader.root}`],
      cwd: loader.root,
      stdin: input ?? '',
    })
  }
}

function execArguments(config: Resource, read: (path: string) => string): string[] {
  const oneLiner = textOf(config.node.get('argsOneLiner'))
  const file = textOf(config.node.get('argsFromFile'))
  const args = oneLiner.match(/"[^"]*"|'[^']*'|\S+/g)?.map(word => word.replace(/^(["'])(.*)\1$/, '$2')) ?? []
  if (file === '') return args
  return [
    ...args,
    ...read(file)
      .split('\n')
      .map(line => line.replace(/^ +/, ''))
      .filter(line => line !== ''),
  ]
}

/** A generator out of a plugin: its output asks for hashes and behaviors by annotations. */
export function pluginGenerator(invoke: Invoke): Generator {
  return context => {
    const resources = context.parseResources(invoke(undefined, context), 'function output')
    for (const resource of resources) {
      const annotations = resource.annotations()
      const hash = annotations.get('kustomize.config.k8s.io/needs-hash')
      resource.behavior = toBehavior(annotations.get('kustomize.config.k8s.io/behavior'))
      resource.needsHashSuffix = hash !== undefined && isTrue(hash)
      annotations.delete('kustomize.config.k8s.io/needs-hash')
      annotations.delete('kustomize.config.k8s.io/behavior')
      resource.setAnnotations(annotations)
    }
    return resources
  }
}

function isTrue(text: string): boolean {
  try {
    return parseBool(text)
  } catch {
    fail(
      'PLUGIN_FAILED',
      `the annotation "kustomize.config.k8s.io/needs-hash" contains an invalid value (${quote(text)})`,
    )
  }
}

const idAnnotation = 'kustomize.config.k8s.io/id'

/**
 * A transformer out of a plugin: what it prints replaces, by id, what it was given (UpdateResMapValues). What the build
 * knows of a resource goes through the plugin in annotations, and is lost where that drops them.
 */
export function pluginTransformer(invoke: Invoke, name: string): Transformer {
  return (map, context) => {
    const printed = context.parseResources(output(invoke, map, context), 'function output')
    const seen = new ResMap()
    for (const resource of printed) {
      const annotations = resource.annotations()
      annotations.delete(idAnnotation)
      const origin = annotations.delete(originAnnotation)
      const transformations = annotations.delete(transformationsAnnotation)
      resource.setAnnotations(annotations)
      const id = resource.curId()
      if (seen.withCurrentId(id).length > 0) {
        fail('PLUGIN_FAILED', `plugin ${name} generated duplicate resource: ${idJson(id)}`)
      }
      seen.append(resource)
      const [old] = map.withCurrentId(id)
      if (old === undefined) continue
      old.node = resource.node
      old.copyBuildRecord(resource)
      if (context.showsOrigins && !origin) old.origin = undefined
      if (context.showsOrigins && !transformations) old.transformations = []
    }
    // `seen` has taken over what is new; what was known keeps its own object.
    const kept = new Set(printed.map(resource => resource.curId().key))
    const rest = map.resources.filter(resource => kept.has(resource.curId().key))
    const known = new Set(rest.map(resource => resource.curId().key))
    map.setResources([...rest, ...printed.filter(resource => !known.has(resource.curId().key))])
  }
}

/** After a failure Kustomize shows what was printed, which it has thrown away by then. */
function output(invoke: Invoke, map: ResMap, context: Context): string {
  const texts = map.resources.map(resource => recordedText(resource, idText(resource), context.showsOrigins))
  try {
    return invoke(texts.join('---\n'), context)
  } catch (error) {
    if (error instanceof DecapodError && error.message.startsWith("couldn't execute function")) {
      throw rephrase(error, `${error.message} `)
    }
    throw error
  }
}

/** A resource with the build's records and its id in annotations, as the output would have it. */
function recordedText(resource: Resource, id?: string, showsOrigins = false): string {
  const copy = resource.copy()
  showBuildRecord(copy, showsOrigins)
  const annotations = copy.annotations()
  if (id !== undefined) annotations.set(idAnnotation, id)
  copy.setAnnotations(annotations)
  return formatResource(copy)
}

function idText(resource: Resource): string {
  return idFields(resource.curId())
    .map(
      ([key, value]) => `${key}: ${stringifyNode(stringScalar(value), { dialect: 'v3', sortKeys: true, width: 80 })}`,
    )
    .join('')
}

/** The fields of an id that are not empty, in the order of their names. */
function idFields({ group, kind, name, namespace, version }: ResId): [field: string, value: string][] {
  return Object.entries({ group, kind, name, namespace, version }).filter(([, value]) => value !== '')
}

/** An id as Go's JSON has it. */
function idJson({ group, version, kind, name, namespace }: ResId): string {
  const fields = Object.entries({ group, version, kind, name, namespace }).filter(([, value]) => value !== '')
  return JSON.stringify(Object.fromEntries(fields))
}
