// The third pass of a restart (lib/recovery/losers.ts), told without doing it.
import { noLSN } from '../../format/engine-record.ts'
import type { LSN } from '../../format/lsn.ts'
import { builtInOperationName, builtInUndo } from '../../operation/registry.ts'
import { describeRecord, type RecordDescription } from '../../recovery/describe-record.ts'
import { LoserHeap } from '../../recovery/loser-heap.ts'
import type { RecordWindow } from '../survey/record-window.ts'

/** A transaction that had not ended. */
export interface WalkLoser {
  readonly firstLSN: LSN
  readonly lastLSN: LSN
  readonly undoNextLSN: LSN
}

/** The compensation record (CLR) that undo would write. */
export interface PlannedCompensation {
  readonly pageId: number
  readonly operation: number
  readonly operationName: string
  readonly payload: Uint8Array
  /** Where undo would go on after it. */
  readonly undoNextLSN: LSN
}

export interface UndoStep {
  readonly phase: 'undo'
  /** The loser, by its first LSN. */
  readonly transactionLSN: LSN
  readonly action:
    /** A change is taken back by the compensation. */
    | 'compensate'
    /** A compensation is never undone; its undoNextLSN says where undo goes on. */
    | 'step over'
    /** The change is undone by a function of the user's, which this program does not have. */
    | 'ask the user'
    /** Everything of the loser is undone: its end record is written. */
    | 'end'
    /** The record that should be undone is not there. */
    | 'lost'
  /** What is undone; none at the end. */
  readonly record?: RecordDescription
  readonly compensation?: PlannedCompensation
  /** Where undo of this loser goes on. */
  readonly undoNextLSN: LSN
  /** The first of the losers that are left, with their next record. */
  readonly left: readonly { readonly transactionLSN: LSN; readonly undoNextLSN: LSN }[]
  readonly leftCount: number
}

const leftShownMax = 100

/** One backward sweep over all losers: always the highest undoNextLSN of all. */
export async function* walkUndo(
  losers: readonly WalkLoser[],
  records: RecordWindow,
): AsyncGenerator<UndoStep, void> {
  const heap = new LoserHeap(
    losers.map(({ firstLSN, undoNextLSN }) => ({ transactionLSN: firstLSN, undoNextLSN })),
  )
  for (let loser = heap.first; loser !== undefined; loser = heap.first) {
    const { transactionLSN, undoNextLSN: lsn } = loser
    const step = lsn === noLSN ? ended : await undoOf(lsn, records)
    loser.undoNextLSN = step.undoNextLSN
    if (lsn === noLSN || step.action === 'lost') heap.removeFirst()
    else heap.firstHasMoved()
    const left = heap.some(leftShownMax).map((each) => ({ ...each }))
    left.sort((a, b) => b.undoNextLSN - a.undoNextLSN)
    yield { phase: 'undo', transactionLSN, ...step, left, leftCount: heap.size }
  }
}

type Undone = Pick<UndoStep, 'action' | 'record' | 'compensation' | 'undoNextLSN'>

const ended: Undone = { action: 'end', undoNextLSN: noLSN }

async function undoOf(lsn: LSN, records: RecordWindow): Promise<Undone> {
  const found = await records.at(lsn)
  const record = found && describeRecord(lsn, found.type, found.body)
  if (record === undefined || record.problem !== undefined) {
    return { action: 'lost', undoNextLSN: noLSN }
  }
  const { kind, undoNextLSN = noLSN, prevLSN = noLSN, operation = 0, pageId = 0 } = record
  if (kind === 'compensation') return { action: 'step over', record, undoNextLSN }
  if (kind !== 'update') return { action: 'lost', record, undoNextLSN: noLSN }
  const undo = builtInUndo(operation)
  if (undo === undefined) return { action: 'ask the user', record, undoNextLSN: prevLSN }
  const compensation = undo(record.payload ?? new Uint8Array(0))
  const operationName = builtInOperationName(compensation.operation) ?? ''
  return {
    action: 'compensate',
    record,
    compensation: { ...compensation, pageId, operationName, undoNextLSN: prevLSN },
    undoNextLSN: prevLSN,
  }
}
