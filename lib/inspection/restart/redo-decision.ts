// What redo does with a record and a page (lib/recovery/redo.ts), told without doing it.
import { noLSN } from '../../format/engine-record.ts'
import type { LSN } from '../../format/lsn.ts'
import type { RecordDescription } from '../../recovery/describe-record.ts'
import { formatPageOperation } from '../../operation/page-type.ts'

/** A page as redo finds it, and as the records so far have left it. */
export interface RedoPageState {
  /** 0: never written, or made empty. */
  readonly pageLSN: LSN
  readonly condition: 'whole' | 'damaged' | 'ahead of the log'
}

export type RedoDecision =
  /** The change is applied; pageLSN becomes the record's LSN. */
  | 'redo'
  /** Skip test 1 (ARIES 6.2): the page is not in the dirty page table. */
  | 'not dirty'
  /** Skip test 2: the record is older than the page's recLSN. */
  | 'before recLSN'
  /** Skip test 3: the page has it, pageLSN says. */
  | 'on page'
  /** The page cannot take it: it is damaged, lost, or from a later log than this one. */
  | 'damaged'
  /** Consistency mode: the image is compared with what redo has made. */
  | 'check'
  /** Consistency mode: there is nothing to compare with. */
  | 'no check'

export interface RedoOutcome {
  readonly decision: RedoDecision
  readonly page: RedoPageState
}

/**
 * `recLSN` undefined: the page is not among the dirty ones. REQUIRES: the record names a page.
 */
export function decideRedo(
  record: RecordDescription,
  recLSN: LSN | undefined,
  page: RedoPageState,
): RedoOutcome {
  const { lsn, kind } = record
  if (recLSN === undefined) return { decision: 'not dirty', page }
  if (lsn < recLSN) return { decision: 'before recLSN', page }
  if (kind === 'page check') return { decision: checkOf(record, page), page }
  const makesWhole = kind === 'page image' || record.operation === formatPageOperation
  if (page.condition === 'ahead of the log') return { decision: 'damaged', page }
  if (page.condition === 'damaged' && !makesWhole) return { decision: 'damaged', page }
  const pageLSN = page.condition === 'damaged' ? noLSN : page.pageLSN
  // Every page begins with a record that formats it: without one its write was lost.
  if (pageLSN === noLSN && !makesWhole) {
    return { decision: 'damaged', page: { pageLSN, condition: 'damaged' } }
  }
  if (pageLSN >= lsn) return { decision: 'on page', page: { pageLSN, condition: 'whole' } }
  return { decision: 'redo', page: { pageLSN: lsn, condition: 'whole' } }
}

function checkOf(record: RecordDescription, page: RedoPageState): RedoDecision {
  return page.condition === 'whole' && page.pageLSN === record.imageLSN ? 'check' : 'no check'
}
