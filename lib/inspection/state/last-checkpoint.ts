import { type CheckpointEnd, noLSN } from '../../format/engine-record.ts'
import { recordEndCheckpoint } from '../../format/layout.ts'
import { decodeCheckpointEnd } from '../../format/engine-record.ts'
import type { LSN } from '../../format/lsn.ts'
import type { LogSurvey } from '../survey/log-survey.ts'

// The end record follows its begin record at once.
const recordsMax = 64

/** The tables of the checkpoint that begins at `lsn`; undefined when they are not there. */
export async function readCheckpoint(
  survey: Pick<LogSurvey, 'scan'>,
  lsn: LSN,
): Promise<CheckpointEnd | undefined> {
  if (lsn === noLSN) return undefined
  let left = recordsMax
  for await (const batch of survey.scan({ from: lsn })) {
    for (const item of batch) {
      if (item.what === 'record' && item.type === recordEndCheckpoint) {
        const checkpoint = item.problem === undefined ? decodeCheckpointEnd(item.body) : undefined
        if (checkpoint?.beginLSN === lsn) return checkpoint
      }
      left -= 1
      if (left === 0) return undefined
    }
  }
  return undefined
}
