import { SeawallError } from '../../errors.ts'
import type { LSN } from '../../format/lsn.ts'
import type { AnalysisResult } from '../../recovery/analysis.ts'
import { boundedStep, type ToldStep } from './bounded-step.ts'
import type { LogSurvey } from '../survey/log-survey.ts'
import { type RestartStep, type RestartWalk, walkRestart } from './restart-walk.ts'

const rowsMax = 1000
const keptPagesMax = 8

/** The first rows of the tables, by LSN. */
export interface TableRows {
  readonly transactions: readonly {
    readonly transactionLSN: LSN
    readonly lastLSN: LSN
    readonly undoNextLSN: LSN
  }[]
  readonly transactionCount: number
  readonly pages: readonly { readonly pageId: number; readonly recLSN: LSN }[]
  readonly pageCount: number
}

/** Some steps of a restart in a row. */
export interface RestartPage {
  readonly first: number
  readonly steps: readonly ToldStep[]
  /** The tables before the first of them. */
  readonly before: TableRows
  /** The tables behind the step, counted from `first`, that takes over a checkpoint's. */
  readonly takenOver: { readonly step: number; readonly tables: TableRows } | undefined
  /** Where redo begins; known when analysis is over. */
  readonly redoLSN: LSN | undefined
  readonly isLast: boolean
  /** Why the restart stops behind the last of them; undefined: it comes through, or goes on. */
  readonly problem: SeawallError | undefined
}

/** How often each thing happens in the whole restart. */
export interface RestartSummary {
  steps: number
  /** The step with which each phase begins; undefined: it has none. */
  firstStep: Partial<Record<RestartStep['phase'], number>>
  /** Decisions of redo and actions of undo. */
  counts: Record<string, number>
  /** Where redo begins, and how far undo goes back; known when analysis is over. */
  redoLSN?: LSN
  oldestLoserLSN?: LSN
  isComplete: boolean
  problem?: string
}

/** The rows that are shown of the tables. */
export function tableRows({ losers, dirtyPages }: AnalysisResult): TableRows {
  const transactions = Array.from(losers.values(), ({ firstLSN, lastLSN, undoNextLSN }) => {
    return { transactionLSN: firstLSN, lastLSN, undoNextLSN }
  })
  const pages = Array.from(dirtyPages, ([pageId, recLSN]) => ({ pageId, recLSN }))
  return {
    transactions: transactions
      .sort((a, b) => a.transactionLSN - b.transactionLSN)
      .slice(0, rowsMax),
    transactionCount: losers.size,
    pages: pages.sort((a, b) => a.recLSN - b.recLSN || a.pageId - b.pageId).slice(0, rowsMax),
    pageCount: dirtyPages.size,
  }
}

/**
 * The steps of a restart by number, some at a time: forwards they are walked on, for those further
 * back the walk begins again. Memory: the tables and some pages of steps. One call at a time.
 */
export class RestartPages {
  readonly #survey: LogSurvey
  readonly #stepsPerPage: number
  readonly #kept = new Map<number, RestartPage>()
  #walk: RestartWalk | undefined
  #steps: AsyncGenerator<RestartStep, void> | undefined
  /** The number of the step that comes next. */
  #next = 0

  constructor(survey: LogSurvey, stepsPerPage = 200) {
    this.#survey = survey
    this.#stepsPerPage = stepsPerPage
  }

  /**
   * The page that holds step `number`; of one behind the last step it is the last.
   *
   * @throws what LogSurvey throws; ERR_SEAWALL_ABORTED when `signal` is: the next call goes on from
   * there
   */
  async pageOf(number: number, signal?: AbortSignal): Promise<RestartPage> {
    const first = number - (number % this.#stepsPerPage)
    const kept = this.#kept.get(first)
    if (kept !== undefined) return kept
    if (this.#steps === undefined || this.#next > first) await this.#begin()
    const stepsMax = await this.#passOver(first - keptPagesMax * this.#stepsPerPage, signal)
    if (stepsMax !== undefined) return this.pageOf(Math.max(0, stepsMax - 1), signal)
    for (;;) {
      const page = await this.#readPage()
      const isEmpty = page.steps.length === 0 && page.first > 0
      if (isEmpty) return this.pageOf(page.first - 1, signal)
      this.#keep(page)
      if (page.first === first || page.isLast) return page
    }
  }

  /** Walks through everything once. `summary` grows meanwhile; stops when `signal` is aborted. */
  static async summarise(
    survey: LogSurvey,
    summary: RestartSummary,
    signal: AbortSignal,
  ): Promise<void> {
    const walk = await walkRestart(survey)
    for await (const step of walk.steps()) {
      if (signal.aborted) return
      if (step.phase !== 'analysis') noteAnalysis(summary, walk)
      summary.firstStep[step.phase] ??= summary.steps
      summary.steps += 1
      if (step.phase === 'analysis') continue
      const what = step.phase === 'redo' ? step.decision : step.action
      summary.counts[what] = (summary.counts[what] ?? 0) + 1
    }
    noteAnalysis(summary, walk)
    summary.isComplete = true
  }

  async close(): Promise<void> {
    await this.#steps?.return()
    this.#steps = undefined
  }

  async #begin(): Promise<void> {
    await this.close()
    this.#walk = await walkRestart(this.#survey)
    this.#steps = this.#walk.steps()
    this.#next = 0
  }

  // Steps before `to` that nobody asked for. Returns how many there are, when that is all of them.
  async #passOver(to: number, signal: AbortSignal | undefined): Promise<number | undefined> {
    for (; this.#next < to; this.#next++) {
      if (signal?.aborted === true) throw new SeawallError('ERR_SEAWALL_ABORTED')
      if ((await this.#advance()).step === undefined) return this.#next
    }
    return undefined
  }

  // No step: that was all, or the restart stops there. The walk is begun again if anybody asks for more.
  async #advance(): Promise<{ step?: RestartStep; problem?: SeawallError }> {
    const steps = this.#steps as AsyncGenerator<RestartStep, void>
    try {
      const next = await steps.next()
      if (next.done !== true) return { step: next.value }
      this.#steps = undefined
      return {}
    } catch (error) {
      this.#steps = undefined
      if (isOfTheStore(error)) return { problem: error }
      throw error
    }
  }

  async #readPage(): Promise<RestartPage> {
    const walk = this.#walk as RestartWalk
    const first = this.#next
    const before = tableRows(walk.tables)
    const steps: ToldStep[] = []
    let takenOver: RestartPage['takenOver']
    let problem: SeawallError | undefined
    let isLast = false
    while (steps.length < this.#stepsPerPage && !isLast) {
      const next = await this.#advance()
      problem = next.problem
      isLast = next.step === undefined
      if (next.step === undefined) break
      if (takesOver(next.step)) takenOver = { step: steps.length, tables: tableRows(walk.tables) }
      steps.push(boundedStep(next.step))
    }
    this.#next = first + steps.length
    return { first, steps, before, takenOver, redoLSN: walk.redoLSN, isLast, problem }
  }

  #keep(page: RestartPage): void {
    this.#kept.set(page.first, page)
    if (this.#kept.size > keptPagesMax) this.#kept.delete(this.#kept.keys().next().value as number)
  }
}

// REQUIRES: analysis is over.
function noteAnalysis(summary: RestartSummary, { redoLSN, tables }: RestartWalk): void {
  if (summary.redoLSN !== undefined || redoLSN === undefined) return
  summary.redoLSN = redoLSN
  const [oldest] = [...tables.losers.keys()].sort((a, b) => a - b)
  if (oldest !== undefined) summary.oldestLoserLSN = oldest as LSN
}

// Such as the open would be refused with; not a survey that has been closed.
function isOfTheStore(error: unknown): error is SeawallError {
  const isOurs = error instanceof SeawallError
  return (
    isOurs &&
    (error.code === 'ERR_SEAWALL_CORRUPT_LOG' || error.code === 'ERR_SEAWALL_CORRUPT_STORE')
  )
}

function takesOver(step: RestartStep): boolean {
  return step.phase === 'analysis' && step.changes.some(({ table }) => table === 'both')
}
