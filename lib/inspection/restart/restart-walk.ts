// A restart told step by step and not done: what analysis, redo and undo would find and decide if
// the store were opened now (ARIES section 6; lib/recovery does it).
import { SeawallError } from '../../errors.ts'
import { noLSN } from '../../format/engine-record.ts'
import type { LSN } from '../../format/lsn.ts'
import { Analysis, type AnalysisResult } from '../../recovery/analysis.ts'
import { describeRecord, type RecordDescription } from '../../recovery/describe-record.ts'
import type { LogSurvey } from '../survey/log-survey.ts'
import { PagesOnDisk } from './pages-on-disk.ts'
import { RecordWindow } from '../survey/record-window.ts'
import { decideRedo, type RedoDecision, type RedoPageState } from './redo-decision.ts'
import type { LogTail, ScannedRecord } from '../survey/survey-types.ts'
import { type UndoStep, walkUndo } from './undo-walk.ts'

/** A line of the ATT or the DPT that a record has changed. */
export type TableChange =
  | {
      readonly table: 'ATT'
      readonly transactionLSN: LSN
      /** Undefined: the transaction is over. */
      readonly entry: { readonly lastLSN: LSN; readonly undoNextLSN: LSN } | undefined
    }
  | { readonly table: 'DPT'; readonly pageId: number; readonly recLSN: LSN }
  /** The end record of the checkpoint: both tables take over what it names. */
  | { readonly table: 'both'; readonly transactions: number; readonly pages: number }

export interface AnalysisStep {
  readonly phase: 'analysis'
  readonly record: RecordDescription
  readonly changes: readonly TableChange[]
}

export interface RedoStep {
  readonly phase: 'redo'
  readonly record: RecordDescription
  readonly pageId: number
  readonly decision: RedoDecision
  /** Undefined: the page is not in the dirty page table. */
  readonly recLSN: LSN | undefined
  readonly before: RedoPageState | undefined
  readonly after: RedoPageState | undefined
}

export type RestartStep = AnalysisStep | RedoStep | UndoStep

/** What a walk has come to; complete behind its last step. */
export interface RestartWalk {
  readonly tail: LogTail
  readonly checkpointLSN: LSN
  /** Where redo begins; known when analysis is over. */
  readonly redoLSN: LSN | undefined
  /** The tables as of the last step of analysis. */
  readonly tables: AnalysisResult
  /**
   * One step for each record that a phase looks at. One consumer.
   *
   * @throws ERR_SEAWALL_CORRUPT_STORE, ERR_SEAWALL_CORRUPT_LOG: as the open would
   */
  steps(): AsyncGenerator<RestartStep, void>
}

/**
 * Prepares the walk of the store in `survey`. Memory: the two tables and a window of the log.
 *
 * @throws the error of the tail, when an open would refuse the log
 */
export async function walkRestart(survey: LogSurvey): Promise<RestartWalk> {
  const tail = await survey.tail()
  if (tail.error !== undefined) throw tail.error
  return new Walk(survey, tail)
}

class Walk implements RestartWalk {
  readonly tail: LogTail
  readonly checkpointLSN: LSN
  redoLSN: LSN | undefined
  readonly #survey: LogSurvey
  readonly #analysis: Analysis

  constructor(survey: LogSurvey, tail: LogTail) {
    this.#survey = survey
    this.tail = tail
    this.checkpointLSN = survey.layout.master?.checkpointLSN ?? noLSN
    this.#analysis = new Analysis(this.checkpointLSN)
  }

  get tables(): AnalysisResult {
    return this.#analysis.state()
  }

  async *steps(): AsyncGenerator<RestartStep, void> {
    yield* this.#walkAnalysis()
    const { dirtyPages, losers } = this.#analysis.result()
    this.redoLSN = leastOf(dirtyPages.values(), this.tail.endLSN)
    yield* this.#walkRedo(this.redoLSN)
    yield* walkUndo([...losers.values()], new RecordWindow(this.#survey))
  }

  async *#walkAnalysis(): AsyncGenerator<AnalysisStep, void> {
    const { layout } = this.#survey
    const from = this.checkpointLSN === noLSN ? layout.oldestLSN : this.checkpointLSN
    for await (const { lsn, type, body } of this.#records(from)) {
      const record = describeRecord(lsn, type, body)
      const changes = changesOf(record, this.tables, () => {
        const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
        this.#analysis.takeRecord(type, lsn, view, 0, body.length)
      })
      yield { phase: 'analysis', record, changes }
    }
  }

  async *#walkRedo(redoLSN: LSN): AsyncGenerator<RedoStep, void> {
    if (redoLSN >= this.tail.endLSN) return
    const { dirtyPages } = this.tables
    const pages = await PagesOnDisk.open(this.#survey, this.tables, this.tail.endLSN)
    for await (const { lsn, type, body } of this.#records(redoLSN)) {
      const record = describeRecord(lsn, type, body)
      const { pageId } = record
      if (pageId === undefined || pageId === 0) continue
      const recLSN = dirtyPages.get(pageId)
      if (recLSN === undefined) {
        const none = { before: undefined, after: undefined }
        yield { phase: 'redo', record, pageId, decision: 'not dirty', recLSN, ...none }
        continue
      }
      const before = await pages.stateOf(pageId)
      const { decision, page: after } = decideRedo(record, recLSN, before)
      pages.set(pageId, after)
      yield { phase: 'redo', record, pageId, decision, recLSN, before, after }
    }
  }

  // Up to the end that an open would find.
  async *#records(from: LSN): AsyncGenerator<ScannedRecord, void> {
    for await (const items of this.#survey.scan({ from, to: this.tail.endLSN })) {
      for (const item of items) {
        if (item.what === 'gap' || item.problem !== undefined) {
          const detail = item.what === 'gap' ? item.reason : (item.problem ?? '')
          throw new SeawallError('ERR_SEAWALL_CORRUPT_LOG', { lsn: item.lsn, detail })
        }
        if (item.sort === 'record') yield item
      }
    }
  }
}

/** What `take` changes in the tables, for a record of any kind. */
function changesOf(
  record: RecordDescription,
  tables: AnalysisResult,
  take: () => void,
): TableChange[] {
  const { lsn, kind, pageId, checkpoint } = record
  const transactionLSN = kind === 'update' ? record.transactionLSN || lsn : record.transactionLSN
  const wasDirty = pageId === undefined || tables.dirtyPages.has(pageId)
  const [transactions, pages] = [tables.losers.size, tables.dirtyPages.size]
  const had = transactionLSN !== undefined && tables.losers.has(transactionLSN)
  take()
  if (checkpoint !== undefined) {
    const [now, pagesNow] = [tables.losers.size, tables.dirtyPages.size]
    if (now === transactions && pagesNow === pages) return []
    return [{ table: 'both', transactions: now, pages: pagesNow }]
  }
  const changes: TableChange[] = []
  const entry = transactionLSN === undefined ? undefined : tables.losers.get(transactionLSN)
  if (transactionLSN !== undefined && (had || entry !== undefined)) {
    const values = entry && { lastLSN: entry.lastLSN, undoNextLSN: entry.undoNextLSN }
    changes.push({ table: 'ATT', transactionLSN, entry: values })
  }
  const recLSN = pageId === undefined ? undefined : tables.dirtyPages.get(pageId)
  if (!wasDirty && pageId !== undefined && recLSN !== undefined) {
    changes.push({ table: 'DPT', pageId, recLSN })
  }
  return changes
}

function leastOf(lsns: Iterable<LSN>, otherwise: LSN): LSN {
  let least = otherwise
  for (const lsn of lsns) if (lsn < least && lsn !== noLSN) least = lsn
  return least
}
