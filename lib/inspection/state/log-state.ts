// What a log or a store is made of, from outside.
import { noLSN } from '../../format/engine-record.ts'
import { formatVersion, incarnationBody } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import { type Incarnation, incarnationOf } from '../survey/incarnations.ts'
import { type LogUse, logUse } from '../survey/lock-holders.ts'
import { LogSurvey } from '../survey/log-survey.ts'
import { settledLog } from '../survey/settled-log.ts'
import { type StoreState, StoreStateReader } from './store-state.ts'
import type { LogLayout, LogTail, PageFileLayout, SegmentFile } from '../survey/survey-types.ts'
import { SeawallError } from '../../errors.ts'

export interface SegmentCounts {
  /** Between the beginning and the end of the log. */
  readonly live: number
  /** Behind the end, ready to be written. */
  readonly ahead: number
  /** Below the beginning, waiting to be used again. */
  readonly spare: number
  readonly bytesOnDisk: number
}

export interface LogState {
  readonly directory: string
  readonly formatVersion: number
  readonly layout: LogLayout
  readonly tail: LogTail
  readonly use: LogUse
  readonly segments: SegmentCounts
  /** Those whose first records were read, in order. */
  readonly incarnations: readonly Incarnation[]
  /** The records from here to the end were read. */
  readonly readFromLSN: LSN
  readonly records: number
  /** Undefined: no store. */
  readonly pageFile?: PageFileLayout
  /** A store: what a restart would begin with, or why that cannot be said. */
  readonly store?: StoreState
  readonly storeProblem?: string
}

/**
 * Reads what stands in the directory, and of the log as much as a restart would: from the last
 * checkpoint on. `isFull`: all of it. Needs no lock and changes nothing.
 *
 * @throws ERR_SEAWALL_NOT_FOUND, ERR_SEAWALL_NOT_A_LOG, ERR_SEAWALL_UNSUPPORTED_FORMAT,
 * ERR_SEAWALL_CORRUPT_LOG, ERR_SEAWALL_PERMISSION, ERR_SEAWALL_IO
 */
export async function readLogState(
  directory: string,
  isFull = false,
  progress: (done: number, total: number) => void = () => {},
): Promise<LogState> {
  let found: LogSurvey | undefined
  const { tail } = await settledLog(directory, async (path) => {
    found = await LogSurvey.open(path)
    return found
  })
  await using survey = found as LogSurvey
  const { layout } = survey
  const use = await logUse(survey.directory)
  const { pageFile, problem } = await pageFileOf(survey)
  const checkpointLSN = layout.master?.checkpointLSN ?? noLSN
  const isStore = layout.isStore || checkpointLSN !== noLSN
  const readFromLSN = isFull ? layout.oldestLSN : firstNeeded(layout, tail)
  const reader = new StoreStateReader(checkpointLSN)
  const incarnations = new Map<number, Incarnation>()
  const newest = isFull ? undefined : await newestIncarnation(survey)
  if (newest !== undefined) incarnations.set(newest.incarnation, newest)
  let records = 0
  const total = tail.endLSN - readFromLSN
  if (total > 0) {
    const bodies = isStore ? {} : { bodyBytesMax: incarnationBody.bytes }
    for await (const batch of survey.scan({ from: readFromLSN, to: tail.endLSN, ...bodies })) {
      for (const item of batch) {
        if (isStore) reader.take(item)
        if (item.what === 'gap') continue
        records += 1
        const incarnation = incarnationOf(item)
        if (incarnation !== undefined) incarnations.set(incarnation.incarnation, incarnation)
      }
      progress((batch[batch.length - 1]?.lsn ?? readFromLSN) - readFromLSN, total)
    }
  }
  const store = isStore ? storeOf(reader, layout, tail) : undefined
  const storeProblem = typeof store === 'string' ? store : problem
  return {
    directory: survey.directory,
    formatVersion,
    layout,
    tail,
    use,
    segments: segmentCounts(layout, tail.endLSN),
    incarnations: [...incarnations.values()].sort((a, b) => a.incarnation - b.incarnation),
    readFromLSN,
    records,
    ...(pageFile === undefined ? {} : { pageFile }),
    ...(store === undefined || typeof store === 'string' ? {} : { store }),
    ...(storeProblem === undefined ? {} : { storeProblem }),
  }
}

/** What an open reads anyway: a restart from the checkpoint on, a log from its promise on. */
function firstNeeded({ master, oldestLSN }: LogLayout, tail: LogTail): LSN {
  if (master === undefined) return oldestLSN
  const from = master.checkpointLSN === noLSN ? master.promiseLSN : master.checkpointLSN
  return Math.min(Math.max(from, oldestLSN), tail.endLSN) as LSN
}

async function newestIncarnation(survey: LogSurvey): Promise<Incarnation | undefined> {
  const { master, oldestLSN } = survey.layout
  const lsn = master?.incarnationStartLSN
  if (lsn === undefined || lsn < oldestLSN) return undefined
  for await (const batch of survey.scan({ from: lsn, to: (lsn + 1) as LSN })) {
    for (const item of batch) {
      if (item.what === 'record' && item.lsn === lsn) return incarnationOf(item)
    }
  }
  return undefined
}

function storeOf(reader: StoreStateReader, layout: LogLayout, tail: LogTail): StoreState | string {
  if (layout.master === undefined)
    return 'the master record, which names the checkpoint, is damaged'
  if (tail.verdict === 'damaged') return `the log is damaged at LSN ${tail.endLSN}`
  return reader.state(layout.oldestLSN, tail.endLSN)
}

async function pageFileOf(
  survey: LogSurvey,
): Promise<{ pageFile: PageFileLayout | undefined; problem: string | undefined }> {
  try {
    const pageFile = await survey.pageFile()
    const hasCheckpoint = (survey.layout.master?.checkpointLSN ?? noLSN) !== noLSN
    const isMissing = pageFile === undefined && (survey.layout.isStore || hasCheckpoint)
    return { pageFile, problem: isMissing ? 'the data file is missing' : undefined }
  } catch (error) {
    const isExpected = error instanceof SeawallError && error.code !== 'ERR_SEAWALL_PERMISSION'
    if (!isExpected) throw error
    return { pageFile: undefined, problem: error.message }
  }
}

function segmentCounts({ segments, oldestLSN, master }: LogLayout, endLSN: LSN): SegmentCounts {
  const lastSegment = master?.lastSegment ?? Infinity
  const isSpare = ({ number, endLSN: end }: SegmentFile): boolean => {
    return end <= oldestLSN || number > lastSegment
  }
  const spare = segments.filter(isSpare).length
  const ahead = segments.filter((segment) => !isSpare(segment) && segment.startLSN > endLSN).length
  return {
    live: segments.length - spare - ahead,
    ahead,
    spare,
    bytesOnDisk: segments.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}
