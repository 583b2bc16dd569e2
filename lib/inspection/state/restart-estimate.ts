import type { LSN } from '../../format/lsn.ts'

/**
 * What a restart was measured to take on 2 virtual cores and a virtio drive: the case "redo" of the
 * benchmark (1 GiB of log, 4.4 million records, 4,096 pages) for the first four, and the rollback of
 * one transaction of 200,000 updates of 100 bytes for the last. Another machine has other figures;
 * what they show is where the time would go.
 */
export const measuredRates = {
  /** Finding the end of the log, and the checkpoint at the end. */
  openMs: 110,
  analysisMicrosecondsPerRecord: 0.15,
  redoMicrosecondsPerRecord: 0.37,
  /** Dirty pages, read in the order of the file. */
  redoMicrosecondsPerPage: 20,
  undoMicrosecondsPerRecord: 6.9,
} as const

/** What a restart would have to go through. */
export interface RestartWork {
  readonly analysisBytes: number
  readonly analysisRecords: number
  readonly redoBytes: number
  /** Where redo begins before the checkpoint: as many as there are in as much log behind it. */
  readonly redoRecords: number
  readonly redoPages: number
  /** Log from the first record of each running transaction to its last. */
  readonly undoBytes: number
  /** At most: in log that was not read, all records are taken for those of the transaction. */
  readonly undoRecords: number
}

export interface RestartEstimate {
  readonly openMs: number
  readonly analysisMs: number
  readonly redoMs: number
  readonly undoMs: number
  readonly totalMs: number
}

/** An estimate, and no more. */
export function estimateRestart(work: RestartWork, rates = measuredRates): RestartEstimate {
  const analysisMs = (work.analysisRecords * rates.analysisMicrosecondsPerRecord) / 1000
  const redoMs =
    (work.redoRecords * rates.redoMicrosecondsPerRecord +
      work.redoPages * rates.redoMicrosecondsPerPage) /
    1000
  const undoMs = (work.undoRecords * rates.undoMicrosecondsPerRecord) / 1000
  const { openMs } = rates
  return { openMs, analysisMs, redoMs, undoMs, totalMs: openMs + analysisMs + redoMs + undoMs }
}

/** Records in `bytes` of log, where `sampleRecords` take `sampleBytes`. */
export function recordsIn(bytes: number, sampleRecords: number, sampleBytes: number): number {
  const bytesPerRecord = sampleRecords > 0 ? sampleBytes / sampleRecords : recordBytesUsual
  return Math.round(bytes / bytesPerRecord)
}

// An update of a few bytes: 24 of the record's header, 24 of the update's, and a payload.
const recordBytesUsual = 120

/** Log between two LSNs; nothing when they are the other way round. */
export function bytesBetween(from: LSN, to: LSN): number {
  return Math.max(0, to - from)
}
