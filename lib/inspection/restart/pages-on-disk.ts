import { noLSN } from '../../format/engine-record.ts'
import type { LSN } from '../../format/lsn.ts'
import type { AnalysisResult } from '../../recovery/analysis.ts'
import type { LogSurvey } from '../survey/log-survey.ts'
import type { RedoPageState } from './redo-decision.ts'
import type { PageCondition, PageFileLayout } from '../survey/survey-types.ts'

const empty: RedoPageState = { pageLSN: noLSN, condition: 'whole' }
const damaged: RedoPageState = { pageLSN: noLSN, condition: 'damaged' }

/** The pages as redo would find them, read when they are asked for, and what became of them. */
export class PagesOnDisk {
  readonly #survey: LogSurvey
  readonly #file: PageFileLayout | undefined
  readonly #copies: ReadonlyMap<number, LSN>
  readonly #endLSN: LSN
  readonly #states = new Map<number, RedoPageState>()

  private constructor(survey: LogSurvey, file: PageFileLayout | undefined, endLSN: LSN) {
    this.#survey = survey
    this.#file = file
    this.#endLSN = endLSN
    this.#copies = new Map(file?.copies.map(({ pageId, pageLSN }) => [pageId, pageLSN]))
  }

  /** `endLSN`: of the log. */
  static async open(survey: LogSurvey, tables: AnalysisResult, endLSN: LSN): Promise<PagesOnDisk> {
    const pages = new PagesOnDisk(survey, await survey.pageFile(), endLSN)
    for (const pageId of tables.givenUpPages) pages.set(pageId, damaged)
    return pages
  }

  async stateOf(pageId: number): Promise<RedoPageState> {
    const known = this.#states.get(pageId)
    if (known !== undefined) return known
    const state = await this.#read(pageId)
    this.#states.set(pageId, state)
    return state
  }

  set(pageId: number, state: RedoPageState): void {
    this.#states.set(pageId, state)
  }

  async #read(pageId: number): Promise<RedoPageState> {
    if (this.#file === undefined || pageId >= this.#file.pages) return empty
    const [page] = await this.#survey.pages(pageId, 1)
    return page === undefined ? damaged : foundState(page, this.#copies.get(pageId), this.#endLSN)
  }
}

/** `copyLSN`: pageLSN of the whole copy in the doublewrite file, if there is one. */
export function foundState(
  page: PageCondition,
  copyLSN: LSN | undefined,
  endLSN: LSN,
): RedoPageState {
  const { condition, pageLSN } = page
  if (condition === 'never written') return empty
  if (condition === 'valid') {
    return { pageLSN, condition: pageLSN < endLSN ? 'whole' : 'ahead of the log' }
  }
  // An open repairs what is torn before it reads a page. Another page's bytes are not torn.
  const isRepaired = condition !== 'misplaced' && copyLSN !== undefined && copyLSN < endLSN
  return isRepaired ? { pageLSN: copyLSN, condition: 'whole' } : damaged
}
