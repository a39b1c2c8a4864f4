/**
 * Builds real kustomizations of public repositories and compares with what kustomize 5.8.2 printed for them: by the
 * record (checksums of stdout, innermost causes of errors), or live beside the real tool.
 */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { DecapodError } from '../../src/errors.ts'
import { diskTree } from '../../src/io/fs.ts'
import { buildKustomization } from '../../src/kustomize/build.ts'
import { formatResources } from '../../src/kustomize/output.ts'

const help = `usage: npm run conformance -- kustomize --dir DIR [--corpus FILE] [--kustomize PATH] [--only TEXT] [--list]

Builds what FILE lists and compares with its record.

  --dir DIR         checkouts: DIR/OWNER+NAME@COMMIT12 (the first 12 digits of the commit), each with the files of
                    that commit; made with
                      git clone --shared --no-checkout MIRROR DIR/OWNER+NAME@COMMIT12
                      git -C DIR/OWNER+NAME@COMMIT12 checkout -qf COMMIT
  --corpus FILE     the record (default ../shared/conformance/kustomize-corpus.json)
  --kustomize PATH  compare with this program, run beside, instead of the record
  --only TEXT       only builds whose "REPO DIR" contains TEXT
  --list            print the name of every build, too

Prints one line per difference and the counts. Exit status 1 when anything differs or is missing.
`

interface Build {
  readonly repo: string
  readonly commit: string
  readonly dir: string
  readonly sha256?: string
  readonly load_restrictor?: 'LoadRestrictionsNone'
  readonly error?: string
  readonly last_line?: string
}

/** Our answer to a build: its output, or the message of its failure. */
type Answer = { readonly output: string } | { readonly error: string }

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      dir: { type: 'string' },
      corpus: { type: 'string', default: '../shared/conformance/kustomize-corpus.json' },
      kustomize: { type: 'string' },
      only: { type: 'string', default: '' },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help || values.dir === undefined) {
    process.stdout.write(help)
    return values.help ? 0 : 2
  }
  const corpus = JSON.parse(readFileSync(values.corpus, 'utf8')) as { builds: Build[]; errors: Build[] }
  const counts = { equal: 0, different: 0, missing: 0, errorsEqual: 0, errorsDifferent: 0 }
  let milliseconds = 0
  for (const build of [...corpus.builds, ...corpus.errors]) {
    const name = `${build.repo} ${build.dir}`
    if (!name.includes(values.only)) continue
    const repo = resolve(values.dir, `${build.repo.replace('/', '+')}@${build.commit.slice(0, 12)}`)
    if (!existsSync(join(repo, build.dir))) {
      counts.missing++
      process.stdout.write(`missing    ${name}\n`)
      continue
    }
    const start = performance.now()
    const answer = buildHere(join(repo, build.dir), build)
    const took = performance.now() - start
    milliseconds += took
    const difference =
      values.kustomize === undefined
        ? compareWithRecord(answer, build, repo)
        : compareLive(answer, build, join(repo, build.dir), values.kustomize)
    const isError = build.error !== undefined
    if (difference === undefined) counts[isError ? 'errorsEqual' : 'equal']++
    else {
      counts[isError ? 'errorsDifferent' : 'different']++
      process.stdout.write(`different  ${name}: ${difference}\n`)
    }
    if (values.list) process.stdout.write(`${took.toFixed(0).padStart(6)} ms  ${name}\n`)
  }
  const { equal, different, missing, errorsEqual, errorsDifferent } = counts
  process.stdout.write(
    `builds: ${equal} equal, ${different} different; errors: ${errorsEqual} equal, ${errorsDifferent} different; ` +
      `${missing} missing; ${(milliseconds / 1000).toFixed(1)} s\n`,
  )
  return different + missing + errorsDifferent === 0 ? 0 : 1
}

function buildHere(dir: string, build: Build): Answer {
  try {
    const { resources } = buildKustomization(diskTree(), dir, {
      loadRestrictor: build.load_restrictor ?? 'LoadRestrictionsRootOnly',
      onlyPrinted: true,
      // The record is of kustomize, which runs neither Helm nor HelmValuesTransformer unless told so.
      helmValues: false,
    })
    return { output: formatResources(resources) }
  } catch (error) {
    if (error instanceof DecapodError) return { error: error.message }
    return { error: `a defect: ${error instanceof Error ? error.stack : String(error)}` }
  }
}

function compareWithRecord(answer: Answer, build: Build, repo: string): string | undefined {
  if (build.error === undefined) {
    if ('error' in answer) return `fails: ${answer.error}`
    const sha256 = createHash('sha256').update(answer.output).digest('hex')
    return sha256 === build.sha256 ? undefined : 'the output differs'
  }
  if ('output' in answer) return `should fail: ${build.error}`
  const cause = innermostCause(build.last_line ?? build.error).replaceAll('@@REPO@@', repo)
  // An ellipsis stands for what varies.
  const parts = cause.split('…').map(part => part.trim())
  return parts.every(part => answer.error.includes(part))
    ? undefined
    : `says: ${answer.error}\n           not: ${cause}`
}

/** The text after the last ": " that does not just name a path. */
export function innermostCause(message: string): string {
  const parts = message.trim().split(': ')
  for (let i = parts.length - 1; i > 0; i--) {
    if (!/^'?[/@.]\S*'?$/.test(parts[i]!)) return parts[i]!
  }
  return parts[0]!
}

function compareLive(answer: Answer, build: Build, dir: string, kustomize: string): string | undefined {
  const restrictor = build.load_restrictor === undefined ? [] : ['--load-restrictor', build.load_restrictor]
  let output: string
  try {
    output = execFileSync(kustomize, ['build', dir, ...restrictor], {
      maxBuffer: 1 << 30,
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString('utf8')
  } catch (error) {
    const stderr = String((error as { stderr?: Buffer }).stderr ?? '')
    if ('output' in answer) return `kustomize fails: ${stderr}`
    const lines = stderr.trim().split('\n')
    const cause = innermostCause(lines.at(-1)!)
    return answer.error.includes(cause) ? undefined : `says: ${answer.error}\n           not: ${cause}`
  }
  if ('error' in answer) return `fails: ${answer.error}`
  return answer.output === output ? undefined : 'the output differs'
}
