// How a file is cut into records: pieces whose sizes follow from the seed and the piece's place
// alone, so that whoever resumes cuts the rest as it would have been cut.
const chunkBytesMin = 1024
const chunkBytesMax = 64 * 1024
// A small file is cut into smaller pieces, so that there is something to interrupt.
const chunksPerFileMin = 64

/** A number from 0 to 2^32 - 1 that depends on nothing but its arguments (a 32-bit mix of both). */
export function mix(seed: number, value: number): number {
  let hash = (seed ^ Math.imul(value + 0x9e3779b9, 0x85ebca6b)) >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d) >>> 0
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b) >>> 0
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The size of the piece that starts at `offset` of a file of `fileBytes`. */
export function chunkBytesAt(seed: number, offset: number, fileBytes: number): number {
  const max = Math.min(chunkBytesMax, Math.max(1, Math.floor(fileBytes / chunksPerFileMin)))
  const min = Math.min(chunkBytesMin, max)
  const bytes = min + (mix(seed, offset) % (max - min + 1))
  return Math.min(bytes, fileBytes - offset)
}

/** A record's body: the file offset in this many bytes, then the piece. */
export const offsetBytes = 8

/** Where the piece in a record's body belongs. */
export function decodeChunk(body: Uint8Array): { offset: number; data: Uint8Array } {
  const view = new DataView(body.buffer, body.byteOffset, body.length)
  return { offset: view.getFloat64(0, true), data: body.subarray(offsetBytes) }
}
