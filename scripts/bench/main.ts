/** `npm run bench [-- NAME [ARGS]]`: measures decapod beside the real tools in one run. One file per subject. */
import { keepHeapSmall } from '../../src/io/heap.ts'

const names = ['render', 'helm', 'kustomize', 'yaml', 'bundle', 'sources'] as const

/** What each file of this folder exports: measures and prints a table; gives the exit code. */
interface Bench {
  readonly run: (args: string[]) => number | Promise<number>
}

keepHeapSmall()
const [name = 'render', ...args] = process.argv.slice(2)
if (!(names as readonly string[]).includes(name)) {
  console.error(`usage: npm run bench -- ${names.join('|')} [ARGS]`)
  process.exitCode = 2
} else {
  const { run } = (await import(`./${name}.js`)) as Bench
  process.exitCode = await run(args)
}
