import { setTimeout as sleep } from 'node:timers/promises'

import { pageTypeUser } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import type { AnalysisResult } from '../../recovery/analysis.ts'
import type { Findings } from './finding.ts'
import type { PageHistory } from './page-history.ts'
import type { PagesSeen } from './pages-seen.ts'
import type { LogSurvey } from '../survey/log-survey.ts'
import type { LogTail, PageCondition, PageFileLayout } from '../survey/survey-types.ts'

const readBytes = 2 * 1024 * 1024
// A page that is being written looks torn for as long as the write takes.
const pauseMs = 20
const looksMaxInUse = 5

/** What pages are read with. */
export type PageSource = Pick<LogSurvey, 'pages'>

/** Reads every page. Pages that look damaged are looked at again before that is believed. */
export async function readPages(
  source: PageSource,
  file: PageFileLayout,
  isInUse: boolean,
  seen: PagesSeen,
  findings: Findings,
  progress: (page: number, pages: number) => void,
): Promise<void> {
  const atOnce = Math.max(1, Math.floor(readBytes / file.pageBytes))
  for (let first = 1; first < file.pages; first += atOnce) {
    const count = Math.min(atOnce, file.pages - first)
    let pages = await source.pages(first, count)
    // Somebody may have opened it since.
    for (let looks = isInUse ? looksMaxInUse : 2; looks > 1 && !pages.every(isWhole); looks--) {
      await sleep(pauseMs)
      const again = await source.pages(first, count)
      pages = pages.map((page, i) => (isWhole(page) ? page : (again[i] ?? page)))
    }
    for (const page of pages) {
      seen.note(page)
      if (page.condition !== 'valid' || page.pageType <= pageTypeUser) continue
      const sentence = `page ${page.pageId} is of type ${page.pageType}, which no store writes`
      findings.add('page-damaged', sentence, { page: page.pageId })
    }
    progress(first + count, file.pages)
  }
}

function isWhole({ condition }: PageCondition): boolean {
  return condition === 'valid' || condition === 'never written'
}

/** A copy stands for its page, as a restart would put it there. */
export function takeCopies(file: PageFileLayout, seen: PagesSeen, findings: Findings): void {
  for (const { pageId, pageLSN } of file.copies) {
    const page = seen.damaged().find((damaged) => damaged.pageId === pageId)
    // The doublewrite file repairs what was torn; another page's bytes are no torn write.
    if (page === undefined || page.condition === 'misplaced') continue
    seen.noteCopy(pageId, pageLSN)
    const sentence = `page ${pageId} is torn; the doublewrite file has a whole copy (pageLSN ${pageLSN})`
    findings.add('page-repairable', sentence, { page: pageId })
  }
}

/** Compares the pages with what the log says of them. */
export class PageVerdicts {
  readonly #source: PageSource
  readonly #findings: Findings
  readonly #tail: LogTail
  readonly #seen: PagesSeen
  readonly #history: PageHistory
  /** Undefined: the log does not say what a restart would find. */
  readonly #analysis: AnalysisResult | undefined

  constructor(
    source: PageSource,
    findings: Findings,
    tail: LogTail,
    seen: PagesSeen,
    history: PageHistory,
    analysis: AnalysisResult | undefined,
  ) {
    this.#source = source
    this.#findings = findings
    this.#tail = tail
    this.#seen = seen
    this.#history = history
    this.#analysis = analysis
  }

  async run(): Promise<void> {
    this.#damaged()
    this.#ahead()
    if (this.#analysis === undefined) return
    await this.#behind()
    this.#beyondFile()
    this.#givenUp()
  }

  #damaged(): void {
    for (const { pageId, condition } of this.#seen.damaged()) {
      const isMadeWhole = this.#history.isMadeWhole(pageId, this.#analysis?.dirtyPages.get(pageId))
      const sentence = `page ${pageId} ${conditionsInWords[condition]}`
      if (isMadeWhole) {
        const repaired = `${sentence}; the log has the whole page`
        this.#findings.add('page-repairable', repaired, { page: pageId })
      } else {
        this.#findings.add('page-damaged', sentence, { page: pageId })
      }
    }
    const { damagedMore } = this.#seen
    if (damagedMore > 0) this.#findings.addMore('page-damaged', damagedMore)
  }

  // Where the log is damaged, its end is not where it was.
  #ahead(): void {
    if (this.#tail.verdict === 'damaged') return
    const { endLSN } = this.#tail
    for (const { pageId, pageLSN } of this.#seen.beyond(endLSN)) {
      const sentence = `page ${pageId} was changed at LSN ${pageLSN}, but the log ends at ${endLSN}`
      this.#findings.add('page-ahead-of-log', sentence, { page: pageId })
    }
  }

  async #behind(): Promise<void> {
    for (const { pageId, lsn } of this.#history.behind()) {
      if (this.#isSettled(pageId) || (await this.#hasChange(pageId, lsn))) continue
      const pageLSN = this.#seen.pageLSN(pageId) as LSN
      const state = pageLSN === 0 ? 'was never written' : `has pageLSN ${pageLSN}`
      const sentence =
        `page ${pageId} ${state}; it lacks the change at LSN ${lsn}, ` +
        'which was on disk by the last checkpoint'
      this.#findings.add('page-behind-log', sentence, { page: pageId })
    }
    for (const [pageId, recLSN] of this.#analysis?.dirtyPages ?? []) {
      if (this.#seen.pageLSN(pageId) !== 0 || this.#history.isMadeWhole(pageId, recLSN)) continue
      if (this.#isSettled(pageId) || (await this.#hasChange(pageId, 1 as LSN))) continue
      const sentence = `page ${pageId} was never written, and the log since LSN ${recLSN} does not begin it`
      this.#findings.add('page-behind-log', sentence, { page: pageId })
    }
  }

  // The store may be in use, and the page newer than when it was read.
  async #hasChange(pageId: number, lsn: LSN): Promise<boolean> {
    const [now] = await this.#source.pages(pageId, 1)
    return now !== undefined && isWhole(now) && now.pageLSN >= lsn
  }

  // It is reported for what it is.
  #isSettled(pageId: number): boolean {
    return this.#seen.isDamaged(pageId) || this.#analysis?.givenUpPages.has(pageId) === true
  }

  // A page that redo will write makes the file longer.
  #beyondFile(): void {
    for (const [pageId, lsn] of this.#history.beyondFile()) {
      const recLSN = this.#analysis?.dirtyPages.get(pageId)
      if (recLSN !== undefined && recLSN <= lsn) continue
      const sentence = `the data file has ${this.#seen.pages} pages; the log changes page ${pageId} at LSN ${lsn}`
      this.#findings.add('page-beyond-file', sentence, { page: pageId })
    }
  }

  #givenUp(): void {
    for (const pageId of this.#analysis?.givenUpPages ?? []) {
      if (this.#analysis?.dirtyPages.has(pageId) === true) continue
      const sentence = `page ${pageId} was damaged and given up: changes of it are in no log any more`
      this.#findings.add('page-given-up', sentence, { page: pageId })
    }
  }
}

const conditionsInWords = {
  damaged: 'is damaged: its checksum does not match',
  misplaced: 'holds the bytes of another page',
  unreadable: 'cannot be read from the drive',
  valid: 'is whole',
  'never written': 'was never written',
} as const satisfies Record<PageCondition['condition'], string>
