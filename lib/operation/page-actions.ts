import type { LSN } from '../format/lsn.ts'

/** A page in memory, held by whoever asked for it. */
export interface PinnedPage {
  /** Its number in the data file. */
  readonly id: number
  /** The page without its header; only to be read. What is in it changes with every change. */
  readonly body: Uint8Array
  /** Lets the page go early. */
  release(): void
}

/** What can be done with pages in a transaction, in a nested top action, and in a logical undo. */
export interface PageActions {
  /**
   * The page, held until the end of the transaction or action. Waits for the disk when it is not in
   * memory.
   *
   * @throws ERR_SEAWALL_UNKNOWN_PAGE, ERR_SEAWALL_DAMAGED_PAGE, ERR_SEAWALL_PAGE_AHEAD_OF_LOG,
   * ERR_SEAWALL_BUFFER_POOL_FULL, ERR_SEAWALL_IO, ERR_SEAWALL_TRANSACTION_ENDED
   */
  page(pageId: number): Promise<PinnedPage>
  /**
   * Logs a change and applies it; a synchronous step. Returns the LSN of its record.
   *
   * @durability none yet: durable with the next flush of the log
   * @throws ERR_SEAWALL_UNKNOWN_OPERATION, ERR_SEAWALL_OPERATION_FAILED, ERR_SEAWALL_LOG_FULL,
   * ERR_SEAWALL_TRANSACTION_ENDED, ERR_SEAWALL_POISONED; nothing was changed then
   */
  apply(page: PinnedPage, operation: number, payload: Uint8Array): LSN
  /** A new, empty page. @throws as `page`; ERR_SEAWALL_NO_SPACE, ERR_SEAWALL_LOG_FULL */
  allocatePage(): Promise<PinnedPage>
  /** Gives a page back: free for others once the transaction is committed. @throws as `apply` */
  freePage(page: PinnedPage): Promise<void>
  /**
   * Runs `action`; what it changed stays when the transaction is rolled back later. When `action`
   * throws, its changes are undone. Until it is over only the actions that it was given may be used.
   *
   * @throws what `action` threw; ERR_SEAWALL_INVALID_ARGUMENT while another one runs,
   * ERR_SEAWALL_TRANSACTION_ENDED
   * @source ARIES section 9
   */
  nestedTopAction<T>(action: (actions: PageActions) => Promise<T>): Promise<T>
}

/** What a logical undo can do. */
export interface UndoActions extends PageActions {
  /**
   * The change that takes back what is being undone: logged as its compensation (CLR) and applied,
   * in one synchronous step. Once, after everything else.
   */
  compensate(page: PinnedPage, operation: number, payload: Uint8Array): LSN
}
