/**
 * `decapod template` beside helm: a table of command lines, each run by both in a directory of its own. Exit code,
 * standard output, the error and the files that are written must be equal.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { main } from '../../src/cli/main.ts'
import { chartArchive, chartIndex, startChartRepository } from '../../test/support/source-servers.ts'
import { lines } from './helm-flags/lines.ts'
import { layOut } from './helm-flags/place.ts'

const usage = `usage: npm run conformance -- helm-flags [--helm3 PATH] [--helm4 PATH] [options]

  --helm3 PATH   compare --semantics 3 with this helm
  --helm4 PATH   compare --semantics 4 with this one
  --only TEXT    only command lines that contain TEXT
  --diff         print what differs
`

/** The one that helm takes by itself is that of its build. */
const kubeVersion = '--kube-version=1.31.0'

/** What a command line did. */
interface Outcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Path and content of every file that was not there before or is another now. */
  readonly files: ReadonlyMap<string, string>
}

export async function run(args: string[]): Promise<number> {
  const { values: given } = parseArgs({
    args,
    options: {
      helm3: { type: 'string' },
      helm4: { type: 'string' },
      only: { type: 'string', default: '' },
      diff: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const helms = [[3, given.helm3] as const, [4, given.helm4] as const].filter(([, helm]) => helm !== undefined)
  if (given.help || helms.length === 0) {
    console.log(usage)
    return given.help ? 0 : 2
  }
  const repository = await startChartRepository(
    ['1.2.0', '1.3.0', '2.0.0-rc1'].map(version => ({ name: 'web', version, archive: chartArchive('web', version) })),
    {
      intercept: (request, response) => {
        if (request.url === '/repo/v.yaml') response.writeHead(200).end('a: fetched\n')
        return request.url === '/repo/v.yaml'
      },
    },
  )
  const scratch = mkdtempSync(join(tmpdir(), 'helm-flags-'))
  const home = join(scratch, 'home')
  const dir = join(scratch, 'here')
  let different = 0
  try {
    layOut(dir, repository.url)
    // What `helm repo update` would have left.
    mkdirSync(join(scratch, 'cache'))
    writeFileSync(join(scratch, 'cache/shop-index.yaml'), chartIndex(repository.charts))
    const untouched = filesBelow(scratch, ['here', 'abs'])
    for (const [major, helm] of helms) {
      let count = 0
      let same = 0
      for (const line of lines) {
        const shown = line.args.join(' ')
        if (!shown.includes(given.only) || (line.only ?? major) !== major) continue
        count++
        const words = line.args.map(word => word.replace(/^URL/, repository.url).replace('TMP', scratch))
        const env = Object.fromEntries(
          Object.entries(line.env ?? {}).map(([name, value]) => [name, value.replaceAll('TMP', scratch)]),
        )
        const outcome = async (command: string | undefined, more: readonly string[]): Promise<Outcome> => {
          const ended = await start(
            command,
            [...more, ...words],
            dir,
            {
              PATH: process.env['PATH'],
              HOME: home,
              TZ: 'UTC',
              HELM_REPOSITORY_CACHE: join(scratch, 'cache'),
              ...env,
            },
            line.stdin,
          )
          const after = filesBelow(scratch, ['here', 'abs'])
          const files = new Map([...after].filter(([path, text]) => untouched.get(path) !== text))
          for (const path of untouched.keys()) if (!after.has(path)) files.set(path, 'removed')
          rmSync(home, { recursive: true, force: true })
          if (files.size > 0) {
            rmSync(join(scratch, 'abs'), { recursive: true, force: true })
            layOut(dir, repository.url)
          }
          return { ...ended, files }
        }
        const theirs = await outcome(helm!, ['template', kubeVersion])
        const ours = await outcome(undefined, ['template', `--semantics=${major}`, kubeVersion])
        let found = line.refused === true ? refusal(ours) : differences(ours, theirs)
        // Where helm walks a map it may answer otherwise the next time.
        for (let i = 0; i < 8 && found.some(([what]) => what === 'output') && theirs.code !== 0; i++) {
          found = differences(ours, await outcome(helm!, ['template', kubeVersion]))
        }
        if (found.length === 0) {
          same++
          continue
        }
        different++
        console.log(
          `Helm ${major}: ${found.map(([what]) => what).join(', ')}: ${JSON.stringify(line.env ?? {})} ${shown}`,
        )
        if (!given.diff) continue
        for (const [, want, got] of found) console.log(`  - ${cut(want)}\n  + ${cut(got)}`)
      }
      console.log(`Helm ${major}: ${count} command lines, ${same} equal, ${count - same} different`)
    }
  } finally {
    await repository.stop()
    rmSync(scratch, { recursive: true, force: true })
  }
  return different === 0 ? 0 : 1
}

type Environment = Readonly<Record<string, string | undefined>>

/** Runs helm, or decapod where there is no command: in this process, unless it is to read standard input. */
function start(
  command: string | undefined,
  args: readonly string[],
  cwd: string,
  env: Environment,
  stdin: string | undefined,
): Promise<Omit<Outcome, 'files'>> {
  if (command === undefined && stdin === undefined) return callDecapod(args, cwd, env)
  const program = join(import.meta.dirname, '../../src/cli/program.js')
  return new Promise(done => {
    const child = spawn(command ?? process.execPath, [...(command === undefined ? [program] : []), ...args], {
      cwd,
      env,
    })
    const out: Buffer[] = []
    const error: Buffer[] = []
    child.stdout.on('data', chunk => out.push(chunk as Buffer))
    child.stderr.on('data', chunk => error.push(chunk as Buffer))
    child.stdin.on('error', () => {})
    child.stdin.end(stdin)
    child.on('close', code => {
      const stderr = Buffer.concat(error).toString('utf8')
      done({ code: code ?? -1, stdout: Buffer.concat(out).toString('latin1'), stderr })
    })
  })
}

async function callDecapod(args: readonly string[], cwd: string, env: Environment): Promise<Omit<Outcome, 'files'>> {
  const out: Buffer[] = []
  let stderr = ''
  const code = await main(args, {
    stdout: text => void out.push(Buffer.from(text as string)),
    stderr: text => {
      stderr += text
    },
    env,
    cwd,
    terminal: false,
    outTerminal: false,
    columns: 80,
    sourceLine: () => undefined,
  })
  return { code, stdout: Buffer.concat(out).toString('latin1'), stderr }
}

/** Archives by their names alone: the two pack in ways of their own. */
function filesBelow(root: string, names: readonly string[]): Map<string, string> {
  const files = new Map<string, string>()
  for (const name of names) {
    if (statSync(join(root, name), { throwIfNoEntry: false }) === undefined) continue
    for (const path of readdirSync(join(root, name), { recursive: true, encoding: 'utf8' })) {
      const stat = statSync(join(root, name, path))
      if (!stat.isFile()) continue
      const text = path.endsWith('.tgz') ? '' : readFileSync(join(root, name, path), 'latin1')
      files.set(
        `${name}/${path}`,
        `${(stat.mode & 0o777).toString(8)} ${text.replace(/^generated: .*$/m, 'generated')}`,
      )
    }
  }
  return files
}

/** What Go's client says of a network; decapod has words of its own. */
const network =
  /dial tcp|failed to fetch|cannot be reached|unsupported protocol scheme|^Error: no cached repository for/

/** Why an index could not be read stands in a line of its own. */
const withoutReasons = (stdout: string): string => stdout.replace(/^(\.\.\.Unable to get .*\n)\t.*$/gm, '$1')

type Difference = readonly [what: string, want: string, got: string]

function differences(ours: Outcome, theirs: Outcome): Difference[] {
  const found: Difference[] = []
  if (ours.code !== theirs.code)
    found.push(['exit code', `${theirs.code} ${theirs.stderr}`, `${ours.code} ${ours.stderr}`])
  const [printed, own] = [withoutReasons(theirs.stdout), withoutReasons(ours.stdout)]
  if (printed !== own) found.push(['output', ...apart(printed, own)])
  const [want, got] = [errorOf(theirs.stderr), errorOf(ours.stderr)]
  const isSame =
    want === got || got.startsWith(`${want}\n`) || got.startsWith(`${want} \n`) || (network.test(want) && got !== '')
  if (!isSame) found.push(['error', want, got])
  const [written, writes] = [listed(theirs.files), listed(ours.files)]
  if (written !== writes) found.push(['files', ...apart(written, writes)])
  return found
}

/** What decapod refuses on purpose ends as wrong usage, with a clear message. */
function refusal({ code, stderr, stdout }: Outcome): Difference[] {
  const isClear = code === 2 && stdout === '' && /^error USAGE: --.* is refused: /m.test(stderr)
  return isClear ? [] : [['refusal', 'exit code 2 and a clear message', `${code} ${stderr}`]]
}

/** Helm names itself in one message. */
function errorOf(stderr: string): string {
  const at = stderr.search(/^Error: /m)
  if (at === -1) return ''
  return (
    stderr
      .slice(at)
      .replace(/\nhelm\.go:\d+: .*/s, '')
      .replace('"helm template"', '"decapod template"')
      .replace(/\n\nUsage:.*/s, '')
      // Helm says it also of files that cannot be written, where it shows nothing.
      .replace(/^(Error: (?:stat|open|mkdir) .*)\n\nUse --debug flag .*/, '$1')
      .trimEnd()
  )
}

const listed = (files: ReadonlyMap<string, string>): string =>
  [...files]
    .map(([path, text]) => `${path}: ${text}\n`)
    .sort()
    .join('')

/** Two texts from a little before where they begin to differ. */
function apart(want: string, got: string): [string, string] {
  let at = 0
  while (at < want.length && want[at] === got[at]) at++
  const from = Math.max(0, at - 80)
  return [want.slice(from), got.slice(from)]
}

const cut = (text: string): string => JSON.stringify(text.slice(0, 500))
