import { SeawallError } from '../errors.ts'
import { noLSN } from '../format/engine-record.ts'
import {
  checkDelete,
  checkInsert,
  checkPurge,
  checkUpdate,
  encodeDelete,
  encodeInsert,
  encodePurge,
  encodeUpdate,
  slottedDelete,
  slottedInsert,
  slottedPurge,
  slottedUpdate,
} from '../operation/slotted-operations.ts'
import {
  findFreeSlot,
  freeBytesFor,
  purgeableSlots,
  readRecord,
  slots,
} from '../operation/slotted-page.ts'
import type { Page } from './page.ts'
import type { Transaction } from './transaction.ts'
import type { ChangeCoverage } from './transaction-types.ts'

/**
 * Records in slotted pages. A new page is an empty slotted page; a page is used in this way or
 * written to with `tx.write`, not both.
 *
 * What a transaction deletes or shrinks keeps its room until it has ended, so that a rollback always
 * finds it; the room is taken back by the next one that needs it and holds the whole page.
 */
export class SlottedRecords {
  readonly #transaction: Transaction

  /** @internal */
  constructor(transaction: Transaction) {
    this.#transaction = transaction
  }

  /** The record in `slot`: a view of the page. @throws ERR_SEAWALL_UNKNOWN_SLOT */
  read(page: Page, slot: number): Uint8Array {
    return readRecord(page.body, slot)
  }

  /** The slots that hold a record, in order. */
  slots(page: Page): IterableIterator<number> {
    return slots(page.body)
  }

  /**
   * Inserts a record; its slot stays its number for as long as it lives.
   *
   * @throws ERR_SEAWALL_PAGE_FULL, and as `tx.apply`; nothing was changed then
   */
  insert(page: Page, record: Uint8Array, coverage?: ChangeCoverage): number {
    this.#bytes(record)
    if (coverage?.key === undefined && record.length > freeBytesFor(page.body)) {
      this.#purge(page)
    }
    const slot = findFreeSlot(page.body)
    checkInsert(page.body, slot, record.length)
    this.#transaction.apply(page, slottedInsert, encodeInsert(slot, record), coverage)
    return slot
  }

  /**
   * Replaces the record in `slot`; only the bytes that differ are logged.
   *
   * @throws ERR_SEAWALL_UNKNOWN_SLOT, ERR_SEAWALL_PAGE_FULL, and as `tx.apply`
   */
  update(page: Page, slot: number, record: Uint8Array, coverage?: ChangeCoverage): void {
    this.#bytes(record)
    checkUpdate(page.body, slot, record.length)
    const payload = encodeUpdate(page.body, slot, record)
    this.#transaction.apply(page, slottedUpdate, payload, coverage)
  }

  /**
   * Deletes the record in `slot`. Its room is free for others once the transaction has ended.
   *
   * @throws ERR_SEAWALL_UNKNOWN_SLOT, and as `tx.apply`
   */
  delete(page: Page, slot: number, coverage?: ChangeCoverage): void {
    checkDelete(page.body, slot)
    this.#transaction.apply(page, slottedDelete, encodeDelete(page.body, slot), coverage)
  }

  // Room that ended transactions left. The X lock on the page says that there are no others; what
  // this one has taken or given itself may still be rolled back.
  #purge(page: Page): void {
    const { firstLSN } = this.#transaction.state
    if (firstLSN !== noLSN && page.lsn >= firstLSN) return
    for (const slot of [...purgeableSlots(page.body)]) {
      checkPurge(page.body, slot)
      this.#transaction.apply(page, slottedPurge, encodePurge(slot))
    }
  }

  #bytes(record: unknown): asserts record is Uint8Array {
    if (record instanceof Uint8Array) return
    throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail: 'a record must be bytes' })
  }
}
