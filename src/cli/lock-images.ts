/** Pinning images: asks registries for the digests that tags have. */
import { formatReference, type Reference } from '../bundle/reference.ts'
import { relocated } from '../bundle/relocate.ts'
import { DecapodError, DecapodErrors } from '../errors.ts'
import { inParallel } from '../io/images.ts'
import type { Registry } from '../io/registry.ts'
import { isImageKey, type Lock, type LockEntry } from '../lock.ts'
import type { Mirrors } from '../mirrors.ts'
import { imageLockKey, type NeededImage } from '../render/images.ts'

export interface ImageLockOptions {
  readonly registry: (host: string) => Registry
  /** Where registries lie from here. */
  readonly mirrors: Mirrors
  /** Ask for every digest again, also where one is pinned. */
  readonly update: boolean
  /** Every site was looked at: what no image asks for is dropped. */
  readonly whole: boolean
  readonly jobs: number
}

export interface ImageLock {
  readonly lock: Lock
  /** How many registries were asked for. */
  readonly asked: number
}

/**
 * The lock with the digests of all needed images. Each is asked of its mirror, then of its own registry. Throws
 * DecapodErrors naming every image whose digest cannot be had.
 */
export async function lockImages(
  old: Lock,
  images: readonly NeededImage[],
  { registry, mirrors, update, whole, jobs }: ImageLockOptions,
): Promise<ImageLock> {
  const lock = new Map<string, LockEntry>([...old].filter(([key]) => !whole || !isImageKey(key)))
  const open: NeededImage[] = []
  for (const image of images) {
    if (image.reference.digest !== undefined) continue
    const key = imageLockKey(image.reference)
    const pinned = update ? undefined : old.get(key)
    if (pinned === undefined) open.push(image)
    else lock.set(key, pinned)
  }
  const failures: DecapodError[] = []
  await inParallel(open, jobs, async ({ reference }) => {
    try {
      lock.set(imageLockKey(reference), { digest: await digestOf(reference, registry, mirrors) })
    } catch (error) {
      if (!(error instanceof DecapodError)) throw error
      failures.push(error)
    }
  })
  if (failures.length > 0) throw new DecapodErrors(failures.sort((a, b) => (a.message < b.message ? -1 : 1)))
  return { lock, asked: open.length }
}

/** Throws SOURCE_INVALID when the image is nowhere, SOURCE_UNREACHABLE when that cannot be told. */
async function digestOf(reference: Reference, registry: (host: string) => Registry, mirrors: Mirrors): Promise<string> {
  const moved = relocated(reference, mirrors)
  const isElsewhere = moved !== undefined && formatReference(moved) !== formatReference(reference)
  const places = isElsewhere ? [moved, reference] : [reference]
  const tried: string[] = []
  let failure: DecapodError | undefined
  for (const place of places) {
    try {
      const digest = await registry(place.host).manifestDigest(place.path, place.tag ?? 'latest')
      if (digest !== undefined) return digest
      tried.push(`${formatReference(place)} does not exist`)
    } catch (error) {
      if (!(error instanceof DecapodError)) throw error
      failure ??= error
      tried.push(error.message)
    }
  }
  const { code, hint } = failure ?? { code: 'SOURCE_INVALID', hint: undefined }
  throw new DecapodError(code, `no digest of ${formatReference(reference)}`, { hint, notes: tried, cause: failure })
}
