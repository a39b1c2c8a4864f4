/**
 * Joins the modules of the command into few files, after the compiler: Node takes longer to find and read two hundred
 * files than decapod takes to render a small overlay. What is loaded late stays apart. The modules themselves remain in
 * dist/src, for those who import decapod.
 */
import { chmodSync } from 'node:fs'
import { resolve } from 'node:path'
import { rolldown } from 'rolldown'

const dist = resolve(import.meta.dirname, '..')
const program = resolve(dist, 'bundle/cli/bin.js')

const bundle = await rolldown({
  input: { bin: resolve(dist, 'src/cli/bin.js') },
  platform: 'node',
  // Packages stay what npm installed.
  external: [/^[^./]/],
})
// Two directories side by side: io/engine.ts takes the one above itself for the program, here as in dist/src.
await bundle.write({
  dir: resolve(dist, 'bundle'),
  format: 'esm',
  entryFileNames: 'cli/[name].js',
  chunkFileNames: 'code/[name]-[hash].js',
  cleanDir: true,
})
await bundle.close()
chmodSync(program, 0o755)
