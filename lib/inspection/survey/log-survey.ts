import { join, resolve } from 'node:path'

import { SeawallError } from '../../errors.ts'
import { lsnMax } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import type { NativeBinding, NativeError, NativeReport } from '../../native/binding.ts'
import { loadBinding } from '../../native/load.ts'
import { toSeawallError } from '../../native/map-error.ts'
import {
  type NativeLogLayout,
  type NativePageFile,
  type NativeSurvey,
  surveyColumn,
} from '../../native/survey-binding.ts'
import { pageConditions, SurveyRows } from './survey-rows.ts'
import type {
  LogLayout,
  LogTail,
  MasterRecord,
  MasterSlot,
  PageCondition,
  PageFileLayout,
  ScannedItem,
  ScanOptions,
  SegmentFile,
} from './survey-types.ts'

// The end of a checkpoint has to be read whole: 16 bytes for each dirty page.
const bodyBytesMaxDefault = 64 * 1024 * 1024
const tableSlice = 256 * surveyColumn.count

/**
 * A log directory, looked at from outside: without its lock, without recovery, without changing a
 * byte, whether it is damaged or being written at this moment. What it says of a log in use is true
 * of a moment; open another survey to see a later one.
 *
 * Every method may reject with ERR_SEAWALL_IO, ERR_SEAWALL_PERMISSION and ERR_SEAWALL_CLOSED.
 */
export class LogSurvey {
  readonly directory: string
  readonly layout: LogLayout
  readonly #binding: NativeBinding
  #survey: NativeSurvey | undefined
  #pageFile: Promise<PageFileLayout | undefined> | undefined

  private constructor(
    binding: NativeBinding,
    directory: string,
    survey: NativeSurvey,
    layout: NativeLogLayout,
  ) {
    this.#binding = binding
    this.directory = directory
    this.#survey = survey
    this.layout = layoutFrom(layout)
  }

  /**
   * `nativeBinding`: as for Log.open.
   *
   * @throws ERR_SEAWALL_NOT_FOUND, ERR_SEAWALL_NOT_A_LOG, ERR_SEAWALL_UNSUPPORTED_FORMAT,
   * ERR_SEAWALL_CORRUPT_LOG when neither a master record nor any segment header can be read
   */
  static async open(directory: string, nativeBinding?: string): Promise<LogSurvey> {
    const path = resolve(directory)
    const binding = loadBinding(nativeBinding)
    const [survey, layout] = await answered<[NativeSurvey, NativeLogLayout]>((callback) =>
      binding.surveyOpen(path, callback),
    )
    return new LogSurvey(binding, path, survey, layout)
  }

  /** Reads from the master record's promise to the end; see LogTail. */
  async tail(): Promise<LogTail> {
    const { survey } = this.#opened()
    return new Promise((done) => {
      this.#binding.surveyEnd(survey, (error, report) => done(tailFrom(error, report, this.layout)))
    })
  }

  /**
   * Everything in the files from `from` on, in order and without holes: records, and gaps between
   * them; a few hundred at a time. It goes on behind damage at the next record that is whole.
   */
  async *scan(options: ScanOptions = {}): AsyncGenerator<readonly ScannedItem[], void> {
    // An LSN that a record names may be any number.
    const from = Math.min(options.from ?? this.layout.oldestLSN, lsnMax) as LSN
    const to = Math.min(options.to ?? this.layout.filesEndLSN, lsnMax) as LSN
    const rows = new SurveyRows(from, options.bodyBytesMax ?? bodyBytesMaxDefault)
    const scan = this.#binding.surveyScan(this.#opened().survey, from, to)
    try {
      for (;;) {
        const [table, buffer] = await answered<[Float64Array, ArrayBuffer | undefined]>(
          (callback) => this.#binding.surveyNext(scan, callback),
        )
        // A batch may hold ten thousands of records: all of them as objects would outweigh it.
        for (let at = 0; at < table.length; at += tableSlice) {
          const items = rows.take(table.subarray(at, at + tableSlice), buffer)
          if (items.length > 0) yield items
        }
        if (table.length > 0) continue
        const rest = rows.end()
        if (rest.length > 0) yield rest
        return
      }
    } finally {
      this.#binding.scanRelease(scan)
    }
  }

  /**
   * The data file; undefined when there is none.
   * @throws ERR_SEAWALL_CORRUPT_STORE, ERR_SEAWALL_LOG_MISMATCH, ERR_SEAWALL_UNSUPPORTED_FORMAT
   */
  pageFile(): Promise<PageFileLayout | undefined> {
    this.#pageFile ??= this.#openPageFile()
    return this.#pageFile
  }

  /** Reads `count` pages from `first` on. REQUIRES: they exist; first > 0. */
  async pages(first: number, count: number): Promise<readonly PageCondition[]> {
    const survey = await this.#openedPages()
    const [table] = await answered<[Float64Array]>((callback) =>
      this.#binding.surveyPages(survey, first, count, callback),
    )
    return pageConditions(table)
  }

  /** The bytes of a page, header included, whatever its condition. REQUIRES: as pages(). */
  async page(pageId: number): Promise<Uint8Array> {
    const survey = await this.#openedPages()
    const [bytes] = await answered<[Uint8Array]>((callback) =>
      this.#binding.surveyPage(survey, pageId, callback),
    )
    return bytes
  }

  /** Lets the files go. Idempotent. */
  async close(): Promise<void> {
    if (this.#survey !== undefined) this.#binding.surveyRelease(this.#survey)
    this.#survey = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #openPageFile(): Promise<PageFileLayout | undefined> {
    const { survey } = this.#opened()
    try {
      const [file] = await answered<[NativePageFile]>((callback) =>
        this.#binding.surveyPageFile(survey, callback),
      )
      return file as unknown as PageFileLayout
    } catch (error) {
      if ((error as SeawallError).code === 'ERR_SEAWALL_NOT_FOUND') return undefined
      throw error
    }
  }

  // Native code asserts that the data file was opened.
  async #openedPages(): Promise<NativeSurvey> {
    if ((await this.pageFile()) === undefined) {
      throw new SeawallError('ERR_SEAWALL_NOT_FOUND', { path: join(this.directory, 'pages') })
    }
    return this.#opened().survey
  }

  #opened(): { survey: NativeSurvey } {
    if (this.#survey === undefined) throw new SeawallError('ERR_SEAWALL_CLOSED')
    return { survey: this.#survey }
  }
}

/** What an asynchronous native function answers with. */
function answered<Results extends unknown[]>(
  start: (callback: (error: NativeError | undefined, ...results: Results) => void) => void,
): Promise<Results> {
  return new Promise((done, reject) => {
    start((error, ...results) => {
      if (error === undefined) done(results)
      else reject(toSeawallError(error))
    })
  })
}

function layoutFrom(native: NativeLogLayout): LogLayout {
  const [slot0, slot1] = native.slots.map(({ record, error }): MasterSlot => {
    if (record !== undefined) return { record: record as MasterRecord }
    return { problem: sentenceOf(error) }
  }) as [MasterSlot, MasterSlot]
  return {
    logId: native.logId,
    segmentBytes: native.segmentBytes,
    blockBytes: native.blockBytes,
    slots: [slot0, slot1],
    master: native.master as MasterRecord | undefined,
    segments: native.segments.map(({ error, incarnation, preparedAtMs, ...file }) => ({
      ...(file as Pick<SegmentFile, keyof typeof file>),
      ...(error === undefined ? { incarnation, preparedAtMs } : { problem: sentenceOf(error) }),
    })),
    missingSegments: native.missingSegments,
    oldestLSN: native.oldestLSN as LSN,
    filesEndLSN: native.filesEndLSN as LSN,
    isStore: native.isStore,
  }
}

function sentenceOf(error: NativeError | undefined): string {
  return error === undefined ? 'unknown' : error.detail || toSeawallError(error).message
}

function tailFrom(
  error: NativeError | undefined,
  report: NativeReport,
  { master, oldestLSN }: LogLayout,
): LogTail {
  const damage = error === undefined ? undefined : toSeawallError(error)
  // Where it could not even be looked for, what the master record says is durable is in the log.
  const promiseLSN = Math.max(report.promiseLSN, damage === undefined ? 0 : promiseOf(master))
  const lostLSN = Math.max(oldestLSN, promiseLSN)
  const tail: LogTail = {
    verdict: damage !== undefined ? 'damaged' : verdictOf(report),
    endLSN: (damage === undefined ? report.endLSN : (damage.lsn ?? lostLSN)) as LSN,
    reason: damage === undefined ? report.reason : sentenceOf(error),
    closedCleanly: report.closedCleanly,
    incarnation: report.incarnation,
    promiseLSN: promiseLSN as LSN,
    cutBytes: report.cutBytes,
    scannedFromLSN: report.scannedFromLSN as LSN,
    scannedRecords: report.scannedRecords,
  }
  return damage === undefined ? tail : { ...tail, error: damage }
}

function promiseOf(master: MasterRecord | undefined): number {
  return master?.promiseLSN ?? 0
}

function verdictOf(report: NativeReport): 'new' | 'clean' | 'torn' {
  if (report.decision === 'created') return 'new'
  return report.decision === 'clean-end' ? 'clean' : 'torn'
}
