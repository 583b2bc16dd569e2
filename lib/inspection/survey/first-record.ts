import { recordBodyBytesMax } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import type { SurveySource } from './settled-log.ts'
import type { LogLayout } from './survey-types.ts'

const lookBackBytes = 16 * 1024 * 1024
// More than the largest record with the headers of its pieces.
const lookBackBytesMax = 2 * recordBodyBytesMax

/** Where the files begin; records before oldestLSN may still be there. */
export function filesStartLSN({ segments, oldestLSN }: LogLayout): LSN {
  return Math.min(oldestLSN, segments[0]?.startLSN ?? oldestLSN) as LSN
}

/**
 * Where a walk from `lsn` begins: the end of the record that `lsn` lies in, or `lsn` itself when a
 * record ends there or none is there. Reads some MiB before it; more only within a record that is
 * larger, whose first piece has to be found.
 */
export async function startOfWalk(survey: SurveySource, lsn: LSN): Promise<LSN> {
  const start = filesStartLSN(survey.layout)
  if (lsn <= start) return start
  if (lsn === survey.layout.oldestLSN || lsn >= survey.layout.filesEndLSN) return lsn
  for (let bytes = lookBackBytes; ; bytes *= 4) {
    const from = Math.max(start, lsn - bytes) as LSN
    const found = await lastStart(survey, from, lsn)
    if (found.isSure || from === start || bytes >= lookBackBytesMax) return found.start
  }
}

// Not sure: everything from `from` on may be pieces of one record, whose first one lies before it.
async function lastStart(
  survey: SurveySource,
  from: LSN,
  lsn: LSN,
): Promise<{ start: LSN; isSure: boolean }> {
  let start = lsn
  let isSure = false
  for await (const batch of survey.scan({ from, to: lsn, bodyBytesMax: 0 })) {
    for (const item of batch) {
      if (item.what !== 'record') continue
      if (item.problem === undefined) isSure = true
      if (item.nextLSN > lsn) start = item.nextLSN
    }
  }
  return { start, isSure }
}
