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

/** smallest pageSize */
export const pageBytesMin = 4096

/** largest pageSize */
export const pageBytesMax = 65536

/** page ids are 32 bits wide; page 0 is the header of the data file */
export const pageIdMax = 4294967295

/** most pages of one doublewrite batch */
export const doublewritePagesMax = 128

/** never formatted, or freed */
export const pageTypeFree = 0

/** allocation map: one bit for each page of its range */
export const pageTypeMap = 1

/** allocated; the body is the user's */
export const pageTypeUser = 2

/** type of a log record: a change of a page that can be undone; UpdateBody and payload */
export const recordUpdate = 1

/** a change that is never undone (CLR); CompensationBody and payload; page 0: changes nothing */
export const recordCompensation = 2

/** the transaction is a winner and over; TransactionBody */
export const recordCommit = 3

/** the transaction is rolled back and over; TransactionBody */
export const recordEnd = 4

/** the whole page before its first change since it was last written; ImageBody and page body */
export const recordPageImage = 5

/** consistency mode: the page after the record named in it; ImageBody and page body */
export const recordPageCheck = 6

/** CheckpointBeginBody */
export const recordBeginCheckpoint = 7

/** CheckpointEndBody, then TransactionEntry ..., then PageEntry ... */
export const recordEndCheckpoint = 8

/** smallest number of an operation that is not built in */
export const userOperationMin = 64

/** largest number of an operation */
export const userOperationMax = 65535

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

/** start of page 0 of the data file; the rest of the page is zero: offsets in bytes */
export const storeHeader = {
  bytes: 64,
  /** u64: store_magic */
  magic: 0,
  /** u32: format_version */
  formatVersion: 8,
  /** u32: size of every page */
  pageBytes: 12,
  /** LogId: identity of the log that the pages belong to */
  logId: 16,
  /** u64: wall clock; only a hint */
  createdAtMs: 32,
  /** u64: zero */
  reserved: 40,
  /** u64: zero */
  reserved2: 48,
  /** u32: zero */
  reserved3: 56,
  /** u32: CRC-32C of bytes 0..59 */
  headerCrc: 60,
} as const

/** start of every page but page 0; the rest is the page's body: offsets in bytes */
export const pageHeader = {
  bytes: 32,
  /** u32: CRC-32C of log id and bytes 4 to the end of the page */
  pageCrc: 0,
  /** u32: its place in the data file */
  pageId: 4,
  /** u64: LSN of the last record applied to the page */
  pageLSN: 8,
  /** u32: page_type_free, page_type_map or page_type_user */
  pageType: 16,
  /** u32: zero */
  reserved: 20,
  /** u64: zero */
  reserved2: 24,
} as const

/** start of the doublewrite file, followed by the u32 page ids; copy i stands at (1 + i) x page_bytes: offsets in bytes */
export const doublewriteHeader = {
  bytes: 64,
  /** u64: doublewrite_magic */
  magic: 0,
  /** u32: format_version */
  formatVersion: 8,
  /** u32: size of every page */
  pageBytes: 12,
  /** LogId: identity of the log */
  logId: 16,
  /** u64: counts batches; only a hint */
  sequence: 32,
  /** u32: copies that follow */
  pageCount: 40,
  /** u32: CRC-32C of the page ids */
  pageIdsCrc: 44,
  /** u64: zero */
  reserved: 48,
  /** u32: zero */
  reserved2: 56,
  /** u32: CRC-32C of bytes 0..59 */
  headerCrc: 60,
} as const

/** body of a record_update, before the operation's payload: offsets in bytes */
export const updateBody = {
  bytes: 24,
  /** u64: LSN of the transaction's first record: its identity */
  transactionLSN: 0,
  /** u64: the transaction's record before this one */
  prevLSN: 8,
  /** u32: the page that is changed */
  pageId: 16,
  /** u16: number of the operation whose redo and undo apply */
  operation: 20,
  /** u16: zero */
  reserved: 22,
} as const

/** body of a record_compensation, before the operation's payload: offsets in bytes */
export const compensationBody = {
  bytes: 32,
  /** u64: as in UpdateBody */
  transactionLSN: 0,
  /** u64: the transaction's record before this one */
  prevLSN: 8,
  /** u32: the page that is changed */
  pageId: 16,
  /** u16: number of the operation whose redo applies */
  operation: 20,
  /** u16: zero */
  reserved: 22,
  /** u64: the next record of the transaction to undo */
  undoNextLSN: 24,
} as const

/** body of record_commit and record_end: offsets in bytes */
export const transactionBody = {
  bytes: 16,
  /** u64: which transaction */
  transactionLSN: 0,
  /** u64: its record before this one */
  prevLSN: 8,
} as const

/** before the body of a page in record_page_image and record_page_check: offsets in bytes */
export const imageBody = {
  bytes: 16,
  /** u32: which page */
  pageId: 0,
  /** u32: as in its header */
  pageType: 4,
  /** u64: record_page_check: the record after which the page looks so */
  lsn: 8,
} as const

/** body of record_begin_checkpoint: offsets in bytes */
export const checkpointBeginBody = {
  bytes: 8,
  /** u64: wall clock; only a hint */
  beganAtMs: 0,
} as const

/** body of record_end_checkpoint, before its entries: offsets in bytes */
export const checkpointEndBody = {
  bytes: 32,
  /** u64: its record_begin_checkpoint */
  beginLSN: 0,
  /** u32: TransactionEntry that follow */
  transactionCount: 8,
  /** u32: PageEntry that follow them */
  pageCount: 12,
  /** u32: pages of the data file, only a hint */
  filePages: 16,
  /** u32: zero */
  reserved: 20,
  /** u64: zero */
  reserved2: 24,
} as const

/** a running transaction (ATT) in a checkpoint: offsets in bytes */
export const transactionEntry = {
  bytes: 24,
  /** u64: its first record */
  transactionLSN: 0,
  /** u64: its last record */
  lastLSN: 8,
  /** u64: where its undo would begin */
  undoNextLSN: 16,
} as const

/** a dirty page (DPT) in a checkpoint: offsets in bytes */
export const pageEntry = {
  bytes: 16,
  /** u64: first record that may not be in the page on disk */
  recLSN: 0,
  /** u32: which page */
  pageId: 8,
  /** u32: zero */
  reserved: 12,
} as const
