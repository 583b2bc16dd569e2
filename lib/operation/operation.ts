import type { UndoActions } from './page-actions.ts'

/** What undo makes: redo of `operation` with `payload`, logged as a compensation record (CLR). */
export interface Compensation {
  /** The operation that takes the change back, by number: built in or of your own. */
  readonly operation: number
  /** What its redo gets. */
  readonly payload: Uint8Array
}

/**
 * A kind of change of one page: the extension point for authors of storage structures. Give
 * operations to `Engine.open` under numbers from 64 to 65535, the same ones for as long as the store
 * lives: they stand in the log.
 *
 * @source ARIES sections 3 and 10.3 (operation logging)
 */
export interface Operation {
  /** For messages and dumps. */
  readonly name: string
  /**
   * Changes `body`, the page without its header, as `payload` says. It runs in forward work, in
   * rollback and at restart, and must give the same bytes each time: nothing but the two arguments
   * may matter. Synchronous; it runs on a copy, and when it throws nothing has changed.
   */
  redo(body: Uint8Array, payload: Uint8Array): void
  /**
   * The change that takes this one back, made from its payload alone. Without `undo` and
   * `logicalUndo` the change stays when its transaction is rolled back: only for changes that do
   * not matter then.
   */
  undo?(payload: Uint8Array): Compensation
  /**
   * For structures in which what was changed may have moved to another page since: finds the place
   * and calls `actions.compensate` there, at most once and last; without that call there was
   * nothing to do. It may read pages and make nested top actions (a split that makes room). It takes
   * no locks: the transaction still holds them. It wins over `undo`.
   *
   * With all other memory pinned it still gets a quarter of the pool, at most 16 pages; one of them
   * is the allocation map while it allocates or frees. So it releases pages on its way, and while it
   * holds one it waits for nothing but what `actions` returns: others may need the page to go on.
   */
  logicalUndo?(actions: UndoActions, pageId: number, payload: Uint8Array): Promise<void>
}
