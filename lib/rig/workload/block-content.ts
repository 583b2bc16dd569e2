import { crc32c } from '../protocol/crc32c.ts'
import { fillNoise, mix } from './random.ts'

/**
 * A block says what it is: magic, CRC32C of everything behind it, run, its own address, the number
 * of the write (its version), the number of the write before on this block; then noise.
 */
const magic = 0x47525753
const offset = { magic: 0, crc: 4, run: 8, block: 24, seq: 32, previous: 40, noise: 48 } as const

/** A run's UUID as 16 bytes. */
export function runBytes(run: string): Buffer {
  return Buffer.from(run.replaceAll('-', ''), 'hex')
}

/** What identifies blocks of a run. */
export interface RunIdentity {
  readonly seed: number
  readonly run: Buffer
}

export function writeBlock(
  bytes: Buffer,
  at: number,
  blockBytes: number,
  identity: RunIdentity,
  label: { block: number; seq: number; previous: number },
): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, blockBytes)
  view.setUint32(offset.magic, magic, true)
  bytes.set(identity.run, at + offset.run)
  view.setFloat64(offset.block, label.block, true)
  view.setFloat64(offset.seq, label.seq, true)
  view.setFloat64(offset.previous, label.previous, true)
  fillNoise(view, offset.noise, blockBytes, mix(identity.seed, label.seq, label.block))
  view.setUint32(offset.crc, crc32c(bytes, at + offset.run, at + blockBytes), true)
}

/**
 * What a block turned out to be. `damaged`: parts of it are this run's; `foreign`: nothing of it
 * is known.
 */
export type BlockFinding =
  | {
      readonly is: 'whole'
      readonly block: number
      readonly seq: number
      readonly previous: number
    }
  | { readonly is: 'damaged' }
  | { readonly is: 'foreign' }

/** Whether `bytes` begin with a block of the rig, of whatever run. */
export function isRigBlock(bytes: Buffer): boolean {
  return bytes.length >= offset.noise && bytes.readUInt32LE(0) === magic
}

/** Reads the block at `at`. Compares every byte with what the label says must be there. */
export function readBlock(
  bytes: Buffer,
  at: number,
  blockBytes: number,
  identity: RunIdentity,
  scratch: Buffer,
): BlockFinding {
  const own = bytes.subarray(at + offset.run, at + offset.block)
  if (bytes.readUInt32LE(at) !== magic || !own.equals(identity.run)) return { is: 'foreign' }
  const crc = crc32c(bytes, at + offset.run, at + blockBytes)
  if (crc !== bytes.readUInt32LE(at + offset.crc)) return { is: 'damaged' }
  const label = {
    block: bytes.readDoubleLE(at + offset.block),
    seq: bytes.readDoubleLE(at + offset.seq),
    previous: bytes.readDoubleLE(at + offset.previous),
  }
  writeBlock(scratch, 0, blockBytes, identity, label)
  if (bytes.compare(scratch, 0, blockBytes, at, at + blockBytes) !== 0) return { is: 'damaged' }
  return { is: 'whole', ...label }
}
