/**
 * Joins the modules of the command into few files, after the compiler: Node takes longer to find and read two hundred
 * files than decapod takes to render a small overlay. What is loaded late stays apart. The modules themselves remain
 * beside it, for those who import decapod.
 */
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Plugin, rolldown } from 'rolldown'

const dir = resolve(import.meta.dirname, '../src')

rmSync(resolve(dir, 'chunks'), { recursive: true, force: true })
/**
 * commander is joined with the rest, for every start needs it and finding its seven files takes long; its licence comes
 * along. What it would load for commands that are programs of their own, which decapod has none of, is loaded when asked for.
 */
const commander: Plugin = {
  name: 'commander',
  transform: {
    filter: { id: /node_modules\/commander\// },
    handler: (code, id) => {
      if (!id.endsWith('/lib/command.js')) return null
      const license = readFileSync(resolve(dirname(id), '../LICENSE'), 'utf8')
      const late = '{ spawn: (...args) => process.getBuiltinModule("node:child_process").spawn(...args) }'
      return { code: `/*!\ncommander\n${license}*/\n${code.replace("require('node:child_process')", late)}` }
    },
  },
}

const joined = await rolldown({
  input: { bin: resolve(dir, 'cli/program.js') },
  platform: 'node',
  // Other packages stay what npm installed.
  external: id => /^[^./]/.test(id) && id !== 'commander',
  plugins: [commander],
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
