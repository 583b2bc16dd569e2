import type { Mutant } from './mutant.ts'

const changes = 'lib/txn/page-changes.ts'
const transaction = 'lib/txn/transaction.ts'
const undo = 'lib/txn/undo.ts'

/** Bugs of transactions and of what they log. */
export const engineForward: readonly Mutant[] = [
  {
    name: 'settled-beyond-the-flush',
    bug: 'a flush acknowledges what was appended when it was complete, not when it was issued',
    killedBy: ['L2'],
    edits: [
      {
        file: 'lib/log/flush-scheduler.ts',
        original: 'const flushedLSN = this.#flushedLSN()\n',
        mutated: 'const flushedLSN = this.#buffer?.endLSN ?? this.#flushedLSN()\n',
      },
    ],
  },
  {
    name: 'commit-acknowledged-before-flush',
    bug: 'a commit resolves before its record is durable',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: transaction,
        original: 'await log.flush(lsn)',
        mutated: 'void log.flush(lsn).catch(() => {})',
      },
    ],
  },
  {
    name: 'rec-lsn-behind-the-record',
    bug: 'the dirty page table is given the end of the first record instead of its beginning',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: changes,
        original: `  #install(frame: Frame, lsn: LSN, number: number, payload: Uint8Array): void {
    this.#pool.noteChange(frame, lsn)`,
        mutated: `  #install(frame: Frame, lsn: LSN, number: number, payload: Uint8Array): void {
    this.#pool.noteChange(frame, this.#log.endLSN)`,
      },
    ],
  },
  {
    name: 'page-lsn-not-set',
    bug: 'a changed page does not get the LSN of the change',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: changes,
        original: `    frame.pageLSN = lsn
    if (!this.#options.logsChecks) return`,
        mutated: '    if (!this.#options.logsChecks) return',
      },
    ],
  },
  {
    name: 'no-full-page-image',
    bug: 'the first change of a page since it was written logs no image, and the write tears',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: changes,
        original: 'if (!this.#options.logsImages || frame.recLSN !== noLSN) return',
        mutated: 'if (!this.#options.logsImages || frame.recLSN >= noLSN) return',
      },
    ],
  },
  {
    name: 'undo-without-compensation',
    bug: 'undo changes the page and logs nothing',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: undo,
        original: 'this.#changes.compensate(state, frame, compensation, prevLSN)',
        mutated: `const { operation, payload: bytes } = compensation
      this.#operations.get(operation).apply(frame, bytes, 0, bytes.length)
      state.undoNextLSN = prevLSN`,
      },
    ],
  },
  {
    name: 'undo-next-off-by-one',
    bug: 'a compensation says that undo goes on with the record that it has just undone',
    killedBy: ['L2'],
    edits: [
      {
        file: changes,
        original: `      lastLSN,
      undoNextLSN,
      frame.pageId,`,
        mutated: `      lastLSN,
      lastLSN,
      frame.pageId,`,
      },
    ],
  },
  {
    name: 'rollback-forgets-a-record',
    bug: 'a rollback stops before the first record of the transaction',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: undo,
        original: 'while (state.undoNextLSN > savepointLSN) await this.step(state)',
        mutated: `while (state.undoNextLSN > savepointLSN && state.undoNextLSN !== state.firstLSN)
      await this.step(state)`,
      },
    ],
  },
  {
    name: 'savepoint-undoes-too-much',
    bug: 'a rollback to a savepoint undoes the whole transaction',
    killedBy: ['L2'],
    edits: [
      {
        file: transaction,
        original: 'backTo(this.state, savepoint.lsn)',
        mutated: 'backTo(this.state, noLSN)',
      },
    ],
  },
  {
    name: 'locks-released-before-undo',
    bug: 'a rollback gives up its locks first, and others change what it is about to undo',
    killedBy: ['L2'],
    edits: [
      {
        file: transaction,
        original: `      // An action is undone whole or not at all, so it comes to its end first.`,
        mutated: `      this.#services.locks.releaseAll(this.#owner)`,
      },
    ],
  },
  {
    name: 'allocation-not-logged',
    bug: 'a page is taken from the allocation map without a record',
    killedBy: ['L2'],
    edits: [
      {
        file: 'lib/txn/page-allocator.ts',
        original: 'this.#changes.update(state, mapFrame, takeBitOperation, encodeBit(bit))',
        mutated:
          'mapFrame.body[bit >>> 3] = (mapFrame.body[bit >>> 3] as number) | (1 << (bit & 7))',
      },
    ],
  },
  {
    name: 'nested-top-action-undone',
    bug: 'a nested top action ends without its dummy compensation, so a rollback undoes it',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: 'lib/txn/action-scope.ts',
        original: 'services.changes.endNestedTopAction(state, undoNextLSN)',
        mutated: 'void undoNextLSN',
      },
    ],
  },
]
