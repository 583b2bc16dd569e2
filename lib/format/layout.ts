// GENERATED from native/format/layout.def by scripts/generate.mjs. Do not edit.

/** version of everything below; checked before any other field is believed */
export const formatVersion = 1

/** records start at multiples of this; the gap after a body is zero */
export const recordAlignmentBytes = 8

/** a longer record is stored as several fragments */
export const fragmentBodyBytesMax = 4194304

/** the largest maxRecordBytes */
export const recordBodyBytesMax = 1073741824

/** unit of log I/O and size of a segment's header block */
export const blockBytesMin = 4096

/** one slot of the master file */
export const masterSlotBytes = 4096

/** distance of the two slots, so that no flash page holds both */
export const masterSlotStrideBytes = 65536

/** 2^53 - 1: the last integer that a JavaScript number holds exactly */
export const lsnMax = 9007199254740991

/** never written, so that zeros mean the end */
export const kindInvalid = 0

/** a record of the user, or a fragment of one */
export const kindRecord = 1

/** first record of an incarnation; its body is an IncarnationBody */
export const kindIncarnation = 2

/** fills a block (padToBlock); its body is zeros */
export const kindPad = 3

/** first fragment of a record */
export const flagFirst = 1

/** last fragment of a record; a record in one piece has both flags */
export const flagLast = 2

/** the log was closed in order: it ends exactly at promise_lsn */
export const masterFlagClean = 1

/** before every record body and every fragment: offsets in bytes */
export const recordHeader = {
  bytes: 24,
  /** u32: CRC-32C of log id, LSN and bytes 4..23 */
  headerCrc: 0,
  /** u32: header and body, without the gap to the next record */
  recordBytes: 4,
  /** u32: the open-for-write that wrote it */
  incarnation: 8,
  /** u16: the user's number */
  type: 12,
  /** u8: what the body is */
  kind: 14,
  /** u8: flag_first and flag_last */
  flags: 15,
  /** u32: CRC-32C of the body */
  bodyCrc: 16,
  /** u32: (LSN - durable prefix when sealed) / 8 */
  promiseDistance: 20,
} as const

/** body of a kind_incarnation record: offsets in bytes */
export const incarnationBody = {
  bytes: 24,
  /** u32: the one that wrote what stands before */
  previousIncarnation: 0,
  /** u32: zero */
  reserved: 4,
  /** u64: wall clock, milliseconds since 1970; only a hint */
  openedAtMs: 8,
  /** u64: bytes of a torn tail that this open cut off */
  cutBytes: 16,
} as const

/** start of the first block of every segment file; the rest of the block is zero: offsets in bytes */
export const segmentHeader = {
  bytes: 96,
  /** u64: segment_magic */
  magic: 0,
  /** u32: format_version */
  formatVersion: 8,
  /** u32: unit of log I/O */
  blockBytes: 12,
  /** LogId: random identity of the log */
  logId: 16,
  /** u64: this segment's place in the log */
  segmentNumber: 32,
  /** u64: LSN of the byte after the header block */
  startLSN: 40,
  /** u64: size of the file */
  segmentBytes: 48,
  /** u64: most bytes that were ever not yet durable at once */
  inFlightMaxBytes: 56,
  /** u32: the open-for-write that prepared it */
  incarnation: 64,
  /** u32: what the file system asked for */
  ioAlignmentBytes: 68,
  /** u64: wall clock; only a hint */
  preparedAtMs: 72,
  /** u64: zero */
  reserved: 80,
  /** u32: zero */
  reserved2: 88,
  /** u32: CRC-32C of bytes 0..91 */
  headerCrc: 92,
} as const

/** start of each of the two slots of the master file; the rest of the slot is zero: offsets in bytes */
export const masterRecord = {
  bytes: 128,
  /** u64: master_magic */
  magic: 0,
  /** u32: format_version */
  formatVersion: 8,
  /** u32: master_flag_clean */
  flags: 12,
  /** LogId: random identity of the log */
  logId: 16,
  /** u64: counts writes of the master record; the valid slot with the higher one holds */
  sequence: 32,
  /** u64: size of every segment file */
  segmentBytes: 40,
  /** u32: unit of log I/O */
  blockBytes: 48,
  /** u32: newest open-for-write */
  incarnation: 52,
  /** u64: where its kind_incarnation record stands */
  incarnationStartLSN: 56,
  /** u64: every byte below was durable; start of a record or end of the log */
  promiseLSN: 64,
  /** u64: first record that truncateBefore left */
  oldestLSN: 72,
  /** u64: every segment from oldest_lsn's to this one exists */
  lastSegment: 80,
  /** u64: most bytes that were ever not yet durable at once */
  inFlightMaxBytes: 88,
  /** u64: where a restart begins; the log only keeps it */
  checkpointLSN: 96,
  /** u64: wall clock; only a hint */
  createdAtMs: 104,
  /** u64: zero */
  reserved: 112,
  /** u32: zero */
  reserved2: 120,
  /** u32: CRC-32C of bytes 0..123 */
  recordCrc: 124,
} as const
