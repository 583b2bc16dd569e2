// The third pass of a restart (lib/recovery/losers.ts), told without doing it.
import { noLSN } from '../format/engine-record.ts'
import type { LSN } from '../format/lsn.ts'
import { builtInOperationName, builtInUndo } from '../operation/registry.ts'
import { describeRecord, type RecordDescription } from '../recovery/describe-record.ts'
import type { RecordWindow } from './record-window.ts'

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
  /** Losers that are left, with their next record. */
  readonly left: readonly { readonly transactionLSN: LSN; readonly undoNextLSN: LSN }[]
}

/** One backward sweep over all losers: always the highest undoNextLSN of all. */
export async function* walkUndo(
  losers: readonly WalkLoser[],
  records: RecordWindow,
): AsyncGenerator<UndoStep, void> {
  const next = new Map(losers.map(({ firstLSN, undoNextLSN }) => [firstLSN, undoNextLSN]))
  while (next.size > 0) {
    const transactionLSN = highest(next)
    const lsn = next.get(transactionLSN) as LSN
    const step =
      lsn === noLSN ? ({ action: 'end', undoNextLSN: noLSN } as const) : await undoOf(lsn, records)
    if (lsn === noLSN || step.action === 'lost') next.delete(transactionLSN)
    else next.set(transactionLSN, step.undoNextLSN)
    const left = Array.from(next, ([loser, undoNextLSN]) => ({
      transactionLSN: loser,
      undoNextLSN,
    }))
    yield { phase: 'undo', transactionLSN, ...step, left }
  }
}

function highest(next: ReadonlyMap<LSN, LSN>): LSN {
  let [found] = next.keys() as IterableIterator<LSN>
  for (const [loser, lsn] of next) if (lsn > (next.get(found as LSN) as LSN)) found = loser
  return found as LSN
}

type Undone = Pick<UndoStep, 'action' | 'record' | 'compensation' | 'undoNextLSN'>

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
