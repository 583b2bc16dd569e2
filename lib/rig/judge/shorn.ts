import type { RunIdentity } from '../workload/block-content.ts'
import { writeBlock } from '../workload/block-content.ts'

// The smallest piece that a drive writes by itself.
const sectorBytes = 512
// CRC32C and the number of the write before depend on more than the version.
const variable = [
  [4, 8],
  [40, 48],
] as const

/** What the sectors of a damaged block are. */
export interface Dissection {
  /** Every sector is that of a version, and they are not all of the same. */
  readonly isShorn: boolean
  /** `sectors 0-2 of write 17, 3-7 of no write` */
  readonly inWords: string
}

/**
 * Takes a damaged block apart, sector by sector: of which of `versions` is each? Version 0, content
 * that is not known, explains every sector.
 */
export function dissect(
  bytes: Buffer,
  block: number,
  identity: RunIdentity,
  versions: readonly number[],
): Dissection {
  const known = versions.filter((seq) => seq > 0)
  const images = known.map((seq) => imageOf(bytes.length, block, identity, seq))
  const size = step(bytes.length)
  const sectors: (number | undefined)[] = []
  for (let at = 0; at < bytes.length; at += size) {
    const version = images.findIndex((image) => sameSector(bytes, image, at, at + size))
    sectors.push(version >= 0 ? known[version] : versions.includes(0) ? 0 : undefined)
  }
  const met = new Set(sectors)
  return {
    isShorn: met.size > 1 && !met.has(undefined) && [...met].some((seq) => seq !== 0),
    inWords: inWords(sectors),
  }
}

function inWords(sectors: readonly (number | undefined)[]): string {
  const parts: string[] = []
  let from = 0
  for (let i = 1; i <= sectors.length; i++) {
    if (i < sectors.length && sectors[i] === sectors[from]) continue
    const range = i - 1 > from ? `${from}-${i - 1}` : `${from}`
    const version = sectors[from]
    const of = version === undefined ? 'no write' : version === 0 ? 'before' : `write ${version}`
    parts.push(`${range} of ${of}`)
    from = i
  }
  return `sectors ${parts.join(', ')}`
}

// Blocks of one sector are torn in pieces of a word, in theory: halves are enough to tell.
function step(blockBytes: number): number {
  return blockBytes > sectorBytes ? sectorBytes : blockBytes / 2
}

function imageOf(blockBytes: number, block: number, identity: RunIdentity, seq: number): Buffer {
  const image = Buffer.alloc(blockBytes)
  writeBlock(image, 0, blockBytes, identity, { block, seq, previous: 0 })
  return image
}

function sameSector(bytes: Buffer, image: Buffer, from: number, to: number): boolean {
  if (from > 0) return bytes.compare(image, from, to, from, to) === 0
  let at = 0
  for (const [start, end] of [...variable, [to, to] as const]) {
    if (bytes.compare(image, at, start, at, start) !== 0) return false
    at = end
  }
  return true
}
