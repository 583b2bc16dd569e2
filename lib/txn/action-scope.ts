import type { BufferPool } from '../buffer/buffer-pool.ts'
import { SeawallError } from '../errors.ts'
import type { LSN } from '../format/lsn.ts'
import type { PageActions, PinnedPage, UndoActions } from '../operation/page-actions.ts'
import type { PageAllocator, TryLock } from './page-allocator.ts'
import type { PageChanges } from './page-changes.ts'
import { checkPageId, HeldPages, Page } from './page.ts'
import type { TransactionState } from './transaction-table.ts'
import type { Undo } from './undo.ts'

/** What page actions run on. */
export interface ActionServices {
  readonly pool: BufferPool
  readonly changes: PageChanges
  readonly allocator: PageAllocator
  readonly undo: () => Undo
}

/**
 * Page actions without locks, on behalf of a transaction: in a nested top action, whose changes stay
 * and so need no lock to the end, and in a logical undo, whose transaction holds its locks already.
 * Only one scope of a transaction is active at a time, the innermost one.
 */
export class ActionScope implements PageActions {
  protected readonly services: ActionServices
  protected readonly state: TransactionState
  readonly #tryLock: TryLock
  readonly #held: HeldPages
  #hasInner = false
  #isOver = false

  constructor(services: ActionServices, state: TransactionState, tryLock: TryLock) {
    this.services = services
    this.state = state
    this.#tryLock = tryLock
    const isUndo = state.undosRunning > 0
    this.#held = new HeldPages(services.pool, isUndo ? state : undefined)
  }

  async page(pageId: number): Promise<Page> {
    this.check()
    checkPageId(pageId)
    return this.#held.hold(pageId)
  }

  apply(page: PinnedPage, operation: number, payload: Uint8Array): LSN {
    this.check()
    return this.services.changes.update(this.state, (page as Page).frame, operation, payload)
  }

  async allocatePage(): Promise<Page> {
    this.check()
    return this.#held.take(await this.services.allocator.allocate(this.state, this.#tryLock))
  }

  async freePage(page: PinnedPage): Promise<void> {
    this.check()
    await this.services.allocator.free(this.state, (page as Page).frame)
  }

  async nestedTopAction<T>(action: (actions: PageActions) => Promise<T>): Promise<T> {
    this.check()
    this.#hasInner = true
    try {
      return await runNestedTopAction(this.services, this.state, this.#tryLock, action)
    } finally {
      this.#hasInner = false
    }
  }

  releaseAll(): void {
    this.#isOver = true
    this.#held.releaseAll()
  }

  protected check(): void {
    if (this.#isOver) throw new SeawallError('ERR_SEAWALL_TRANSACTION_ENDED')
    if (this.#hasInner) throw innerActionRuns()
  }
}

/**
 * The scope of the logical undo of one record.
 *
 * DEVIATION(ARIES 10.3): the undo of a record is one compensation, on one page, at its end. What it
 * has to change elsewhere before are ordinary updates: in a nested top action they stay, outside of
 * one they are covered by the compensation, and undone when a crash comes before it.
 */
export class UndoScope extends ActionScope implements UndoActions {
  readonly #undoNextLSN: LSN
  #isCompensated = false

  /** `undoNextLSN`: where the undo of the transaction goes on when this record is undone. */
  constructor(services: ActionServices, state: TransactionState, undoNextLSN: LSN) {
    // What an undo allocates belongs to nobody else: no other transaction knows of it yet.
    super(services, state, () => true)
    this.#undoNextLSN = undoNextLSN
  }

  get isCompensated(): boolean {
    return this.#isCompensated
  }

  compensate(page: PinnedPage, operation: number, payload: Uint8Array): LSN {
    this.check()
    if (this.#isCompensated) {
      const detail = 'compensate was called twice in one undo'
      throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail })
    }
    this.#isCompensated = true
    const { frame } = page as Page
    const change = { operation, payload }
    return this.services.changes.compensate(this.state, frame, change, this.#undoNextLSN)
  }
}

export function innerActionRuns(): SeawallError {
  return new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', {
    detail: 'a nested top action is running: use the actions that it was given',
  })
}

/**
 * Runs `action` so that what it changed survives a rollback of the transaction; when it throws, its
 * changes are undone. The dummy compensation at its end makes it so (ARIES section 9).
 */
export async function runNestedTopAction<T>(
  services: ActionServices,
  state: TransactionState,
  tryLock: TryLock,
  action: (actions: PageActions) => Promise<T>,
): Promise<T> {
  const undoNextLSN = state.undoNextLSN
  const lastLSN = state.lastLSN
  const scope = new ActionScope(services, state, tryLock)
  try {
    const result = await action(scope)
    services.changes.endNestedTopAction(state, undoNextLSN)
    return result
  } catch (error) {
    await services.undo().backTo(state, lastLSN)
    throw error
  } finally {
    scope.releaseAll()
  }
}
