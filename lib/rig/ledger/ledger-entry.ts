import { crc32c } from '../protocol/crc32c.ts'
import type { Frame } from '../protocol/frame.ts'

/** A frame as the observer got or noted it, and when. */
export interface LedgerEntry extends Frame {
  /** Milliseconds since 1970, by the observer's clock. */
  readonly atMs: number
}

export const ledgerMagic = Buffer.from('SEAWALL-RIG-LEDGER-1\n')

// Payload bytes (4), CRC32C of all behind it (4), time (8), type, probe, 2 zeros; then the payload.
export const entryHeaderBytes = 20
const crcFrom = 8
export const entryPayloadBytesMax = 16 * 1024 * 1024

export function encodeEntry(type: number, probe: number, payload: Buffer, atMs: number): Buffer {
  const bytes = Buffer.alloc(entryHeaderBytes + payload.length)
  bytes.writeUInt32LE(payload.length, 0)
  bytes.writeDoubleLE(atMs, 8)
  bytes[16] = type
  bytes[17] = probe
  bytes.set(payload, entryHeaderBytes)
  bytes.writeUInt32LE(crc32c(bytes, crcFrom), 4)
  return bytes
}

/** The entry at `at`, and where the next one begins; undefined when there is no whole, valid one. */
export function decodeEntry(
  bytes: Buffer,
  at: number,
): { entry: LedgerEntry; next: number } | undefined {
  if (bytes.length - at < entryHeaderBytes) return undefined
  const payloadBytes = bytes.readUInt32LE(at)
  const next = at + entryHeaderBytes + payloadBytes
  if (payloadBytes > entryPayloadBytesMax || next > bytes.length) return undefined
  if (crc32c(bytes, at + crcFrom, next) !== bytes.readUInt32LE(at + 4)) return undefined
  const entry = {
    atMs: bytes.readDoubleLE(at + 8),
    type: bytes[at + 16] as number,
    probe: bytes[at + 17] as number,
    payload: bytes.subarray(at + entryHeaderBytes, next),
  }
  return { entry, next }
}
