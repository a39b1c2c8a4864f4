/** `npm run conformance -- NAME [ARGS]`: compares decapod with what the real tools answered. One file per corpus. */
import { DecapodError } from '../../src/errors.ts'
import { keepHeapSmall } from '../../src/io/heap.ts'

const names = ['helm', 'helm-live', 'helm-flags', 'kustomize', 'decapod-reference', 'decapod-develop'] as const

/** What each file of this folder exports: runs the comparison, prints figures, gives the exit code. */
interface Conformance {
  readonly run: (args: string[]) => number | Promise<number>
}

keepHeapSmall()
const [name, ...args] = process.argv.slice(2)
if (name === undefined || !(names as readonly string[]).includes(name)) {
  console.error(`usage: npm run conformance -- ${names.join('|')} --dir DIR [--help]`)
  process.exitCode = 2
} else {
  const { run } = (await import(`./${name}.js`)) as Conformance
  try {
    process.exitCode = await run(args)
  } catch (error) {
    if (!(error instanceof DecapodError)) throw error
    console.error(error.message)
    process.exitCode = 2
  }
}
