import type { LSN } from '../format/lsn.ts'

/** Everyone who may still need the log. */
export interface LogNeeds {
  /** Begin record of the checkpoint that a restart would begin with. */
  readonly checkpointLSN: LSN
  /** Least recLSN of that checkpoint's dirty pages; undefined when there were none. */
  readonly redoLSN: LSN | undefined
  /** Least recLSN of the pages whose redo could not be done yet: lost pages. */
  readonly lostLSN: LSN | undefined
  /** First record of the oldest transaction that ran at that checkpoint. */
  readonly oldestTransactionLSN: LSN | undefined
  /** Holds of others: readers, archives, replicas. */
  readonly holds: Iterable<LSN>
}

/**
 * The log below this LSN is needed by nobody (H32): the only place where that is decided. Whatever
 * began after the checkpoint has its first record behind it.
 */
export function oldestNeededLSN(needs: LogNeeds): LSN {
  let oldest = needs.checkpointLSN
  if (needs.redoLSN !== undefined && needs.redoLSN < oldest) oldest = needs.redoLSN
  if (needs.oldestTransactionLSN !== undefined && needs.oldestTransactionLSN < oldest) {
    oldest = needs.oldestTransactionLSN
  }
  for (const hold of needs.holds) if (hold < oldest) oldest = hold
  return oldest
}

export type LogHolder = 'checkpoint' | 'dirty pages' | 'damaged pages' | 'transaction' | 'hold'

/** Who holds the log at `oldestNeededLSN`, in words, for statistics and messages. */
export function holderOf(needs: LogNeeds): LogHolder {
  const oldest = oldestNeededLSN(needs)
  if (needs.oldestTransactionLSN === oldest) return 'transaction'
  if (needs.lostLSN === oldest) return 'damaged pages'
  if (needs.redoLSN === oldest) return 'dirty pages'
  return needs.checkpointLSN === oldest ? 'checkpoint' : 'hold'
}
