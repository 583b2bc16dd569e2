import type { LSN } from '../format/lsn.ts'
import type { RecoveryReport } from '../log/recovery-report.ts'

/** What a restart is at, in this order. */
export type RestartPhase = 'analysis' | 'redo' | 'undo' | 'checkpoint'

/** How far a restart has come; called at most about twenty times a second. */
export interface RestartProgress {
  /** What it is at. */
  readonly phase: RestartPhase
  /** The record that it has come to; in undo these go down. */
  readonly lsn: LSN
  /** Records of this phase so far. */
  readonly records: number
  /** 0 to 1; undefined where it cannot be known. */
  readonly done: number | undefined
  /** Milliseconds that this phase will take yet, at the pace so far; undefined at its beginning. */
  readonly remainingMs: number | undefined
}

/** A page that could not be brought up to date, and why. */
export interface DamagedPage {
  /** The page. */
  readonly pageId: number
  /** The first record that could not be applied; 0 when it may not be in the log any more. */
  readonly lsn: LSN
  /** What using the page fails with: ERR_SEAWALL_DAMAGED_PAGE or ERR_SEAWALL_PAGE_AHEAD_OF_LOG. */
  readonly code: string
}

/** What a restart found and did. */
export interface RestartReport {
  /** What the log itself found: its end, and what was cut off. */
  readonly log: RecoveryReport
  /** The store was created. */
  readonly created: boolean
  /** Where analysis began. */
  readonly checkpointLSN: LSN
  /** Where redo began. */
  readonly redoLSN: LSN
  /** End of the log when it was found. */
  readonly endLSN: LSN
  /** The first pass: who was at work at the crash, and what may lack changes. */
  readonly analysis: {
    /** Records read. */
    readonly records: number
    /** Pages that may lack changes on disk. */
    readonly dirtyPages: number
    /** Transactions that had not ended. */
    readonly losers: number
    /** What it took. */
    readonly durationMs: number
  }
  /** The second pass: what the pages lacked. */
  readonly redo: {
    /** Records read that change a page. */
    readonly records: number
    /** Records whose change was applied. */
    readonly redone: number
    /** Skip test 1: the page was not dirty at the crash. */
    readonly skippedNotDirty: number
    /** Skip test 2: the page on disk was known to be newer. */
    readonly skippedBeforeRecLSN: number
    /** Skip test 3: the page has seen the record. */
    readonly skippedOnPage: number
    /** The page is damaged. */
    readonly skippedDamaged: number
    /** Pages compared with their image in consistency mode. */
    readonly checked: number
    /** What it took. */
    readonly durationMs: number
  }
  /** The third pass: the losers are rolled back. */
  readonly undo: {
    /** Records of losers that it looked at, those that it stepped over included. */
    readonly records: number
    /** Compensation records written. */
    readonly compensations: number
    /** What it took. */
    readonly durationMs: number
  }
  /** Torn pages that were whole again before redo, from their doublewrite copies. */
  readonly tornPagesRepaired: readonly number[]
  /**
   * Pages that lack changes of the log. Each open tries again and names them again, until they can be
   * read, are written anew, or the store is restored. They are refused until then, also when they can
   * be read later in this run.
   */
  readonly damagedPages: readonly DamagedPage[]
  /** What analysis, redo and undo took together; not the log's own recovery. */
  readonly durationMs: number
}
