import type { LSN } from '../format/lsn.ts'

/** A page in memory, held by whoever asked for it. */
export interface PinnedPage {
  readonly id: number
  /** The page without its header; only to be read. What is in it changes with every change. */
  readonly body: Uint8Array
  /** Lets the page go early. */
  release(): void
}

/** What can be done with pages in a transaction, in a nested top action, and in a logical undo. */
export interface PageActions {
  /** The page, held until the end of the transaction or action. */
  page(pageId: number): Promise<PinnedPage>
  /** Logs a change and applies it; a synchronous step. */
  apply(page: PinnedPage, operation: number, payload: Uint8Array): LSN
  /** A new, empty page. */
  allocatePage(): Promise<PinnedPage>
  /** Gives a page back. */
  freePage(page: PinnedPage): Promise<void>
  /**
   * Runs `action`; what it changed stays when the transaction is rolled back later.
   *
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
