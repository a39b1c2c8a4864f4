/**
 * `npm run bench [-- NAME [ARGS]]`: measures decapod beside the real tools in one run. One file per subject. Without a
 * name: everything that needs nothing but this repository, and what the others need.
 */
import { keepHeapSmall } from '../../src/io/heap.ts'

/** Each subject with the arguments it is run with when none is named, or what it needs. */
const subjects: Readonly<Record<string, { readonly alone: readonly string[] } | { readonly needs: string }>> = {
  yaml: { alone: ['base', 'sites', 'rendered'] },
  render: { alone: ['--sites', '1,20'] },
  helm: { needs: '--dir with the charts of the Helm corpus; --helm and --oracle to compare with' },
  kustomize: { needs: '--dir with the checkouts of the Kustomize corpus; --kustomize to compare with' },
  bundle: { needs: 'docker-registry and skopeo, and 4 GB of disk' },
  sources: { needs: 'docker-registry, skopeo and helm' },
}

/** What each file of this folder exports: measures and prints a table; gives the exit code. */
interface Bench {
  readonly run: (args: string[]) => number | Promise<number>
}

keepHeapSmall()
const [name, ...args] = process.argv.slice(2)
if (name === undefined) {
  for (const [subject, how] of Object.entries(subjects)) {
    console.log(`== ${subject}`)
    if ('alone' in how) await bench(subject, how.alone)
    else console.log(`not run; it needs ${how.needs}: npm run bench -- ${subject} …`)
    console.log('')
  }
} else if (Object.hasOwn(subjects, name)) await bench(name, args)
else {
  console.error(`usage: npm run bench -- ${Object.keys(subjects).join('|')} [ARGS]`)
  process.exitCode = 2
}

async function bench(subject: string, given: readonly string[]): Promise<void> {
  const { run } = (await import(`./${subject}.js`)) as Bench
  process.exitCode = (await run([...given])) || process.exitCode || 0
}
