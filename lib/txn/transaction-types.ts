import type { SeawallError } from '../errors.ts'
import type { LSN } from '../format/lsn.ts'
import type { Log } from '../log/log.ts'
import type { Durability } from '../options.ts'
import type { Clock } from '../util/clock.ts'
import type { ActionServices } from './action-scope.ts'
import type { LockMode, LockTable } from './lock-table.ts'
import type { Transaction } from './transaction.ts'

/** Options of `engine.begin` and `engine.transaction`. */
export interface TransactionOptions {
  /** Takes shared locks and writes no log. Default false. */
  readOnly?: boolean
  /**
   * `flush`: `commit` resolves when the transaction survives a power cut. `async`: it resolves at
   * once; durable within `writerDelayMs`. Default: the engine's.
   */
  durability?: Durability
  /** Milliseconds after which the transaction is rolled back. Default: none. */
  timeoutMs?: number
  /** Milliseconds that a lock is waited for. Default: the engine's. */
  lockTimeoutMs?: number
  /** Rolls the transaction back when it is aborted. */
  signal?: AbortSignal | undefined
}

/** Options of `tx.page`. */
export interface PageOptions {
  /**
   * The mode in which the page is locked. `none`: the caller has locked keys instead. Default: X,
   * in a read-only transaction S.
   */
  lock?: LockMode | 'none'
}

/** Which lock covers a change. */
export interface ChangeCoverage {
  /**
   * The key whose X lock covers the change, where several transactions change parts of one page,
   * which each of them holds in mode IX. Default: the page itself.
   */
  key?: string
}

/** What a transaction runs on. */
export interface TransactionServices extends ActionServices {
  readonly log: Log
  readonly locks: LockTable
  readonly clock: Clock
  /** Told when a transaction has ended; `commitLSN` is 0 when it wrote no commit. */
  ended(transaction: Transaction, commitLSN: LSN): void
  /** Why nothing can be changed any more. */
  failure(): SeawallError | undefined
  /** The transaction could not be rolled back. */
  fail(error: unknown): void
  /** Waits until there is room in the log, if it is nearly full. */
  makeLogSpace(): Promise<void> | undefined
  /** The last commit that a reader may have seen. */
  lastCommitLSN(): LSN
}

export interface ResolvedTransactionOptions {
  readonly readOnly: boolean
  readonly durability: Durability
  readonly timeoutMs: number | undefined
  readonly lockTimeoutMs: number
  readonly signal: AbortSignal | undefined
}

export type TransactionPhase =
  'active' | 'committing' | 'rolling back' | 'committed' | 'rolled back'

/** A place to roll back to within a transaction. */
export interface Savepoint {
  /** @internal */
  readonly transaction: Transaction
  /** @internal */
  readonly lsn: LSN
}
