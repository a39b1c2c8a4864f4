/** The flags of `helm template` (Helm's cmd/helm: template.go, install.go, flags.go, and the ones all commands have). */
import { type Command, Option } from 'commander'
import { DecapodError, nearest } from '../errors.ts'

export interface TemplateOptions {
  readonly values: readonly string[]
  readonly set: readonly string[]
  readonly setString: readonly string[]
  readonly setFile: readonly string[]
  readonly setJson: readonly string[]
  readonly setLiteral: readonly string[]
  readonly namespace?: string
  readonly kubeVersion?: string
  readonly apiVersions: readonly string[]
  readonly includeCrds: boolean
  readonly skipTests: boolean
  /** False with --no-hooks. */
  readonly hooks: boolean
  readonly isUpgrade: boolean
  readonly showOnly: readonly string[]
  readonly outputDir?: string
  readonly releaseName: boolean
  readonly nameTemplate?: string
  readonly generateName: boolean
  readonly skipSchemaValidation: boolean
  readonly dependencyUpdate: boolean
  readonly repo?: string
  readonly version?: string
  readonly devel: boolean
  readonly username?: string
  readonly password?: string
  readonly validate: boolean
  readonly dryRun?: string | true
  readonly postRenderer?: string
  readonly enableDns: boolean
  readonly verify: boolean
  readonly debug: boolean
  readonly semantics: string
  readonly kubeconfig?: string
  readonly kubeContext?: string
}

/** Flags of Helm that say nothing about rendering: taken, so that a command line for Helm works, and without effect. */
const ignored: readonly string[] = [
  '--atomic',
  '--create-namespace',
  '--description <text>',
  '--disable-openapi-validation',
  '--force',
  '--force-conflicts',
  '--force-replace',
  '--hide-notes',
  '-l, --labels <labels>',
  '--pass-credentials',
  '--plain-http',
  '--insecure-skip-tls-verify',
  '--ca-file <file>',
  '--cert-file <file>',
  '--key-file <file>',
  '--keyring <file>',
  '--post-renderer-args <arg>',
  '--render-subchart-notes',
  '--replace',
  '--rollback-on-failure',
  '--skip-crds',
  '--take-ownership',
  '--timeout <duration>',
  '--wait',
  '--wait-for-jobs',
  '--burst-limit <n>',
  '--content-cache <dir>',
  '--kube-apiserver <address>',
  '--kube-as-group <group>',
  '--kube-as-user <user>',
  '--kube-ca-file <file>',
  '--kube-insecure-skip-tls-verify',
  '--kube-tls-server-name <name>',
  '--kube-token <token>',
  '--qps <n>',
  '--registry-config <file>',
  '--repository-cache <dir>',
  '--repository-config <file>',
]

/** Declares the flags. Unknown ones are found by acceptBooleanValues, which knows the forms that commander does not. */
export function declareFlags(command: Command): Command {
  const each = (value: string, before: readonly string[]): string[] => [...before, value]
  const eachShort = (value: string, before: readonly string[]): string[] => [...before, behindShort(value)]
  const eachPart = (value: string, before: readonly string[]): string[] => [...before, ...splitCsv(behindShort(value))]
  command
    .allowUnknownOption()
    .allowExcessArguments()
    .option('-f, --values <file>', 'values in a YAML file, `-` for standard input; later ones win', eachPart, [])
    .option('--set <values>', 'values: a.b=1,c={x,y}; numbers and booleans are typed', each, [])
    .option('--set-string <values>', 'as --set, all strings', each, [])
    .option('--set-file <values>', 'as --set, each value read from the file it names', each, [])
    .option('--set-json <values>', 'values in JSON: a.b={"c":1}', each, [])
    .option('--set-literal <value>', 'one value, taken as it stands', each, [])
    .option('-n, --namespace <name>', 'namespace of the release', behindShort)
    .option('--kube-version <version>', 'Kubernetes version for .Capabilities.KubeVersion')
    .option('-a, --api-versions <list>', 'further API versions for .Capabilities.APIVersions', eachPart, [])
    .option('--include-crds', "print the chart's crds/ first", false)
    .option('--skip-tests', 'leave out test hooks', false)
    .option('--no-hooks', 'leave out all hooks')
    .option('--is-upgrade', 'set .Release.IsUpgrade instead of .Release.IsInstall', false)
    .option('-s, --show-only <template>', 'only documents of this template: a path in the chart, with *', eachShort, [])
    .option('--output-dir <dir>', 'write one file per template instead of printing')
    .option('--release-name', 'put the release name in the path of --output-dir', false)
    .option('--name-template <template>', 'template for the name of the release')
    .option('-g, --generate-name', 'accepted as by helm template, which uses release-name', false)
    .option('--skip-schema-validation', 'do not check values.schema.json', false)
    .option('--dependency-update', 'fetch missing dependencies first', false)
    .option('--repo <url>', 'chart repository to take the chart from')
    .option('--version <constraint>', 'version of the chart in the repository')
    .option('--devel', 'prereleases count too', false)
    .option('--username <name>', 'user of the repository')
    .option('--password <password>', 'password for the repository')
    .option('--semantics <version>', 'render as Helm 3 or as Helm 4', '3')
    .option('--debug', 'print what was rendered even if it is no YAML', false)
    .option('--kubeconfig <file>', 'where the default namespace is read from')
    .option('--kube-context <name>', 'the context in it')
  for (const [flags, text] of [
    ['--validate', 'refused: needs a cluster'],
    ['--enable-dns', 'refused: templates reach no network'],
    ['--verify', 'refused: provenance files are not checked'],
  ] as const) {
    command.option(flags, text, false)
  }
  command.option('--dry-run', '=client is what always happens, =server is refused')
  command.option('--post-renderer <program>', 'refused: no foreign programs')
  for (const flags of ignored) command.addOption(new Option(flags, 'accepted, without effect').hideHelp())
  return command
}

/** `-f=FILE` is `-f FILE` to Helm (pflag), and a value that starts with "=" to commander. */
function behindShort(value: string): string {
  return value.startsWith('=') ? value.slice(1) : value
}

/** The parts of a comma-separated flag, some of them perhaps quoted; an empty one has none. */
function splitCsv(value: string): string[] {
  if (value === '') return []
  return [...value.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(m => m[1]?.replaceAll('""', '"') ?? m[2] ?? '')
}

const truths = new Map([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map(word => [word, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map(word => [word, false] as const),
])

/**
 * The positional arguments among what commander left. Switches with a value (`--include-crds=false`) are applied to the
 * options; anything else that looks like a flag is unknown.
 */
export function acceptBooleanValues(command: Command, left: readonly string[], options: object): string[] {
  const settings = options as Record<string, unknown>
  const positional: string[] = []
  for (const [i, arg] of left.entries()) {
    if (arg === '--') return [...positional, ...left.slice(i + 1)]
    if (!arg.startsWith('-') || arg === '-') {
      positional.push(arg)
      continue
    }
    const [flag = '', value] = arg.split(/=(.*)/s)
    const option = command.options.find(o => o.long === flag || o.short === flag)
    const truth = truths.get(value ?? '')
    if (option === undefined || !(option.isBoolean() || option.negate) || value === undefined) {
      throw unknownFlag(command, flag)
    }
    // These two take words behind "=", and only there.
    if (flag === '--dry-run' || flag === '--wait') settings[option.attributeName()] = value
    else if (truth !== undefined) settings[option.attributeName()] = option.negate ? !truth : truth
    else throw invalidSwitch(option, value)
  }
  return positional
}

/** In the words of pflag, which names both forms of a flag. */
function invalidSwitch({ short, long }: Option, value: string): DecapodError {
  const names = short === undefined ? long : `${short}, ${long}`
  const reason = `strconv.ParseBool: parsing "${value}": invalid syntax`
  return new DecapodError('USAGE', `invalid argument "${value}" for "${names}" flag: ${reason}`, {
    hint: 'true or false',
  })
}

function unknownFlag(command: Command, flag: string): DecapodError {
  const known = command.options.flatMap(option => (option.long === undefined ? [] : [option.long]))
  const near = nearest(flag, known)
  const kind = flag.startsWith('--')
    ? `unknown flag: ${flag}`
    : `unknown shorthand flag: '${flag.slice(1, 2)}' in ${flag}`
  return new DecapodError('USAGE', kind, {
    hint: near === undefined ? 'decapod template --help lists the flags' : `did you mean ${near}?`,
  })
}
