/** `npm run fuzz -- NAME [ARGS]`: compares decapod with a real tool on generated input. One file per subject. */
const names = ['helm', 'kustomize'] as const

/** What each file of this folder that stands in `names` exports: runs the comparison, gives the exit code. */
interface Fuzz {
  readonly run: (args: string[]) => Promise<number>
}

const [name, ...args] = process.argv.slice(2)
if (name === undefined || !(names as readonly string[]).includes(name)) {
  console.error(`usage: npm run fuzz -- ${names.join('|')} [--help]`)
  process.exitCode = 2
} else {
  const { run } = (await import(`./${name}.js`)) as Fuzz
  process.exitCode = await run(args)
}

export {}
