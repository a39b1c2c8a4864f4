/** The flags of `helm template` (Helm's cmd/helm: template.go, install.go, flags.go, and the ones all commands have). */
import { type Command, Option } from 'commander'
import { DecapodError } from '../errors.ts'
import * as strconv from '../go/strconv.ts'
import { GoError } from '../go/value.ts'
import type { Semantics } from '../helm/semantics.ts'
import { type CommandLine, type Flag, type FlagValue, parseCommandLine } from './pflag.ts'

export interface TemplateOptions {
  readonly values: readonly string[]
  readonly set: readonly string[]
  readonly setString: readonly string[]
  readonly setFile: readonly string[]
  readonly setJson: readonly string[]
  readonly setLiteral: readonly string[]
  readonly namespace: string
  readonly kubeVersion: string
  readonly apiVersions: readonly string[]
  readonly includeCrds: boolean
  readonly skipTests: boolean
  readonly noHooks: boolean
  readonly isUpgrade: boolean
  readonly showOnly: readonly string[]
  readonly outputDir: string
  readonly releaseName: boolean
  readonly nameTemplate: string
  readonly generateName: boolean
  readonly skipSchemaValidation: boolean
  readonly dependencyUpdate: boolean
  readonly repo: string
  readonly version: string
  readonly devel: boolean
  readonly username: string
  readonly password: string
  readonly passCredentials: boolean
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
  readonly insecureSkipTlsVerify: boolean
  readonly plainHttp: boolean
  readonly repositoryConfig: string
  readonly registryConfig: string
  readonly validate: boolean
  /** What stands behind "="; undefined where the flag is not given. */
  readonly dryRun: string | undefined
  readonly postRenderer: string
  readonly enableDns: boolean
  readonly verify: boolean
  /** Undefined where it is not said: HELM_DEBUG may say it then. */
  readonly debug: boolean | undefined
  readonly semantics: Semantics
  readonly kubeconfig: string
  readonly kubeContext: string
  /** The keys of --labels. */
  readonly labels: readonly string[]
}

/** A flag with what help says of it; one without text is taken as helm takes it, and not shown. */
interface TemplateFlag extends Flag {
  readonly text?: string
  /** What stands for the argument in help. */
  readonly argument?: string
  /** The major that alone has it. */
  readonly only?: Semantics
  /** What Helm 4 says where it is given. */
  readonly deprecated?: string
}

const bool = (name: string, text?: string, more: Partial<TemplateFlag> = {}): TemplateFlag => ({
  name,
  kind: 'bool',
  ...(text === undefined ? {} : { text }),
  ...more,
})

const valued =
  (kind: Flag['kind']) =>
  (name: string, argument?: string, text?: string, more: Partial<TemplateFlag> = {}): TemplateFlag => ({
    name,
    kind,
    ...(argument === undefined ? {} : { argument }),
    ...(text === undefined ? {} : { text }),
    ...more,
  })
const text = valued('text')
const list = valued('list')
const array = valued('array')

/** What decapod has for each of its commands; main.ts declares them. */
const globals: readonly Flag[] = [text('cwd'), bool('json'), bool('quiet'), text('color'), text('jobs')]

/** In the order of the help. */
const shown: readonly TemplateFlag[] = [
  list('values', 'file', 'values in a YAML file, `-` for standard input; later ones win', { short: 'f' }),
  array('set', 'values', 'values: a.b=1,c={x,y}; numbers and booleans are typed'),
  array('set-string', 'values', 'as --set, all strings'),
  array('set-file', 'values', 'as --set, each value read from the file it names'),
  array('set-json', 'values', 'values in JSON: a.b={"c":1}'),
  array('set-literal', 'value', 'one value, taken as it stands'),
  text('namespace', 'name', 'namespace of the release', { short: 'n' }),
  text('kube-version', 'version', 'Kubernetes version for .Capabilities.KubeVersion'),
  list('api-versions', 'list', 'further API versions for .Capabilities.APIVersions', { short: 'a' }),
  bool('include-crds', "print the chart's crds/ first"),
  bool('skip-tests', 'leave out test hooks'),
  bool('no-hooks', 'leave out all hooks'),
  bool('is-upgrade', 'set .Release.IsUpgrade instead of .Release.IsInstall'),
  array('show-only', 'template', 'only documents of this template: a path in the chart, with *', { short: 's' }),
  text('output-dir', 'dir', 'write one file per template instead of printing'),
  bool('release-name', 'put the release name in the path of --output-dir'),
  text('name-template', 'template', 'template for the name of the release'),
  bool('generate-name', 'accepted as by helm template, which uses release-name', { short: 'g' }),
  bool('skip-schema-validation', 'do not check values.schema.json'),
  bool('dependency-update', 'where dependencies are missing, update charts/ and Chart.lock first'),
  text('repo', 'url', 'chart repository to take the chart from'),
  text('version', 'constraint', 'version of the chart in the repository'),
  bool('devel', 'prereleases count too'),
  text('username', 'name', 'user of the repository'),
  text('password', 'password', 'password for the repository'),
  bool('pass-credentials', 'send them to other hosts too'),
  text('ca-file', 'file', 'CAs that the repository is trusted by'),
  text('cert-file', 'file', 'client certificate'),
  text('key-file', 'file', 'its key'),
  bool('insecure-skip-tls-verify', 'trust any certificate of the repository'),
  bool('plain-http', 'reach the registry without TLS'),
  text('repository-config', 'file', 'repositories that helm repo add knows'),
  text('registry-config', 'file', 'credentials that helm registry login wrote'),
  text('semantics', 'version', 'render as Helm 3 or as Helm 4'),
  bool('debug', 'print what was rendered even if it is no YAML'),
  text('kubeconfig', 'file', 'where the default namespace is read from'),
  text('kube-context', 'name', 'the context in it'),
  bool('validate', 'refused: needs a cluster', { deprecated: "use '--dry-run=server' instead" }),
  bool('enable-dns', 'refused: templates reach no network'),
  bool('verify', 'refused: provenance files are not checked'),
  text('dry-run', undefined, '=client is what always happens, =server is refused', { bare: 'client' }),
  text('post-renderer', 'program', 'refused: no foreign programs'),
]

const withoutEffect = "this flag has no effect for 'helm template' and will be removed in Helm 5"

/** Go's package flag says no more of a switch than this. */
const goSwitch = (name: string): TemplateFlag =>
  bool(name, undefined, {
    check: word => {
      try {
        strconv.parseBool(word)
      } catch {
        throw new GoError('parse error')
      }
    },
  })

/** Flags that say nothing about rendering: taken, so that a command line for Helm works, and without effect. */
const ignored: readonly TemplateFlag[] = [
  bool('atomic', undefined, { deprecated: 'use --rollback-on-failure instead' }),
  bool('create-namespace'),
  text('description'),
  bool('disable-openapi-validation'),
  bool('force', undefined, { deprecated: 'use --force-replace instead' }),
  bool('force-conflicts', undefined, { only: 4 }),
  bool('force-replace', undefined, { only: 4 }),
  bool('hide-notes', undefined, { deprecated: withoutEffect }),
  valued('pairs')('labels', undefined, undefined, { short: 'l' }),
  text('keyring'),
  text('post-renderer-args'),
  bool('render-subchart-notes', undefined, { deprecated: withoutEffect }),
  bool('replace'),
  bool('rollback-on-failure', undefined, { only: 4 }),
  bool('server-side', undefined, { only: 4 }),
  bool('skip-crds'),
  bool('take-ownership'),
  valued('duration')('timeout'),
  bool('wait', undefined, { only: 3 }),
  text('wait', undefined, undefined, { only: 4, bare: 'watcher', check: checkWait }),
  bool('wait-for-jobs'),
  valued('int')('burst-limit'),
  text('colour', undefined, undefined, { only: 4 }),
  text('content-cache', undefined, undefined, { only: 4 }),
  text('kube-apiserver'),
  array('kube-as-group'),
  text('kube-as-user'),
  text('kube-ca-file'),
  bool('kube-insecure-skip-tls-verify'),
  text('kube-tls-server-name'),
  text('kube-token'),
  valued('float32')('qps'),
  text('repository-cache'),
  // Those of k8s.io/klog.
  goSwitch('add-dir-header'),
  goSwitch('alsologtostderr'),
  text('alsologtostderrthreshold', undefined, undefined, { check: checkSeverity }),
  goSwitch('legacy-stderr-threshold-behavior'),
  text('log-backtrace-at'),
  text('log-dir'),
  text('log-file'),
  text('log-file-max-size'),
  goSwitch('logtostderr'),
  goSwitch('one-output'),
  goSwitch('skip-headers'),
  goSwitch('skip-log-headers'),
  text('stderrthreshold', undefined, undefined, { check: checkSeverity }),
  valued('int32')('v', undefined, undefined, { short: 'v' }),
  text('vmodule', undefined, undefined, { check: checkModules }),
]

function checkWait(word: string): void {
  if (['watcher', 'legacy', 'hookOnly', 'true', 'false'].includes(word)) return
  throw new GoError(`invalid wait input ${JSON.stringify(word)}. Valid inputs are watcher, hookOnly, and legacy`)
}

/** A name of a severity, or its number (klog.go, severityValue.Set). */
function checkSeverity(word: string): void {
  if (!/^(?:info|warning|error|fatal)$/i.test(word)) strconv.parseInt(word, 10, 32)
}

/** Pairs of a pattern and a level (klog.go, moduleSpec.Set). */
function checkModules(word: string): void {
  const isPair = (pair: string): boolean => pair === '' || /^[^=]+=[^=]+$/.test(pair)
  if (!word.split(',').every(isPair)) throw new GoError('syntax error: expect comma-separated list of filename=N')
}

/** Flags of Helm 4 that exclude each other (cobra's MarkFlagsMutuallyExclusive). */
const exclusive: readonly (readonly string[])[] = [
  ['force-replace', 'force-conflicts'],
  ['force', 'force-conflicts'],
  ['validate', 'dry-run'],
]

/** Declares the flags, for help and completion; parseTemplateFlags reads them. */
export function declareFlags(command: Command): Command {
  for (const { name, short, argument, text = '' } of shown) {
    const flags = `${short === undefined ? '' : `-${short}, `}--${name}${argument === undefined ? '' : ` <${argument}>`}`
    const option = new Option(flags, text)
    command.addOption(name === 'semantics' ? option.default('3') : option)
  }
  for (const { name, short, kind } of ignored) {
    if (command.options.some(option => option.long === `--${name}`)) continue
    const flags = `${short === undefined ? '' : `-${short}, `}--${name}${kind === 'bool' ? '' : ' <value>'}`
    command.addOption(new Option(flags, 'accepted, without effect').hideHelp())
  }
  return command
}

export interface TemplateCommandLine {
  readonly options: TemplateOptions
  readonly args: readonly string[]
  /** -h or --help. */
  readonly help: boolean
  /** Options that every command of decapod has, as they were given. */
  readonly globals: readonly string[]
  /** What Helm 4 says of flags that it no longer wants. */
  readonly warnings: readonly string[]
  /** Flags that exclude each other: told once the arguments have been counted. */
  readonly conflict: DecapodError | undefined
}

/** Reads what stands behind `decapod template`. Throws DecapodError USAGE in the words of helm. */
export function parseTemplateFlags(words: readonly string[]): TemplateCommandLine {
  const semantics = semanticsOf(words)
  const flags: TemplateFlag[] = [
    ...[...shown, ...ignored].filter(({ only }) => only === undefined || only === semantics),
    ...globals,
    bool('help', undefined, { short: 'h' }),
  ].map(flag => (flag.name === 'dry-run' && semantics === 4 ? { ...flag, bare: 'unset' } : flag))
  const line = parseCommandLine(flags, words, 'decapod template --help')
  const told = semantics === 4 ? flags.filter(flag => flag.deprecated && line.values.has(flag.name)) : []
  return {
    options: optionsOf(line, semantics),
    args: line.args,
    help: line.values.get('help') === true,
    globals: globals.flatMap(({ name }) => globalWords(name, line.values.get(name))),
    warnings: told.map(({ name, deprecated }) => `Flag --${name} has been deprecated, ${deprecated}`),
    conflict: semantics === 4 ? conflictOf(line) : undefined,
  }
}

/** Which flags there are depends on the major, so this one is looked for first. */
function semanticsOf(words: readonly string[]): Semantics {
  const end = words.includes('--') ? words.indexOf('--') : words.length
  let found: string | undefined
  for (const [i, word] of words.slice(0, end).entries()) {
    if (word === '--semantics') found = words[i + 1]
    else if (word.startsWith('--semantics=')) found = word.slice('--semantics='.length)
  }
  if (found === undefined || found === '3') return 3
  if (found === '4') return 4
  throw new DecapodError('USAGE', `--semantics takes 3 or 4, not "${found}"`)
}

function globalWords(name: string, value: FlagValue | undefined): string[] {
  if (value === undefined || value === false) return []
  return value === true ? [`--${name}`] : [`--${name}=${String(value)}`]
}

function conflictOf({ given }: CommandLine): DecapodError | undefined {
  for (const group of exclusive) {
    const set = group.filter(name => given.includes(name))
    if (set.length < 2) continue
    const message =
      `if any flags in the group [${group.join(' ')}] are set none of the others can be; ` +
      `[${set.sort().join(' ')}] were all set`
    return new DecapodError('USAGE', message)
  }
  return undefined
}

function optionsOf({ values }: CommandLine, semantics: Semantics): TemplateOptions {
  const flag = (name: string): boolean => values.get(name) === true
  const word = (name: string): string => (values.get(name) as string | undefined) ?? ''
  const words = (name: string): readonly string[] => (values.get(name) as readonly string[] | undefined) ?? []
  return {
    values: words('values'),
    set: words('set'),
    setString: words('set-string'),
    setFile: words('set-file'),
    setJson: words('set-json'),
    setLiteral: words('set-literal'),
    namespace: word('namespace'),
    kubeVersion: word('kube-version'),
    apiVersions: words('api-versions'),
    includeCrds: flag('include-crds'),
    skipTests: flag('skip-tests'),
    noHooks: flag('no-hooks'),
    isUpgrade: flag('is-upgrade'),
    showOnly: words('show-only'),
    outputDir: word('output-dir'),
    releaseName: flag('release-name'),
    nameTemplate: word('name-template'),
    generateName: flag('generate-name'),
    skipSchemaValidation: flag('skip-schema-validation'),
    dependencyUpdate: flag('dependency-update'),
    repo: word('repo'),
    version: word('version'),
    devel: flag('devel'),
    username: word('username'),
    password: word('password'),
    passCredentials: flag('pass-credentials'),
    caFile: word('ca-file'),
    certFile: word('cert-file'),
    keyFile: word('key-file'),
    insecureSkipTlsVerify: flag('insecure-skip-tls-verify'),
    plainHttp: flag('plain-http'),
    repositoryConfig: word('repository-config'),
    registryConfig: word('registry-config'),
    validate: flag('validate'),
    dryRun: values.get('dry-run') as string | undefined,
    postRenderer: word('post-renderer'),
    enableDns: flag('enable-dns'),
    verify: flag('verify'),
    debug: values.get('debug') as boolean | undefined,
    semantics,
    kubeconfig: word('kubeconfig'),
    kubeContext: word('kube-context'),
    labels: words('labels'),
  }
}
