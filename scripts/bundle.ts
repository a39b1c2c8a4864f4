/**
 * Joins the modules of the command into few files, after the compiler: Node takes longer to find and read two hundred
 * files than decapod takes to render a small overlay. What is loaded late stays apart. The modules themselves remain
 * beside it, for those who import decapod.
 */
import { chmodSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { rolldown } from 'rolldown'

const dir = resolve(import.meta.dirname, '../src')

rmSync(resolve(dir, 'chunks'), { recursive: true, force: true })
const joined = await rolldown({
  input: { bin: resolve(dir, 'cli/program.js') },
  platform: 'node',
  // Packages stay what npm installed.
  external: [/^[^./]/],
})
// io/engine.ts knows the command's code by these names.
await joined.write({
  dir,
  format: 'esm',
  entryFileNames: 'cli/[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
})
await joined.close()
chmodSync(resolve(dir, 'cli/bin.js'), 0o755)
