import { LogIndex } from '../inspection/timeline/log-index.ts'
import { type LogUse, logUse } from '../inspection/survey/lock-holders.ts'
import { LogSurvey } from '../inspection/survey/log-survey.ts'
import { RestartPages, type RestartSummary } from '../inspection/restart/restart-pages.ts'
import { settledLog } from '../inspection/survey/settled-log.ts'
import type { LogTail, PageFileLayout } from '../inspection/survey/survey-types.ts'
import { type TablesAt, tablesAt } from '../inspection/timeline/tables-at.ts'
import { SeawallError } from '../errors.ts'
import type { LSN } from '../format/lsn.ts'

/** What could not be found out, in a sentence. */
export interface Failed {
  readonly code: string
  readonly message: string
}

/**
 * A log directory as it was at one moment, and what is gathered about it in the background. Memory
 * does not grow with the log. `close` ends what is under way.
 */
export class InspectedLog {
  readonly survey: LogSurvey
  readonly tail: LogTail
  readonly use: LogUse
  readonly lookedAtMs = Date.now()
  readonly index: LogIndex
  readonly pageFile: PageFileLayout | Failed | undefined
  indexFailure: Failed | undefined
  readonly #signal = new AbortController()
  #work: Promise<unknown>[] = []
  #tables: TablesAt | undefined
  #summary: RestartSummary | undefined
  readonly #restart: RestartPages
  #restartTurn: Promise<unknown> = Promise.resolve()
  #leases = 0
  #isRetired = false

  private constructor(
    survey: LogSurvey,
    tail: LogTail,
    use: LogUse,
    pageFile: PageFileLayout | Failed | undefined,
  ) {
    this.survey = survey
    this.tail = tail
    this.use = use
    this.pageFile = pageFile
    this.index = new LogIndex({ survey, tail }, survey.layout.isStore)
    this.#restart = new RestartPages(survey)
    this.#begin(this.index.build(this.#signal.signal), (failure) => {
      this.indexFailure = failure
    })
  }

  /** @throws what LogSurvey.open and tail throw */
  static async open(directory: string): Promise<InspectedLog> {
    const use = await logUse(directory)
    let survey: LogSurvey | undefined
    const settled = await settledLog(
      directory,
      async (path) => (survey = await LogSurvey.open(path)),
    )
    const opened = survey as unknown as LogSurvey
    const pageFile = await opened.pageFile().catch((error: unknown) => failedFrom(error))
    return new InspectedLog(opened, settled.tail, use, pageFile)
  }

  get isStore(): boolean {
    return this.survey.layout.isStore
  }

  /** Where records end that can be looked at: what an open would cut off is among them. */
  get endLSN(): LSN {
    const { filesEndLSN } = this.survey.layout
    return Math.min(filesEndLSN, this.index.toLSN + this.tail.cutBytes) as LSN
  }

  /** The tables as of `lsn`; those that were asked for last are remembered. */
  async tables(lsn: LSN, signal: AbortSignal): Promise<TablesAt> {
    if (this.#tables?.lsn !== lsn) {
      this.#tables = await tablesAt(this.survey, this.index.checkpoints, lsn, signal)
    }
    return this.#tables
  }

  /** How often each thing happens in a restart; counted in the background from the first call on. */
  restartSummary(): RestartSummary {
    if (this.#summary !== undefined) return this.#summary
    const summary: RestartSummary = { steps: 0, firstStep: {}, counts: {}, isComplete: false }
    this.#summary = summary
    // One pass over the log at a time: each has some ten MiB of it in memory.
    const { signal } = this.#signal
    const work = Promise.all(this.#work).then(() => {
      return RestartPages.summarise(this.survey, summary, signal)
    })
    this.#begin(work, (failure) => {
      summary.problem = failure.message
    })
    return summary
  }

  /** Calls wait for each other. */
  restartPage(step: number, signal: AbortSignal): ReturnType<RestartPages['pageOf']> {
    const both = AbortSignal.any([signal, this.#signal.signal])
    const page = this.#restartTurn.then(() => this.#restart.pageOf(step, both))
    this.#restartTurn = page.catch(() => {})
    return page
  }

  /** The log stays open while `work` is under way. */
  async using<T>(work: (log: InspectedLog) => Promise<T>): Promise<T> {
    this.#leases += 1
    try {
      return await work(this)
    } finally {
      this.#leases -= 1
      if (this.#isRetired && this.#leases === 0) await this.close()
    }
  }

  /** As close; what was asked for is still answered. */
  async retire(): Promise<void> {
    this.#isRetired = true
    if (this.#leases === 0) await this.close()
  }

  /** Ends what is under way and lets the files go. Idempotent. */
  async close(): Promise<void> {
    this.#signal.abort()
    const work = this.#work
    this.#work = []
    await Promise.all(work)
    await this.#restartTurn
    await this.#restart.close()
    await this.survey.close()
  }

  #begin(work: Promise<void>, failed: (failure: Failed) => void): void {
    this.#work.push(work.catch((error: unknown) => failed(failedFrom(error))))
  }
}

// @throws what is no failure of the files
function failedFrom(error: unknown): Failed {
  if (!(error instanceof SeawallError)) throw error
  return { code: error.code, message: error.message }
}
