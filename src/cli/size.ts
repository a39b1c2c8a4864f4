/** Sizes as flags give them. */
import { DecapodError } from '../errors.ts'

/** Bytes of `650MiB`, `4GiB`, `4GB`, `1000000`; at least 1 MiB. Throws USAGE, naming `option`. */
export function parseSize(text: string, option = '--split'): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?$/i.exec(text.trim())
  const power = ['', 'k', 'm', 'g', 't'].indexOf(match?.[2]?.toLowerCase() ?? '')
  const size =
    match === null ? Number.NaN : Math.floor(Number(match[1]) * (match[3] === '' && power > 0 ? 1000 : 1024) ** power)
  if (!Number.isSafeInteger(size) || size < 1 << 20)
    throw new DecapodError('USAGE', `${option} takes a size of at least 1MiB, such as 650MiB or 4GiB, not "${text}"`)
  return size
}
