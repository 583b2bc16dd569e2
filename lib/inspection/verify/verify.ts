// Everything that can be checked about a log or a store without opening it. The order is an argument:
// the pages are read first and the log afterwards, so in a store that is in use the log is newer
// than every page; and what was found in log that its owner let go meanwhile is taken back.
import { setTimeout as sleep } from 'node:timers/promises'

import { SeawallError } from '../../errors.ts'
import { noLSN } from '../../format/engine-record.ts'
import type { LSN } from '../../format/lsn.ts'
import type { AnalysisResult } from '../../recovery/analysis.ts'
import { directoryFiles } from '../survey/directory-files.ts'
import { type FindingGroup, Findings } from './finding.ts'
import { type LogUse, logUse } from '../survey/lock-holders.ts'
import { LogSurvey } from '../survey/log-survey.ts'
import { PagesSeen, rememberedPagesMax } from './pages-seen.ts'
import type { LogTail, PageFileLayout } from '../survey/survey-types.ts'
import { settledLog } from '../survey/settled-log.ts'
import { verifyAllocation } from './verify-allocation.ts'
import { verifyFiles, verifyMaster } from './verify-files.ts'
import { type VerifyCheck, verifyLog } from './verify-log.ts'
import { PageVerdicts, readPages, takeCopies } from './verify-pages.ts'

export type { VerifyCheck }

export interface VerifyReport {
  readonly directory: string
  readonly logId: string
  readonly isStore: boolean
  readonly use: LogUse
  readonly tail: LogTail
  readonly oldestLSN: LSN
  readonly checks: readonly VerifyCheck[]
  readonly found: readonly FindingGroup[]
  readonly damage: number
  readonly warnings: number
  readonly notes: number
}

export type VerifyPhase = 'pages' | 'log'
/** `done` and `total` are pages, or bytes of the log. */
export type VerifyProgress = (phase: VerifyPhase, done: number, total: number) => void

/**
 * Checks every file, every record and every page, and each against the others. Changes nothing, and
 * needs no lock: the log may be in use.
 *
 * @throws ERR_SEAWALL_NOT_FOUND, ERR_SEAWALL_NOT_A_LOG, ERR_SEAWALL_UNSUPPORTED_FORMAT,
 * ERR_SEAWALL_PERMISSION, ERR_SEAWALL_IO when it could not look; ERR_SEAWALL_CORRUPT_LOG when nothing
 * is left that says which log this is
 */
export async function verify(
  directory: string,
  progress: VerifyProgress = () => {},
): Promise<VerifyReport> {
  return new Verification(directory, progress).run()
}

const looksMax = 4
const pauseMs = 20

class Verification {
  readonly #directory: string
  readonly #progress: VerifyProgress
  readonly #findings = new Findings()
  readonly #checks: VerifyCheck[] = []

  constructor(directory: string, progress: VerifyProgress) {
    this.#directory = directory
    this.#progress = progress
  }

  async run(): Promise<VerifyReport> {
    const use = await logUse(this.#directory)
    await using first = await LogSurvey.open(this.#directory)
    const pageFile = await this.#pageFile(first)
    const seen = new PagesSeen(pageFile)
    if (pageFile !== undefined) await this.#pages(first, pageFile, use, seen)
    const { survey, tail } = await settle(this.#directory)
    await using _ = survey
    await this.#files(survey)
    const { history, analysis, checks } = await verifyLog(
      survey,
      tail,
      seen,
      this.#findings,
      (done, total) => this.#progress('log', done, total),
    )
    this.#checks.push(...checks)
    // What is read again is read with the later survey, which has to know the file too.
    if (pageFile !== undefined && (await survey.pageFile()) !== undefined) {
      this.#checks.push(pagesCheck(pageFile, analysis))
      await new PageVerdicts(survey, this.#findings, tail, seen, history, analysis).run()
      await this.#allocation(survey, pageFile, seen, analysis, use)
    }
    await this.#withdraw()
    return this.#report(survey, use, tail)
  }

  // The owner may be in the middle of writing a slot or of using a segment again, so what is wrong
  // is believed when it still is a moment later.
  async #files(survey: LogSurvey): Promise<void> {
    let { layout } = survey
    for (let look = 1; ; look++) {
      const findings = new Findings()
      const files = await directoryFiles(this.#directory)
      verifyFiles(this.#directory, files, layout, findings)
      verifyMaster(layout, findings)
      const isGood = findings.count('damage') + findings.count('warning') === 0
      if (isGood || look === looksMax) {
        this.#findings.addAll(findings)
        const all = Object.values(files).reduce((sum, names: string[]) => sum + names.length, 0)
        const counts = { files: all, segments: layout.segments.length }
        this.#checks.push(
          { name: 'files', counts },
          { name: 'master record', counts: { slots: 2 } },
        )
        return
      }
      await sleep(pauseMs)
      await using later = await LogSurvey.open(this.#directory)
      layout = later.layout
    }
  }

  async #pageFile(survey: LogSurvey): Promise<PageFileLayout | undefined> {
    const { layout, directory } = survey
    const { irregular } = await directoryFiles(directory)
    if (irregular.some((name) => name === 'pages' || name === 'doublewrite')) return undefined
    try {
      const file = await survey.pageFile()
      const hasCheckpoint = (layout.master?.checkpointLSN ?? noLSN) !== noLSN
      if (file === undefined && (layout.isStore || hasCheckpoint)) {
        this.#findings.add('data-file-damaged', 'the file pages is missing', { path: directory })
      }
      return file
    } catch (error) {
      if (!isAboutDataFile(error)) throw error
      this.#findings.add('data-file-damaged', error.message, { path: directory })
      return undefined
    }
  }

  async #pages(
    survey: LogSurvey,
    file: PageFileLayout,
    use: LogUse,
    seen: PagesSeen,
  ): Promise<void> {
    const isInUse = use.state !== 'closed'
    await readPages(survey, file, isInUse, seen, this.#findings, (page, pages) => {
      this.#progress('pages', page, pages)
    })
    takeCopies(file, seen, this.#findings)
  }

  async #allocation(
    survey: LogSurvey,
    file: PageFileLayout,
    seen: PagesSeen,
    analysis: AnalysisResult | undefined,
    use: LogUse,
  ): Promise<void> {
    const name = 'allocation maps'
    const skipped =
      analysis === undefined
        ? 'the log does not say which pages are up to date'
        : analysis.losers.size > 0
          ? 'transactions run, or a restart will roll them back'
          : use.state === 'writer'
            ? 'the store is in use'
            : use.state === 'unknown'
              ? 'the store may be in use'
              : undefined
    if (skipped !== undefined || analysis === undefined) {
      this.#checks.push({ name, counts: { pages: 0 }, skipped: skipped ?? '' })
      return
    }
    const pages = await verifyAllocation(survey, file, seen, analysis, this.#findings)
    const none = pages === 0 ? { skipped: 'redo changes every map or page first' } : {}
    this.#checks.push({ name, counts: { pages }, ...none })
  }

  async #withdraw(): Promise<void> {
    await using now = await LogSurvey.open(this.#directory)
    this.#findings.withdrawBefore(now.layout.oldestLSN)
  }

  #report(survey: LogSurvey, use: LogUse, tail: LogTail): VerifyReport {
    const { logId, isStore, oldestLSN } = survey.layout
    return {
      directory: survey.directory,
      logId,
      isStore,
      use,
      tail,
      oldestLSN,
      checks: this.#checks,
      found: this.#findings.groups(),
      damage: this.#findings.count('damage'),
      warnings: this.#findings.count('warning'),
      notes: this.#findings.count('note'),
    }
  }
}

// The same survey, with its type.
async function settle(directory: string): Promise<{ survey: LogSurvey; tail: LogTail }> {
  let survey: LogSurvey | undefined
  const { tail } = await settledLog(directory, async (path) => {
    survey = await LogSurvey.open(path)
    return survey
  })
  return { survey: survey as LogSurvey, tail }
}

function pagesCheck(file: PageFileLayout, analysis: AnalysisResult | undefined): VerifyCheck {
  const check = { name: 'pages' as const, counts: { pages: file.pages - 1 } }
  if (analysis === undefined) {
    return { ...check, skipped: 'not compared with the log, which does not say what they lack' }
  }
  if (file.pages <= rememberedPagesMax) return check
  return { ...check, skipped: `only the first ${rememberedPagesMax} were compared with the log` }
}

function isAboutDataFile(error: unknown): error is SeawallError {
  return (
    error instanceof SeawallError &&
    (error.code === 'ERR_SEAWALL_CORRUPT_STORE' || error.code === 'ERR_SEAWALL_LOG_MISMATCH')
  )
}
