import { SeawallError } from '../errors.ts'

/**
 * Why a read from an LSN failed that did not come from a caller but from the log or its master
 * record. A record was there once, so its absence is damage: a device has lost what it promised to
 * keep.
 */
export function asLostRecord(error: unknown, what: string): unknown {
  if (!(error instanceof SeawallError) || error.code !== 'ERR_SEAWALL_LSN_OUT_OF_RANGE') {
    return error
  }
  return new SeawallError('ERR_SEAWALL_CORRUPT_LOG', {
    ...(error.lsn === undefined ? {} : { lsn: error.lsn }),
    ...(error.path === undefined ? {} : { path: error.path }),
    detail: `${what} is not there`,
    cause: error,
  })
}
