/**
 * How a file is cut into records: pieces of 1 to 64 KiB whose sizes follow from the seed and the
 * piece's place alone.
 */
const chunkBytesMin = 1024
const chunkBytesMax = 64 * 1024

/** A number from 0 to 2^32 - 1 that depends on nothing but its arguments (a 32-bit mix of both). */
export function mix(seed: number, value: number): number {
  let hash = (seed ^ Math.imul(value + 0x9e3779b9, 0x85ebca6b)) >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d) >>> 0
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b) >>> 0
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The size of the piece that starts at `offset` of a file of `fileBytes`. */
export function chunkBytesAt(seed: number, offset: number, fileBytes: number): number {
  const bytes = chunkBytesMin + (mix(seed, offset) % (chunkBytesMax - chunkBytesMin + 1))
  return Math.min(bytes, fileBytes - offset)
}

/** A record: the file offset (8 bytes), then the bytes. */
export const offsetBytes = 8

export function encodeChunk(offset: number, data: Uint8Array): Buffer {
  const body = Buffer.allocUnsafe(offsetBytes + data.length)
  body.writeDoubleLE(offset, 0)
  body.set(data, offsetBytes)
  return body
}

export function decodeChunk(body: Uint8Array): { offset: number; data: Uint8Array } {
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  return { offset: view.getFloat64(0, true), data: body.subarray(offsetBytes) }
}
