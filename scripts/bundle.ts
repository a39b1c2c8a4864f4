/**
 * Joins the modules of the command into few files, after the compiler: Node takes longer to find and read two hundred
 * files than decapod takes to render a small overlay. What is loaded late stays apart. The modules themselves remain
 * beside it, for those who import decapod.
 */
import { chmodSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { rolldown } from 'rolldown'

const dir = resolve(import.meta.dirname, '../src')
const program = resolve(dir, 'cli/bin.js')

rmSync(resolve(dir, 'chunks'), { recursive: true, force: true })
const bundle = await rolldown({
  input: { bin: program },
  platform: 'node',
  // Packages stay what npm installed.
  external: [/^[^./]/],
})
// In place of what the compiler made of it, so that the command has one path; and one below dist/src, which io/engine.ts
// takes for the program from wherever it stands.
await bundle.write({
  dir,
  format: 'esm',
  entryFileNames: 'cli/[name].js',
  chunkFileNames: 'chunks/[name]-[hash].js',
})
await bundle.close()
chmodSync(program, 0o755)
