/** Sprig's paths. The os… functions are path/filepath, which on Linux is the same. */
import { base, clean, dir, ext, isAbs } from '../go/path.ts'
import { fn, type GoFunc } from '../go/value.ts'

/** The functions of this chapter by name. */
export const paths: Readonly<Record<string, GoFunc>> = {
  base: fn('(string) string', base),
  dir: fn('(string) string', dir),
  clean: fn('(string) string', clean),
  ext: fn('(string) string', ext),
  isAbs: fn('(string) bool', isAbs),
  osBase: fn('(string) string', base),
  osDir: fn('(string) string', dir),
  osClean: fn('(string) string', clean),
  osExt: fn('(string) string', ext),
  osIsAbs: fn('(string) bool', isAbs),
}
