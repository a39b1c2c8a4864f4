/**
 * Differential fuzzing of patches, replacements, name references and vars against a real kustomize:
 *
 *	node kustomize-patch.js --kustomize PATH [--count N] [--seed N] [--mode smp|json|replace|names|vars] [--keep DIR]
 *
 * Each case is a small kustomization. Both sides must print the same bytes, or both must fail; failures whose texts
 * differ are counted and, with --texts, shown. The exit code is 1 if anything differed.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { DecapodError } from '../../src/errors.ts'
import { diskTree } from '../../src/io/fs.ts'
import { buildKustomization } from '../../src/kustomize/build.ts'
import { formatResources } from '../../src/kustomize/output.ts'
import { jsonCase } from './json-case.ts'
import { namesCase } from './names-case.ts'
import { Random } from './random.ts'
import { replaceCase } from './replace-case.ts'
import { smpCase } from './smp-case.ts'
import { varsCase } from './vars-case.ts'

/** The files of a kustomization by path; `overlay/kustomization.yaml` is built where there is one, else `.`. */
export type Files = Readonly<Record<string, string>>

const modes: Readonly<Record<string, (random: Random) => Files>> = {
  smp: smpCase,
  json: jsonCase,
  replace: replaceCase,
  names: namesCase,
  vars: varsCase,
}

const { values: args } = parseArgs({
  options: {
    kustomize: { type: 'string' },
    count: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    mode: { type: 'string' },
    keep: { type: 'string' },
    texts: { type: 'boolean', default: false },
  },
})
if (args.kustomize === undefined) throw new Error('--kustomize PATH is needed')

interface Outcome {
  readonly output: string | undefined
  readonly error: string
}

function real(dir: string): Outcome {
  try {
    const output = execFileSync(args.kustomize!, ['build', dir], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 5000,
      killSignal: 'SIGKILL',
    })
    return { output, error: '' }
  } catch (error) {
    if ((error as { code?: string }).code === 'ETIMEDOUT') return { output: undefined, error: 'fatal error: no end' }
    return {
      output: undefined,
      error: (error as { stderr: string }).stderr
        .replace(/^# Warning: .*\n/gm, '')
        .replace(/^Error: /, '')
        .trim(),
    }
  }
}

function ours(dir: string): Outcome {
  try {
    return { output: formatResources(buildKustomization(diskTree('/'), dir).resources), error: '' }
  } catch (error) {
    if (error instanceof DecapodError) return { output: undefined, error: error.message.trim() }
    return { output: `DEFECT ${(error as Error).stack}`, error: '' }
  }
}

let different = 0
let texts = 0
let failures = 0
const first = Number(args.seed)
const count = Number(args.count)
const names = args.mode === undefined ? Object.keys(modes) : [args.mode]
for (let seed = first; seed < first + count; seed++) {
  const mode = names[seed % names.length]!
  const files = modes[mode]!(new Random(seed))
  const dir = mkdtempSync(join(tmpdir(), 'decapod-fuzz-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  const target = files['overlay/kustomization.yaml'] === undefined ? dir : join(dir, 'overlay')
  const want = real(target)
  const got = ours(target)
  if (want.output === undefined) failures++
  // What makes the real tool crash has no right answer.
  const crashed = /^panic: |^fatal error: /m.test(want.error)
  const show = (title: string): void => {
    console.log(`=== ${mode} seed ${seed}: ${title}`)
    for (const [path, text] of Object.entries(files)) console.log(`# ${path}\n${text}`)
    console.log(`--- want\n${want.output ?? want.error}\n--- got\n${got.output ?? got.error}`)
  }
  if (want.output !== got.output && !crashed) {
    different++
    show('different')
    if (args.keep !== undefined) {
      for (const [path, text] of Object.entries(files)) {
        const to = join(args.keep, `${mode}-${seed}`, path)
        mkdirSync(dirname(to), { recursive: true })
        writeFileSync(to, text)
      }
    }
  } else if (want.error !== got.error && !crashed) {
    texts++
    if (args.texts) show('other words')
  }
  rmSync(dir, { recursive: true })
}
console.log(
  `${count} cases: ${different} different; ${failures} fail with the real tool, ${texts} of them in other words`,
)
process.exitCode = different === 0 ? 0 : 1
