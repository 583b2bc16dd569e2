import type { ReadAt } from '../../../crash/machine/write-record.ts'

/** A step of a made-up record: each byte fills a sector. */
export type Step =
  | { readonly write: number; readonly bytes: readonly number[] }
  | { readonly flush: true }
  | { readonly discard: number }

const headerBytes = 32

/** A write record as QEMU's blklogwrites makes it. */
export function madeRecord(sectorBytes: number, steps: readonly Step[]): Buffer {
  const superblock = Buffer.alloc(sectorBytes)
  superblock.writeBigUInt64LE(0x6a736677736872n, 0)
  superblock.writeBigUInt64LE(1n, 8)
  superblock.writeBigUInt64LE(BigInt(steps.length), 16)
  superblock.writeUInt32LE(sectorBytes, 24)
  return Buffer.concat([superblock, ...steps.flatMap((step) => entryOf(sectorBytes, step))])
}

function entryOf(sectorBytes: number, step: Step): Buffer[] {
  if ('flush' in step) return [header(sectorBytes, 0, 0, 1)]
  if ('discard' in step) return [header(sectorBytes, step.discard, 4, 4)]
  const data = step.bytes.map((byte) => Buffer.alloc(sectorBytes, byte))
  return [header(sectorBytes, step.write, step.bytes.length, 0), ...data]
}

function header(sectorBytes: number, sector: number, sectors: number, flags: number): Buffer {
  const bytes = Buffer.alloc(Math.max(sectorBytes, headerBytes))
  for (const [i, value] of [sector, sectors, flags, 0].entries()) {
    bytes.writeBigUInt64LE(BigInt(value), 8 * i)
  }
  return bytes
}

export function readerOf(bytes: Buffer): ReadAt {
  return (buffer, position) => bytes.copy(buffer, 0, position, position + buffer.length)
}
