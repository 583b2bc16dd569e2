import type { SeawallError } from '../../errors.ts'
import type { LSN } from '../../format/lsn.ts'

/** A slot of the master record, decoded (docs/FORMAT.md, MasterRecord). */
export interface MasterRecord {
  readonly logId: string
  readonly sequence: number
  readonly incarnation: number
  readonly closedCleanly: boolean
  readonly segmentBytes: number
  readonly blockBytes: number
  readonly incarnationStartLSN: LSN
  readonly promiseLSN: LSN
  readonly oldestLSN: LSN
  readonly lastSegment: number
  readonly inFlightMaxBytes: number
  /** 0: no checkpoint was ever taken. */
  readonly checkpointLSN: LSN
  readonly createdAtMs: number
}

/** One of the two slots: what it says, or why it says nothing. */
export interface MasterSlot {
  readonly record?: MasterRecord
  readonly problem?: string
}

/** A segment file that is there. */
export interface SegmentFile {
  readonly number: number
  readonly path: string
  readonly startLSN: LSN
  readonly endLSN: LSN
  readonly bytes: number
  /** What is wrong with its size or header; its records may be good all the same. */
  readonly problem?: string
  /** Of the open that prepared it. */
  readonly incarnation?: number
  readonly preparedAtMs?: number
}

/** What the files of a log directory say before a record is read. */
export interface LogLayout {
  /** Hexadecimal. */
  readonly logId: string
  readonly segmentBytes: number
  readonly blockBytes: number
  readonly slots: readonly [MasterSlot, MasterSlot]
  /** The slot that holds: the whole one with the higher sequence. Undefined: both are damaged. */
  readonly master: MasterRecord | undefined
  /** Ascending. Those below that of oldestLSN are waiting to be recycled. */
  readonly segments: readonly SegmentFile[]
  /** Segments that the master record promises and that are not there; the first ten thousand. */
  readonly missingSegments: readonly number[]
  /** The log begins here: the master record's oldestLSN, or the first segment where it is lost. */
  readonly oldestLSN: LSN
  /** End of the last segment file. */
  readonly filesEndLSN: LSN
  /** There is a data file or there should be one: the log belongs to an Engine. */
  readonly isStore: boolean
}

/**
 * Where the log ends, decided as an open would decide it (docs/FORMAT.md, "Finding the end"), and
 * without changing anything.
 * - `new`: nothing was ever appended;
 * - `clean`: nothing stands behind the end;
 * - `torn`: an open cuts off what stands behind the end; it was never acknowledged;
 * - `damaged`: an open refuses; `error` says why and where.
 */
export interface LogTail {
  readonly verdict: 'new' | 'clean' | 'torn' | 'damaged'
  /** Damaged: the first LSN that is not good; the master record's promise where that is unknown. */
  readonly endLSN: LSN
  /** In words. */
  readonly reason: string
  readonly closedCleanly: boolean
  readonly incarnation: number
  /** The furthest promise that was found: every byte below was durable. */
  readonly promiseLSN: LSN
  readonly cutBytes: number
  readonly scannedFromLSN: LSN
  readonly scannedRecords: number
  readonly error?: SeawallError
}

export type RecordSort = 'record' | 'incarnation' | 'pad'

/** A record as it stands in the log. */
export interface ScannedRecord {
  readonly what: 'record'
  readonly lsn: LSN
  /** Where the next one starts. */
  readonly nextLSN: LSN
  /** `incarnation` and `pad` are the log's own and have type 0. */
  readonly sort: RecordSort
  readonly type: number
  readonly incarnation: number
  /** Every byte below was durable when it was written. */
  readonly promiseLSN: LSN
  /** Pieces that it is stored in; more than one above 4 MiB. */
  readonly pieces: number
  readonly bodyBytes: number
  /** The body, or its first `bodyBytesMax` bytes. */
  readonly body: Uint8Array
  /** Why it is not good: a checksum, pieces that are missing, an incarnation that cannot be here. */
  readonly problem?: string
}

/** Bytes in which no record was found: damage, or what lies behind the end. */
export interface ScannedGap {
  readonly what: 'gap'
  readonly lsn: LSN
  readonly endLSN: LSN
  /** What was found at its start, in words. */
  readonly reason: string
  /** Nothing but zeros. */
  readonly isZeros: boolean
  /** The scan began here: this may be the inside of a record. */
  readonly isAtStart: boolean
}

export type ScannedItem = ScannedRecord | ScannedGap

export interface ScanOptions {
  /** Default: oldestLSN. Need not be the start of a record: the first one from here on is found. */
  readonly from?: LSN
  /** Records that start at or behind it are not shown. Default: the end of the files. */
  readonly to?: LSN
  /** How much of each body is wanted. Default 64 MiB. */
  readonly bodyBytesMax?: number
}

/** How a page was found. */
export interface PageCondition {
  readonly pageId: number
  readonly condition:
    | 'valid'
    /** All zeros, as the file grew. */
    | 'never written'
    /** Its checksum does not match: torn, rotten, or of another store. */
    | 'damaged'
    /** Another page's bytes. */
    | 'misplaced'
    /** The drive did not give the bytes. */
    | 'unreadable'
  readonly pageLSN: LSN
  /** As in its header: page_type_free, page_type_map, page_type_user. */
  readonly pageType: number
}

/** The data file of a store. */
export interface PageFileLayout {
  readonly pageBytes: number
  /** Page 0, the file's header, included. */
  readonly pages: number
  readonly createdAtMs: number
  /** Whole copies in the doublewrite file, which a restart repairs torn pages from. */
  readonly copies: readonly { readonly pageId: number; readonly pageLSN: LSN }[]
}
