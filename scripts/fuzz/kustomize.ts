/**
 * Differential fuzzing against a real kustomize. Each case is a small tree of kustomizations made from a seed. Both
 * sides must print the same bytes, or both must fail; failures whose texts differ are counted and, with --texts, shown.
 */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { DecapodError } from '../../src/errors.ts'
import { diskTree } from '../../src/io/fs.ts'
import { buildKustomization } from '../../src/kustomize/build.ts'
import { formatResources } from '../../src/kustomize/output.ts'
import { documentsCase } from './kustomize/documents.ts'
import { fieldsCase } from './kustomize/fields.ts'
import type { Files } from './kustomize/files.ts'
import { generatorsCase } from './kustomize/generators.ts'
import { jsonCase } from './kustomize/json.ts'
import { layersCase } from './kustomize/layers.ts'
import { namesCase } from './kustomize/names.ts'
import { replaceCase } from './kustomize/replace.ts'
import { smpCase } from './kustomize/smp.ts'
import { textCase } from './kustomize/text.ts'
import { varsCase } from './kustomize/vars.ts'
import { wideCase } from './kustomize/wide.ts'
import { Random } from './random.ts'

/** Whole trees come often. */
const modes: readonly (readonly [name: string, make: (random: Random) => Files])[] = [
  ['layers', layersCase],
  ['smp', smpCase],
  ['layers', layersCase],
  ['json', jsonCase],
  ['layers', layersCase],
  ['replace', replaceCase],
  ['layers', layersCase],
  ['names', namesCase],
  ['layers', layersCase],
  ['vars', varsCase],
  ['layers', layersCase],
  ['text', textCase],
  ['wide', wideCase],
  ['documents', documentsCase],
  ['wide', wideCase],
  ['fields', fieldsCase],
  ['wide', wideCase],
  ['generators', generatorsCase],
]

const usage = `usage: npm run fuzz -- kustomize --kustomize PATH [options]

  --runs N       cases (default: 2000)
  --seed N       the first of their seeds (default: 1)
  --mode NAME    only ${[...new Set(modes.map(([name]) => name))].join(', ')}
  --jobs N       processes of the real tool at once (default: 2)
  --texts        also show failures that both report in different words
  --reasons      also show why cases fail with the real tool
  --record FILE  write the cases that differ, in the form of test/conformance/kustomize/cases.json
`

interface Outcome {
  readonly output: string | undefined
  readonly error: string
}

export async function run(args: string[]): Promise<number> {
  const { values: given } = parseArgs({
    args,
    options: {
      kustomize: { type: 'string' },
      runs: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      mode: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      texts: { type: 'boolean', default: false },
      reasons: { type: 'boolean', default: false },
      record: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  const { kustomize } = given
  if (given.help || kustomize === undefined) {
    console.log(usage)
    return given.help ? 0 : 2
  }
  const chosen = given.mode === undefined ? modes : modes.filter(([name]) => name === given.mode)
  if (chosen.length === 0) throw new Error(`no mode ${given.mode}`)
  const scratch = realpathSync(mkdtempSync(join(tmpdir(), 'decapod-fuzz-')))
  const first = Number(given.seed)
  const runs = Number(given.runs)
  const counts = { different: 0, texts: 0, failures: 0, crashes: 0 }
  const records: object[] = []
  let next = first
  const work = async (): Promise<void> => {
    while (next < first + runs) {
      const seed = next++
      const [mode, make] = chosen[seed % chosen.length]!
      const files = make(new Random(seed))
      const dir = join(scratch, String(seed))
      layOut(dir, files)
      const target = files['overlay/kustomization.yaml'] === undefined ? '.' : 'overlay'
      const want = await askReal(kustomize, join(dir, target))
      const got = askOurs(join(dir, target))
      rmSync(dir, { recursive: true })
      // What makes the real tool crash has no right answer.
      if (/^panic: |^fatal error: /m.test(want.error)) {
        counts.crashes++
        continue
      }
      if (want.output === undefined) {
        counts.failures++
        if (given.reasons) console.log(`fails: ${mode} ${want.error.split(': ').at(-1)!.slice(0, 100)}`)
      }
      const show = (title: string): void => console.log(report(`${mode} seed ${seed}: ${title}`, files, want, got))
      if (want.output !== got.output) {
        counts.different++
        show('different')
        records.push({ id: `${mode}-${seed}`, files, target, ...expectation(want) })
      } else if (want.error !== got.error) {
        counts.texts++
        if (given.texts) show('other words')
      }
    }
  }
  await Promise.all(Array.from({ length: Number(given.jobs) }, work))
  rmSync(scratch, { recursive: true, force: true })
  if (given.record !== undefined) writeFileSync(given.record, `${JSON.stringify(records, undefined, 1)}\n`)
  const { different, texts, failures, crashes } = counts
  console.log(
    `${runs} cases from seed ${first}: ${different} different; ${failures} fail with the real tool, ` +
      `${texts} of them in other words; ${crashes} crash it`,
  )
  return different === 0 ? 0 : 1
}

function layOut(dir: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
}

async function askReal(kustomize: string, dir: string): Promise<Outcome> {
  return await new Promise(resolve => {
    const options = { encoding: 'utf8', timeout: 10_000, killSignal: 'SIGKILL', maxBuffer: 1 << 28 } as const
    execFile(kustomize, ['build', dir], options, (error, stdout, stderr) => {
      if (error === null) resolve({ output: stdout, error: '' })
      else if (error.killed) resolve({ output: undefined, error: 'fatal error: no end' })
      else resolve({ output: undefined, error: words(stderr) })
    })
  })
}

/** The message alone: no warnings, no date, no address of memory. */
function words(stderr: string): string {
  return stderr
    .replace(/^# Warning: .*\n/gm, '')
    .replace(/^.* well-defined vars that were never replaced: .*\n/gm, '')
    .replace(/^Error: /, '')
    .replaceAll(/from generator &\{0x[0-9a-f]+ (<nil>|0x[0-9a-f]+)\}/g, 'from generator')
    .trim()
}

function askOurs(dir: string): Outcome {
  try {
    return {
      output: formatResources(buildKustomization(diskTree('/'), dir, { onlyPrinted: true }).resources),
      error: '',
    }
  } catch (error) {
    if (error instanceof DecapodError) return { output: undefined, error: error.message.trim() }
    return { output: `DEFECT ${(error as Error).stack}`, error: '' }
  }
}

function expectation({ output, error }: Outcome): object {
  return output === undefined ? { error } : { output }
}

function report(title: string, files: Files, want: Outcome, got: Outcome): string {
  const texts = Object.entries(files).map(([path, text]) => `# ${path}\n${text}`)
  return `=== ${title}\n${texts.join('\n')}\n--- want\n${want.output ?? want.error}\n--- got\n${got.output ?? got.error}`
}
