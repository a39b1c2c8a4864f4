/**
 * `kustomize build`: the order of everything (api/krusty/kustomizer.go, api/internal/target/kusttarget.go).
 */

import { DecapodError } from '../errors.ts'
import { quote } from '../go/strconv.ts'
import type { FileTree } from '../tree.ts'
import type { ValuesContext } from '../values/context.ts'
import { positionOf } from '../yaml/node.ts'
import { absorb } from './absorb.ts'
import { Budget, type BudgetLimits, defaultBudget } from './budget.ts'
import { localConfigAnnotation } from './build-annotations.ts'
import { type BuiltinOptions, configureGenerators, configureTransformers } from './builtins.ts'
import type { Context, Generator, Transformer } from './context.ts'
import { configFromCrds } from './crds.ts'
import { during, fail, rephrase, wrapError } from './fail.ts'
import { fieldSpec } from './fieldspec.ts'
import { defaultConfig, type TransformerConfig } from './fieldspecs.ts'
import type { HelmPort } from './generators/helm-charts.ts'
import { type KustomizationFile, readKustomization } from './layer.ts'
import { httpError, Loader, type LoadRestrictor, noRemotes, type Remotes } from './load.ts'
import { fixNameReferences } from './name-reference.ts'
import { createOpenApi, type OpenApi } from './openapi.ts'
import { builtinOrigin, type Origin, originOf, rootOrigin } from './origin.ts'
import { finishAnnotations } from './output.ts'
import { configurePlugins, type PluginOptions, runValidator } from './plugins.ts'
import { malformed, readResources, requireName } from './read-resources.ts'
import { positionAt } from './read-yaml.ts'
import { ResMap } from './resmap.ts'
import type { Resource } from './resource.ts'
import { emptyConfig, mergeConfigs, parseTransformerConfig } from './transformer-config.ts'
import { hashTransformer } from './transformers/hash.ts'
import { addEntries } from './transformers/labels.ts'
import { sortTransformer } from './transformers/sort.ts'
import { mergeVars, resolveVars, type VarSet } from './vars.ts'

export interface BuildOptions {
  /** Whether files outside a kustomization's directory may be read; not unless asked for. */
  readonly loadRestrictor?: LoadRestrictor
  /** What was fetched for URLs. */
  readonly remotes?: Remotes
  /** Renders the charts of helmCharts; without it they are refused. */
  readonly helm?: HelmPort
  /** Whether HelmValuesTransformer is built in (it is unless this is false); kustomize itself refuses it. */
  readonly helmValues?: boolean
  /** Which plugins beside the builtin ones may run, and how. */
  readonly plugins?: PluginOptions
  /** The order of the output where the kustomization does not say: legacy (the default) or as gathered. */
  readonly reorder?: 'legacy' | 'none'
  /** Label every object app.kubernetes.io/managed-by. */
  readonly managedByLabel?: boolean
  /** Where HelmValuesTransformer documents gather errors and provenance; without it their errors are thrown. */
  readonly values?: ValuesContext | undefined
  /** Told each line for stderr as it arises, also of a build that fails; the result has them all. */
  readonly onWarning?: (line: string) => void
  /** Whether formatResources alone will look at the result: what nothing changes is then never made a tree. */
  readonly onlyPrinted?: boolean
  /** Limits; see `defaultLimits`. */
  readonly limits?: Partial<BuildLimits>
}

export interface BuildLimits extends BudgetLimits {
  readonly maxFileBytes: number
  /** Kustomizations that refer to each other in a row. */
  readonly maxDepth: number
  /** Kustomizations read in one build: bases used from several places count each time. */
  readonly maxKustomizations: number
  readonly maxResources: number
}

export const defaultLimits: BuildLimits = {
  maxFileBytes: 256 * 1024 * 1024,
  maxDepth: 100,
  maxKustomizations: 20_000,
  maxResources: 1_000_000,
  ...defaultBudget,
}

export interface BuildResult {
  readonly resources: ResMap
  /** Lines for stderr, in the order they arose. */
  readonly warnings: readonly string[]
  /** Patches whose target selects nothing (PATCH_TARGET_MISSING); Kustomize passes over them in silence. */
  readonly unmatched: readonly DecapodError[]
}

/** The version that managedByLabel shows: the one whose behaviour this engine has. */
export const kustomizeVersion = 'v5.8.2'

/**
 * Builds the kustomization in a directory of a tree. The tree's paths are absolute; messages show them as they are.
 * Throws DecapodError with Kustomize's words (spec: section 18), position and hint.
 */
export function buildKustomization(tree: FileTree, dir: string, options: BuildOptions = {}): BuildResult {
  const limits = { ...defaultLimits, ...options.limits }
  const warnings: string[] = []
  const build: Build = {
    options,
    limits,
    openapi: createOpenApi(),
    warn: line => {
      warnings.push(line)
      options.onWarning?.(line)
    },
    unmatched: [],
    budget: new Budget(limits),
    kustomizations: 0,
    showsOrigins: false,
  }
  const loader = Loader.open(tree, dir, {
    restrictor: options.loadRestrictor ?? 'LoadRestrictionsRootOnly',
    remotes: options.remotes ?? noRemotes,
    maxFileBytes: limits.maxFileBytes,
  })
  const layer = openLayer(build, loader, rootOrigin, undefined)
  setSchema(layer, true)
  const { map, config, vars } = accumulate(layer, emptyAccumulator())

  hashTransformer(map, layer.context)
  // Names are final only now, so references to them can be fixed.
  fixNameReferences(map, config.nameReference, build.budget)
  // Variables see final names.
  resolveVars(map, vars, config.varReference, layer.context)
  dropLocal(map)

  const { sortOptions, buildMetadata = [] } = layer.file.kustomization
  if (sortOptions !== undefined) sortTransformer(sortOptions)(map, layer.context)
  else if (options.reorder !== 'none') sortTransformer({ order: 'legacy' })(map, layer.context)
  if (options.managedByLabel || buildMetadata.includes('managedByLabel')) {
    const label = new Map([['app.kubernetes.io/managed-by', `kustomize-${kustomizeVersion}`]])
    addEntries(label, [fieldSpec('metadata/labels', true)])(map, layer.context)
  }
  finishAnnotations(map, buildMetadata)
  return { resources: map, warnings, unmatched: build.unmatched }
}

/** What all kustomizations of one build share. */
interface Build {
  readonly options: BuildOptions
  readonly limits: BuildLimits
  readonly openapi: OpenApi
  readonly warn: (line: string) => void
  readonly unmatched: DecapodError[]
  readonly budget: Budget
  /** How many have been read so far. */
  kustomizations: number
  /** The wish of the outermost kustomization, known once its file is read. */
  showsOrigins: boolean
}

/** One kustomization of the build. */
interface Layer {
  readonly build: Build
  readonly file: KustomizationFile
  readonly context: Context
  readonly origin: Origin
  /** Origins are recorded at the objects' annotations by the wish of the outermost kustomization alone. */
  readonly builtins: BuiltinOptions
}

/** Resources with the rules gathered to change them. */
interface Accumulator {
  readonly map: ResMap
  config: TransformerConfig
  vars: VarSet
}

function emptyAccumulator(): Accumulator {
  return { map: new ResMap(), config: emptyConfig, vars: new Map() }
}

function openLayer(build: Build, loader: Loader, origin: Origin, parent: Layer | undefined): Layer {
  const { limits } = build
  if (loader.depth > limits.maxDepth) {
    fail('LIMIT_EXCEEDED', `more than ${limits.maxDepth} kustomizations refer to each other in a row`, {
      at: { file: loader.root },
    })
  }
  if (++build.kustomizations > limits.maxKustomizations) {
    fail('LIMIT_EXCEEDED', `the build reads more than ${limits.maxKustomizations} kustomizations`, {
      at: { file: loader.root },
    })
  }
  const file = readKustomization(loader, build.warn)
  if (parent === undefined) build.showsOrigins = (file.kustomization.buildMetadata ?? []).length > 0
  const { openapi, warn, showsOrigins } = build
  const context: Context = {
    loader,
    openapi,
    showsOrigins,
    budget: build.budget,
    warn,
    unmatched: patch => void build.unmatched.push(patch),
    parseResources: (text, path) => readResources(text, path, openapi, build.options.onlyPrinted),
    values: build.options.values,
  }
  const builtins: BuiltinOptions = {
    file: file.path,
    inheritedNamespace:
      parent === undefined ? '' : parent.file.kustomization.namespace || parent.builtins.inheritedNamespace,
    helm: build.options.helm,
    at: (field, index) => () => positionAt(file.node, index === undefined ? [field] : [field, index]),
  }
  return { build, file, context, origin, builtins }
}

/** The `openapi` field: that of the kustomization which is built counts, else the first one met. */
function setSchema(layer: Layer, reset: boolean): void {
  const { kustomization } = layer.file
  const field = kustomization.openapi ?? new Map<string, string>()
  const path = field.get('path')
  const { loader, openapi } = layer.context
  const text =
    path === undefined ? undefined : placed(layer.file, path, ['openapi', 'path'], () => loader.readText(path))
  openapi.setSchema(field, text, reset, path === undefined ? undefined : loader.pathOf(path))
}

/** Everything one kustomization does to what was gathered before it (KustTarget.accumulateTarget). */
function accumulate(layer: Layer, into: Accumulator): Accumulator {
  const { kustomization: k } = layer.file
  during('accumulating resources', () => addResources(layer, into, k.resources ?? [], ['resources', 'bases']))
  into.config = mergeConfigs(into.config, readConfigurations(layer))
  const crds = k.crds ?? []
  const fromCrds = placed(layer.file, crds[0] ?? '', ['crds'], () => configFromCrds(crds, layer.context.loader))
  into.config = mergeConfigs(into.config, fromCrds)
  runGenerators(layer, into)
  // Components see what their kustomization gathered and generated, but none of its transformations.
  during('accumulating components', () => addComponents(layer, into))
  runTransformers(layer, into)
  runValidators(layer, into)
  mergeVars(into.map, into.vars, k.vars ?? [])
  return into
}

function readConfigurations({ file, context }: Layer): TransformerConfig {
  const { configurations = [] } = file.kustomization
  let own = emptyConfig
  for (const path of configurations) {
    const { loader } = context
    const read = (): TransformerConfig => parseTransformerConfig(loader.readText(path), loader.pathOf(path))
    own = mergeConfigs(own, placed(file, path, ['configurations'], read))
  }
  return mergeConfigs(defaultConfig, own)
}

/** Each entry is tried as a file first, then as a directory or repository. */
function addResources(layer: Layer, into: Accumulator, paths: readonly string[], fields: readonly string[]): void {
  for (const path of paths) {
    try {
      addResource(layer, into, path)
    } catch (error) {
      throw withPosition(error, layer.file, path, fields)
    }
  }
}

function addResource(layer: Layer, into: Accumulator, path: string): void {
  const notFile = addFile(layer, into, path)
  if (notFile === undefined) return
  if (notFile.message.includes(httpError)) throw notFile
  let loader: Loader
  try {
    loader = layer.context.loader.open(path)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    // Malformed YAML is a file for sure: why it is no directory would only confuse.
    if (notFile.message.includes(malformed)) throw notFile
    throw rephrase(relevant(notFile, error), `accumulation err='${notFile.message}': ${error.message}`)
  }
  try {
    addDirectory(layer, into, loader, path, false)
  } catch (error) {
    throw wrapError(`accumulation err='${notFile.message}'`, error)
  }
}

/**
 * Of the two failures of an entry that is neither file nor directory the one that says more: something that has not been
 * fetched, else what is wrong with the file, unless there is no such file.
 */
function relevant(file: DecapodError, dir: DecapodError): DecapodError {
  if (dir.code === 'REMOTE_UNRESOLVED') return dir
  return file.code === 'FILE_NOT_FOUND' ? dir : file
}

/** Adds the objects of a file, or says why it is none. */
function addFile(layer: Layer, into: Accumulator, path: string): DecapodError | undefined {
  const { loader, parseResources } = layer.context
  try {
    const resources = during(`accumulating resources from '${path}'`, () => {
      const text = loader.readText(path)
      try {
        return parseDistinct(parseResources(text, loader.pathOf(path)))
      } catch (error) {
        // Only the parser's own complaints name the file once more.
        if (error instanceof DecapodError && error.message.includes(malformed)) {
          throw rephrase(error, `${error.message} in File: ${path}`)
        }
        throw error
      }
    })
    const origin = originOf(layer.origin, path)
    for (const resource of resources) resource.origin = origin
    during(`merging resources from '${path}'`, () => appendAll(layer.build, into.map, resources))
    return undefined
  } catch (error) {
    if (error instanceof DecapodError && error.code !== 'LIMIT_EXCEEDED') return error
    throw error
  }
}

/** The resources themselves, once no two of them have the same id. */
function parseDistinct(resources: readonly Resource[]): readonly Resource[] {
  if (resources.length > 1) new ResMap().appendAll(resources)
  return resources
}

function appendAll(build: Build, map: ResMap, resources: Iterable<Resource>): void {
  map.appendAll(resources)
  if (map.size > build.limits.maxResources) {
    fail('LIMIT_EXCEEDED', `the build has more than ${build.limits.maxResources} resources`)
  }
}

function addComponents(layer: Layer, into: Accumulator): void {
  for (const path of layer.file.kustomization.components ?? []) {
    try {
      addComponent(layer, into, path)
    } catch (error) {
      throw withPosition(error, layer.file, path, ['components'])
    }
  }
}

function addComponent(layer: Layer, into: Accumulator, path: string): void {
  let loader: Loader
  try {
    loader = layer.context.loader.open(path)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw rephrase(error, `loader.New ${quote(error.message)}`)
  }
  try {
    addDirectory(layer, into, loader, path, true)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    throw rephrase(error, `accumulateDirectory: ${quote(error.message)}`)
  }
}

/** A base is gathered by itself and then added; a component works on what is there already. */
function addDirectory(layer: Layer, into: Accumulator, loader: Loader, path: string, isComponent: boolean): void {
  const { root } = loader
  const sub = during(`couldn't make target for path '${root}'`, () =>
    openLayer(layer.build, loader, originOf(layer.origin, path), layer),
  )
  setSchema(sub, false)
  const { kind } = sub.file.kustomization
  if (isComponent && kind !== 'Component') {
    fail('KUSTOMIZATION_INVALID', `expected kind 'Component' for path '${root}' but got '${kind}'`, {
      at: { file: sub.file.path, line: 1 },
      hint: 'list it under resources, or give it kind: Component',
    })
  }
  if (!isComponent && kind === 'Component') {
    fail('KUSTOMIZATION_INVALID', `expected kind != 'Component' for path '${root}'`, {
      at: { file: sub.file.path, line: 1 },
      hint: 'list it under components',
    })
  }
  const inner = during(`recursed accumulation of path '${root}'`, () =>
    accumulate(sub, isComponent ? into : emptyAccumulator()),
  )
  during(`recursed merging from path '${root}'`, () => {
    if (isComponent) {
      // Kustomize goes on with a new accumulator, into which it merges that of the component.
      const double = into.map.findDouble()
      if (double !== undefined) {
        fail('RESOURCE_CONFLICT', `may not add resource with an already registered id: ${double.curId()}`)
      }
      into.config = mergeConfigs(emptyConfig, into.config)
      return
    }
    appendAll(layer.build, into.map, inner.map)
    into.config = mergeConfigs(into.config, inner.config)
    for (const [name, variable] of inner.vars) {
      if (into.vars.has(name)) fail('KUSTOMIZATION_INVALID', `var '${name}' already encountered`)
      into.vars.set(name, variable)
    }
  })
}

/** A generator or transformer with the origin that it leaves at what it makes or changes. */
interface Step<T> {
  readonly run: T
  readonly origin: Origin | undefined
}

function runGenerators(layer: Layer, into: Accumulator): void {
  const { file, context, origin } = layer
  const { generators = [] } = file.kustomization
  const steps: Step<Generator>[] = configureGenerators(file.kustomization, layer.builtins, context).map(
    ({ kind, run }) => ({ run, origin: builtinOrigin(origin, file.name, kind) }),
  )
  steps.push(
    ...during('loading generator plugins', () =>
      configurePlugins(pluginConfigs(layer, generators, 'generators'), 'generator', layer.build.options, context),
    ),
  )
  for (const step of steps) {
    const made = new ResMap()
    made.appendAll(step.run(context))
    for (const resource of made) resource.origin ??= step.origin
    during('merging from generator', () => {
      for (const resource of made) absorb(into.map, resource, layer.context.showsOrigins)
    })
  }
}

function runTransformers(layer: Layer, into: Accumulator): void {
  const { file, context, origin } = layer
  const { transformers = [] } = file.kustomization
  const steps: Step<Transformer>[] = configureTransformers(
    file.kustomization,
    into.config,
    layer.builtins,
    context,
  ).map(({ kind, run }) => ({ run, origin: builtinOrigin(origin, file.name, kind) }))
  steps.push(
    ...configurePlugins(
      pluginConfigs(layer, transformers, 'transformers'),
      'transformer',
      layer.build.options,
      context,
    ),
  )
  // A thousand steps for each of a thousand resources: not where nobody will see them.
  const keepsAll = context.showsOrigins || layer.build.options.onlyPrinted !== true
  for (const step of steps) {
    step.run(into.map, context)
    if (step.origin !== undefined) recordTransformation(into.map, step.origin, keepsAll)
    into.map.dropEmpties()
  }
}

/** What a transformer made comes from it; everything else was touched by it, which is noted if `keepsAll`. */
function recordTransformation(map: ResMap, origin: Origin, keepsAll: boolean): void {
  for (const resource of map) {
    if (resource.origin === undefined) resource.origin = origin
    else if (keepsAll) resource.transformations.push(origin)
  }
}

function runValidators(layer: Layer, into: Accumulator): void {
  const { validators = [] } = layer.file.kustomization
  if (validators.length === 0) return
  const { context, build } = layer
  for (const step of configurePlugins(
    pluginConfigs(layer, validators, 'validators'),
    'transformer',
    build.options,
    context,
  )) {
    runValidator(step.run, into.map, context)
  }
}

/** The objects that configure plugins: inline texts, or files and directories like resources. */
function pluginConfigs(layer: Layer, entries: readonly string[], field: string): ResMap {
  const gathered = emptyAccumulator()
  const paths: string[] = []
  const inlineOrigin = originOf(layer.origin, layer.file.name)
  for (const entry of entries) {
    let inline: Resource[]
    try {
      inline = [...parseDistinct(layer.context.parseResources(entry, layer.file.path))]
    } catch (error) {
      if (!(error instanceof DecapodError)) throw error
      paths.push(entry)
      continue
    }
    for (const resource of inline) resource.origin = inlineOrigin
    during(`configuring external ${field.slice(0, -1)}`, () => gathered.map.appendAll(inline))
  }
  addResources(layer, gathered, paths, [field])
  return gathered.map
}

/** Objects marked as local served the build only, as sources of replacements or configuration of functions. */
function dropLocal(map: ResMap): void {
  const double = map.findDouble()
  if (double !== undefined) {
    fail('RESOURCE_CONFLICT', `may not add resource with an already registered id: ${double.curId()}`, {
      at: positionOf(double.node),
      hint: 'patches or replacements gave several resources one name',
    })
  }
  for (const resource of map) requireName(resource.node)
  const isLocal = (resource: Resource): boolean =>
    (resource.annotations().get(localConfigAnnotation) ?? 'false') !== 'false'
  if (map.resources.some(isLocal)) map.setResources(map.resources.filter(resource => !isLocal(resource)))
}

function placed<T>(file: KustomizationFile, entry: string, fields: readonly string[], step: () => T): T {
  try {
    return step()
  } catch (error) {
    throw withPosition(error, file, entry, fields)
  }
}

/** A failure without a position gets that of the entry which led to it. */
function withPosition(error: unknown, file: KustomizationFile, entry: string, fields: readonly string[]): unknown {
  if (!(error instanceof DecapodError) || error.at !== undefined || file.node.kind !== 'map') return error
  for (const field of fields) {
    const list = file.node.get(field)
    if (list?.kind !== 'seq') continue
    const item = list.items.findIndex(node => node.kind === 'scalar' && node.value === entry)
    if (item !== -1) return rephrase(error, error.message, { at: positionAt(file.node, [field, item]) })
  }
  return rephrase(error, error.message, { at: { file: file.path, line: 1 } })
}
