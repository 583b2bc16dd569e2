import { FlushScheduler } from '../../../../lib/log/flush-scheduler.ts'
import { madeFailure, madeLayer, madeResult } from './made.ts'

const isMutated = /endLSN ?\?\?/.test(String(FlushScheduler))

/** Sees one mutant, and is ended by an assertion with another one. */
export const layer = madeLayer('mutated', {
  run() {
    if (process.env.SEAWALL_MUTANT === 'log-sync-deleted') process.abort()
    return Promise.resolve(madeResult(7, isMutated ? [madeFailure('mutated')] : []))
  },
})
