/** BLAKE2b (RFC 7693) with an output of any length; Node has only the one of 64 bytes. Used for short inputs. */

const mask = (1n << 64n) - 1n
const initial = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
] as const
const order = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
] as const

/** The digest of `input` in `length` bytes (1 to 64), without a key. */
export function blake2b(input: Uint8Array, length: number): Uint8Array {
  const h: bigint[] = [...initial]
  h[0] = h[0]! ^ 0x01010000n ^ BigInt(length)
  const blocks = Math.max(1, Math.ceil(input.length / 128))
  for (let i = 0; i < blocks; i++) {
    const chunk = new Uint8Array(128)
    chunk.set(input.subarray(i * 128, (i + 1) * 128))
    const last = i === blocks - 1
    compress(h, new DataView(chunk.buffer), BigInt(last ? input.length : (i + 1) * 128), last)
  }
  const out = new DataView(new ArrayBuffer(64))
  for (const [i, word] of h.entries()) out.setBigUint64(i * 8, word, true)
  return new Uint8Array(out.buffer, 0, length)
}

function compress(h: bigint[], chunk: DataView, count: bigint, last: boolean): void {
  const v = [...h, ...initial]
  v[12] = v[12]! ^ (count & mask)
  v[13] = v[13]! ^ (count >> 64n)
  if (last) v[14] = v[14]! ^ mask
  const m = Array.from({ length: 16 }, (_, i) => chunk.getBigUint64(i * 8, true))
  const rotate = (x: bigint, n: bigint): bigint => ((x >> n) | (x << (64n - n))) & mask
  const mix = (a: number, b: number, c: number, d: number, x: bigint, y: bigint): void => {
    v[a] = (v[a]! + v[b]! + x) & mask
    v[d] = rotate(v[d]! ^ v[a]!, 32n)
    v[c] = (v[c]! + v[d]!) & mask
    v[b] = rotate(v[b]! ^ v[c]!, 24n)
    v[a] = (v[a]! + v[b]! + y) & mask
    v[d] = rotate(v[d]! ^ v[a]!, 16n)
    v[c] = (v[c]! + v[d]!) & mask
    v[b] = rotate(v[b]! ^ v[c]!, 63n)
  }
  for (let round = 0; round < 12; round++) {
    const s = order[round % 10]!
    for (let i = 0; i < 4; i++) mix(i, i + 4, i + 8, i + 12, m[s[2 * i]!]!, m[s[2 * i + 1]!]!)
    mix(0, 5, 10, 15, m[s[8]!]!, m[s[9]!]!)
    mix(1, 6, 11, 12, m[s[10]!]!, m[s[11]!]!)
    mix(2, 7, 8, 13, m[s[12]!]!, m[s[13]!]!)
    mix(3, 4, 9, 14, m[s[14]!]!, m[s[15]!]!)
  }
  for (let i = 0; i < 8; i++) h[i] = h[i]! ^ v[i]! ^ v[i + 8]!
}
