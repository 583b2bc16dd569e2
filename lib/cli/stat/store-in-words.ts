import type { LogState } from '../../inspection/state/log-state.ts'
import type { OpenTransaction, StoreState } from '../../inspection/state/store-state.ts'
import type { Colours } from '../terminal/colour.ts'
import { bytesInWords, counted, durationInWords } from '../terminal/quantities.ts'
import type { Line } from './stat-in-words.ts'
import { timeInWords } from './stat-in-words.ts'

const transactionsShownMax = 10

/** What only a store has. */
export function storeInWords(state: LogState, line: Line, colours: Colours): string[] {
  const { pageFile, store, storeProblem } = state
  return [
    ...(pageFile === undefined
      ? []
      : [
          line(
            'data file',
            `${counted(pageFile.pages, 'page')} of ${bytesInWords(pageFile.pageBytes)}, ` +
              `created ${timeInWords(pageFile.createdAtMs)}`,
          ),
          line('doublewrite copies', String(pageFile.copies.length)),
        ]),
    ...(storeProblem === undefined ? [] : [line('restart', colours.bad(storeProblem))]),
    ...(store === undefined ? [] : restartInWords(store, line, colours)),
  ]
}

function restartInWords(store: StoreState, line: Line, colours: Colours): string[] {
  const { checkpointTransactions, checkpointDirtyPages, givenUpPages } = store
  return [
    ...(store.checkpointLSN === 0
      ? [line('checkpoint', 'none was ever taken')]
      : [
          line(
            'checkpoint',
            `${counted(checkpointTransactions, 'running transaction')}, ` +
              `${counted(checkpointDirtyPages, 'dirty page')}`,
          ),
        ]),
    ...transactionsInWords(store.transactions, line),
    ...dirtyPagesInWords(store, line),
    ...(givenUpPages > 0
      ? [line('given up', colours.bad(`${counted(givenUpPages, 'damaged page')}: lost`))]
      : []),
    line('log held by', holderInWords(store)),
    ...estimateInWords(store, line),
  ]
}

function transactionsInWords(transactions: readonly OpenTransaction[], line: Line): string[] {
  const shown = transactions.slice(0, transactionsShownMax)
  const left = transactions.length - shown.length
  return [
    line('running transactions', String(transactions.length)),
    ...shown.map(({ firstLSN, lastLSN, undoNextLSN, ageBytes }) => {
      const undo = undoNextLSN === 0 ? 'nothing to undo' : `undo next ${undoNextLSN}`
      return line(
        '',
        `first LSN ${firstLSN}, last ${lastLSN}, ${undo}, ${bytesInWords(ageBytes)} of log old`,
      )
    }),
    ...(left > 0 ? [line('', `and ${left} more`)] : []),
  ]
}

function dirtyPagesInWords({ dirtyPages, oldestDirtyPages }: StoreState, line: Line): string[] {
  const [oldest] = oldestDirtyPages
  const since = oldest === undefined ? '' : `, the oldest since LSN ${oldest.recLSN}`
  const pages = oldestDirtyPages.map(({ pageId, recLSN }) => `${pageId} (${recLSN})`).join(', ')
  return [
    line('dirty pages', `${dirtyPages}${since}`),
    ...(oldest === undefined ? [] : [line('', `recLSN of the oldest: ${pages}`)]),
  ]
}

const holders = {
  checkpoint: 'nobody but the last checkpoint itself',
  'dirty pages': 'pages that were dirty at the last checkpoint',
  'damaged pages': 'damaged pages',
  transaction: 'a transaction that ran at the last checkpoint',
  hold: 'a reader or an archive',
} as const

function holderInWords({ retention }: StoreState): string {
  const { holder, lsn, reclaimableBytes } = retention
  const more =
    reclaimableBytes > 0
      ? `; ${bytesInWords(reclaimableBytes)} below are needed by neither: ` +
        'held for a reader, or let go at the next checkpoint'
      : ''
  return `${holders[holder]}, from LSN ${lsn} on${more}`
}

function estimateInWords({ work, estimate }: StoreState, line: Line): string[] {
  const { analysisMs, redoMs, undoMs, openMs, totalMs } = estimate
  const ms = (value: number): string => (value === 0 ? '0' : durationInWords(value))
  return [
    line('restart (estimate)', `about ${ms(totalMs)}: open ${ms(openMs)}, and`),
    line(
      '',
      `analysis ${ms(analysisMs)}: ${bytesInWords(work.analysisBytes)}, ${counted(work.analysisRecords, 'record')}`,
    ),
    line(
      '',
      `redo ${ms(redoMs)}: ${bytesInWords(work.redoBytes)}, ` +
        `about ${counted(work.redoRecords, 'record')}, ${counted(work.redoPages, 'page')}`,
    ),
    line(
      '',
      `undo ${ms(undoMs)}: ${bytesInWords(work.undoBytes)}, at most ${counted(work.undoRecords, 'record')}`,
    ),
    line('', 'at the rates of the machine of the example benchmark; yours has others'),
  ]
}
