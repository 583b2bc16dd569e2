// The record that QEMU's blklogwrites makes of a disk: the format of the kernel's dm-log-writes
// (Documentation/admin-guide/device-mapper/log-writes.rst, block/blklogwrites.c). Entries stand in
// the order of their completion.

const magic = 0x6a736677736872n
const version = 1n
const flushFlag = 1n
const discardFlag = 4n
const markFlag = 8n
const entryHeaderBytes = 32
const superblockBytes = 28

export interface RecordedWrite {
  readonly kind: 'write'
  /** Where on the disk. */
  readonly offset: number
  readonly bytes: number
  /** Where in the record its data are. */
  readonly dataAt: number
  /** The record is so long when the entry is in it. */
  readonly recordEnd: number
}

export interface RecordedFlush {
  readonly kind: 'flush'
  readonly recordEnd: number
}

export type RecordedEntry = RecordedWrite | RecordedFlush

export interface WriteRecord {
  readonly sectorBytes: number
  readonly entries: readonly RecordedEntry[]
}

/** Reads into `buffer` from `position`; returns how many bytes there were. */
export type ReadAt = (buffer: Buffer, position: number) => number

/**
 * The entries of the record, of which `recordBytes` are there: the last may be incomplete, when the
 * machine was killed.
 *
 * @throws Error when it is no such record
 */
export function parseWriteRecord(readAt: ReadAt, recordBytes: number): WriteRecord {
  const superblock = Buffer.alloc(superblockBytes)
  if (readAt(superblock, 0) < superblockBytes) throw new Error('the write record has no superblock')
  const isRecord =
    superblock.readBigUInt64LE(0) === magic && superblock.readBigUInt64LE(8) === version
  if (!isRecord) throw new Error('this is no write record')
  const count = Number(superblock.readBigUInt64LE(16))
  const sectorBytes = superblock.readUInt32LE(24)
  const entries: RecordedEntry[] = []
  const header = Buffer.alloc(entryHeaderBytes)
  let at = sectorBytes
  for (let number = 0; number < count; number++) {
    if (readAt(header, at) < entryHeaderBytes) break
    const offset = Number(header.readBigUInt64LE(0)) * sectorBytes
    const sectors = Number(header.readBigUInt64LE(8))
    const flags = header.readBigUInt64LE(16)
    if ((flags & markFlag) !== 0n) throw new Error(`entry ${number} is a mark: QEMU makes none`)
    const dataAt = at + sectorBytes
    const hasData = (flags & discardFlag) === 0n
    const bytes = hasData ? sectors * sectorBytes : 0
    const recordEnd = dataAt + bytes
    if (recordEnd > recordBytes) break
    if (bytes > 0) entries.push({ kind: 'write', offset, bytes, dataAt, recordEnd })
    // A write that flushes first is listed in one entry; before its data everything is durable.
    if ((flags & flushFlag) !== 0n) entries.push({ kind: 'flush', recordEnd })
    at = recordEnd
  }
  return { sectorBytes, entries }
}
