/** Where the bytes of a blob go that is downloaded, so that a cut download can go on where it ended. */
import type { Hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { DecapodError } from '../errors.ts'
import { systemReason } from './system-error.ts'

/** Where a blob's bytes go. What an earlier try left is hashed again, and the download goes on after it. */
export interface BlobSink {
  /** Feeds what is there into the hash and says how much that is, at most `size`. */
  readonly resume: (hash: Hash, size: number) => Promise<number>
  /** Adds pieces after what is there, all of them or (when it throws) none that counts. */
  readonly write: (pieces: readonly Buffer[]) => Promise<void>
  /** Throws away what is there. */
  readonly reset: () => Promise<void>
}

/** Bytes on their way to a sink, in pieces that are worth a write. */
export class Pending {
  private readonly sink: BlobSink
  private chunks: Buffer[] = []
  private size = 0

  constructor(sink: BlobSink) {
    this.sink = sink
  }

  async add(chunk: Buffer): Promise<void> {
    this.chunks.push(chunk)
    this.size += chunk.length
    if (this.size >= 1 << 20) await this.flush()
  }

  async flush(): Promise<void> {
    if (this.size === 0) return
    const { chunks } = this
    this.chunks = []
    this.size = 0
    await this.sink.write(chunks)
  }
}

/** A file as a sink; one that is too long is thrown away. */
export async function fileSink(file: string): Promise<BlobSink & { close: () => Promise<void> }> {
  const handle = await open(file, 'a+')
  return {
    resume: async (hash, size) => {
      const have = (await handle.stat()).size
      if (have > size) {
        await handle.truncate(0)
        return 0
      }
      if (have > 0)
        for await (const chunk of handle.createReadStream({ start: 0, autoClose: false })) hash.update(chunk as Buffer)
      return have
    },
    write: async pieces => {
      try {
        for (const piece of pieces) await handle.appendFile(piece)
      } catch (error) {
        throw fileTrouble(error, file)
      }
    },
    reset: () => handle.truncate(0),
    close: () => handle.close(),
  }
}

function fileTrouble(error: unknown, file: string): DecapodError {
  if (error instanceof DecapodError) return error
  const reason = systemReason(error)
  return new DecapodError('FILE_INVALID', `cannot write ${file}: ${reason}`, {
    cause: error,
    hint: 'free space or set another cache directory (DECAPOD_CACHE)',
  })
}
