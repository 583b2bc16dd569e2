import { noLSN } from '../../format/engine-record.ts'
import { incarnationBody } from '../../format/layout.ts'
import type { AnalysisResult } from '../../recovery/analysis.ts'
import { EngineRecords } from './engine-records.ts'
import type { CheckName, Findings } from './finding.ts'
import { readCheckpoint } from '../state/last-checkpoint.ts'
import { LogOrder } from './log-order.ts'
import type { LogSurvey } from '../survey/log-survey.ts'
import { PageHistory } from './page-history.ts'
import type { PagesSeen } from './pages-seen.ts'
import type { LogTail, ScannedItem } from '../survey/survey-types.ts'

/** One layer of checks. */
export interface VerifyCheck {
  readonly name: CheckName
  /** What was looked at, in numbers. */
  readonly counts: Readonly<Record<string, number>>
  /** Why it was left out, or what of it. */
  readonly skipped?: string
}

/** What the log says of the pages. */
export interface LogVerdict {
  readonly history: PageHistory
  /** Undefined: the log does not say what a restart would find. */
  readonly analysis: AnalysisResult | undefined
  readonly checks: readonly VerifyCheck[]
}

/** Reads the log from end to end and checks every record of it. */
export async function verifyLog(
  survey: LogSurvey,
  tail: LogTail,
  seen: PagesSeen,
  findings: Findings,
  progress: (done: number, total: number) => void,
): Promise<LogVerdict> {
  const { master, oldestLSN, filesEndLSN, isStore } = survey.layout
  const checkpointLSN = master?.checkpointLSN ?? noLSN
  noteEnd(tail, findings)
  const order = new LogOrder(findings, tail, master)
  const checkpoint = await readCheckpoint(survey, checkpointLSN)
  const dirty = new Set(checkpoint?.pages.map(({ pageId }) => pageId))
  const history = new PageHistory(seen, checkpointLSN, dirty)
  const isEngines = isStore || checkpointLSN !== noLSN
  const engine = new EngineRecords(findings, history, oldestLSN, checkpointLSN)
  // What stands behind a good end is no part of the log.
  const to = tail.verdict === 'damaged' ? filesEndLSN : tail.endLSN
  if (oldestLSN < to) {
    const bodies = isEngines ? {} : { bodyBytesMax: incarnationBody.bytes }
    for await (const batch of survey.scan({ from: oldestLSN, to, ...bodies })) {
      for (const item of batch) {
        const isGood = order.take(item)
        if (isEngines) pass(item, isGood, tail, engine)
      }
      progress((batch[batch.length - 1] as ScannedItem).lsn - oldestLSN, to - oldestLSN)
    }
  }
  order.end()
  const log = { name: 'log' as const, counts: { records: order.records, bytes: order.bytes } }
  if (!isEngines) return { history, analysis: undefined, checks: [log] }
  // What stands behind the damage was not followed.
  if (tail.verdict === 'damaged') engine.hole(filesEndLSN)
  const analysis = engine.end(tail.endLSN)
  const { transactions, checkpoints } = engine
  const records = { name: 'engine records' as const, counts: { transactions, checkpoints } }
  return {
    history,
    analysis: master === undefined ? undefined : analysis,
    checks: [log, records],
  }
}

function pass(item: ScannedItem, isGood: boolean, tail: LogTail, engine: EngineRecords): void {
  if (isGood && item.what === 'record') engine.take(item)
  else if (item.lsn < tail.endLSN) engine.hole(item.what === 'gap' ? item.endLSN : item.nextLSN)
}

function noteEnd({ verdict, endLSN, cutBytes, reason, error }: LogTail, findings: Findings): void {
  if (verdict === 'damaged') {
    const isAtPlace = error?.code === 'ERR_SEAWALL_CORRUPT_LOG' && error.lsn !== undefined
    const what = isAtPlace ? `what was durable at LSN ${endLSN} is not good (${reason})` : reason
    const sentence = `the log cannot be opened: ${what}`
    findings.add('log-end-damaged', sentence, { lsn: endLSN })
  } else if (verdict === 'torn') {
    const sentence = `${cutBytes} bytes behind the end at LSN ${endLSN} were never acknowledged (${reason})`
    findings.add('torn-tail', sentence, { lsn: endLSN })
  }
}
