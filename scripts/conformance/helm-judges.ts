/** The helm that decides, asked with the arguments of a command line: the program itself, or its packages in test/oracle. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import type { Answer } from './helm-compare.ts'

/** Gives helm's answer; undefined where this judge cannot say. */
export type Judge = (args: readonly string[]) => Promise<Answer | undefined>

const env = { PATH: process.env['PATH'], HOME: '/nonexistent', TZ: 'UTC' }

/** A helm that is run for each question. */
export function programJudge(helm: string, cwd: string): Judge {
  return args =>
    new Promise(done => {
      execFile(helm, args, { cwd, env, maxBuffer: 1 << 30, encoding: 'buffer' }, (error, stdout, stderr) => {
        done({ ok: error === null, stdout, stderr: stderr.toString('utf8') })
      })
    })
}

interface OracleAnswer {
  readonly want?: string
  readonly wantBase64?: string
  readonly error?: string
  readonly warnings?: readonly string[]
}

/** Helm's packages, in one process that answers lines: many times cheaper, but without helm's reading of flags. */
export class Oracle {
  readonly #path: string
  readonly #cwd: string
  #process: ChildProcess | undefined
  #lines: Interface | undefined
  readonly #waiting: ((answer: Answer | undefined) => void)[] = []

  constructor(path: string, cwd: string) {
    this.#path = path
    this.#cwd = cwd
  }

  judge(helm: 3 | 4): Judge {
    return args => {
      const asked = question(args)
      if (asked === undefined) return Promise.resolve(undefined)
      return new Promise(done => {
        this.#waiting.push(done)
        this.#start().stdin!.write(`${JSON.stringify({ kind: 'chart', helm, ...asked })}\n`)
      })
    }
  }

  stop(): void {
    this.#process?.kill()
  }

  #start(): ChildProcess {
    if (this.#process !== undefined) return this.#process
    const child = spawn(this.#path, { cwd: this.#cwd, env, stdio: ['pipe', 'pipe', 'ignore'] })
    this.#process = child
    this.#lines = createInterface({ input: child.stdout! })
    this.#lines.on('line', line => this.#waiting.shift()?.(answerOf(JSON.parse(line) as OracleAnswer)))
    // Go ends where its stack does; the questions that wait then have no answer.
    child.on('exit', () => {
      this.#process = undefined
      for (const done of this.#waiting.splice(0)) done(undefined)
    })
    child.stdin!.on('error', () => {})
    return child
  }
}

function answerOf({ want = '', wantBase64, error, warnings = [] }: OracleAnswer): Answer {
  const stdout = wantBase64 === undefined ? Buffer.from(want) : Buffer.from(wantBase64, 'base64')
  const lines = warnings.map(warning => `${warning}\n`).join('')
  if (error === undefined) return { ok: true, stdout, stderr: lines, isPlain: true }
  return { ok: false, stdout: Buffer.alloc(0), stderr: `${lines}Error: ${error}\n`, isPlain: true }
}

const listFlags: Record<string, string> = {
  '-f': 'valueFiles',
  '--set': 'set',
  '--set-string': 'setString',
  '--set-json': 'setJson',
  '--set-literal': 'setLiteral',
  '--set-file': 'setFile',
}

/** Command lines as test/oracle takes them: `template NAME CHART` and the flags that reach a render. */
function question(args: readonly string[]): Record<string, unknown> | undefined {
  const [, name, dir, ...rest] = args
  const lists: Record<string, string[]> = {
    valueFiles: [],
    set: [],
    setString: [],
    setJson: [],
    setLiteral: [],
    setFile: [],
    apiVersions: [],
  }
  const asked: Record<string, unknown> = { name, dir, ...lists }
  for (let i = 0; i < rest.length; i++) {
    const list = listFlags[rest[i]!]
    if (list !== undefined) {
      lists[list]!.push(rest[++i]!)
      continue
    }
    switch (rest[i]) {
      case '-a':
        lists['apiVersions']!.push(...rest[++i]!.split(','))
        break
      case '-n':
        asked['namespace'] = rest[++i]
        break
      case '--kube-version':
        asked['kubeVersion'] = rest[++i]
        break
      case '--include-crds':
        asked['includeCrds'] = true
        break
      case '--skip-tests':
        asked['skipTests'] = true
        break
      case '--no-hooks':
        asked['noHooks'] = true
        break
      case '--is-upgrade':
        asked['isUpgrade'] = true
        break
      case '--skip-schema-validation':
        asked['skipSchemaValidation'] = true
        break
      default:
        return undefined
    }
  }
  return asked
}
