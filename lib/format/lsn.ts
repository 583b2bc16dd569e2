import { lsnMax } from './layout.ts'

declare const lsnBrand: unique symbol

/**
 * A log sequence number: the byte address of a record's first byte in the log. A safe integer; a
 * record at `lsn` is
 * durable when `lsn < log.flushedLSN`. Later records have higher LSNs. 0 is never the LSN of a
 * user's record.
 */
export type LSN = number & { readonly [lsnBrand]: true }

/** True for a number that can be an LSN: an integer from 0 to 2^53 - 1. */
export function isLSN(value: unknown): value is LSN {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= lsnMax
}
