import type { LSN } from '../../format/lsn.ts'
import { EngineColumns } from '../../inspection/records/engine-columns.ts'
import type { Place } from '../../inspection/walk/log-walk.ts'
import { typeNameOf } from '../../inspection/records/record-kinds.ts'
import { recordValue, type RecordValue } from '../../inspection/records/record-value.ts'
import { recordDetails } from '../../inspection/records/record-words.ts'
import type { ScannedRecord } from '../../inspection/survey/survey-types.ts'
import type { InspectedLog } from '../inspected-log.ts'

const bodyBytesMax = 64 * 1024
const bytesShownMax = 4096
const valueBytesMax = 1024
const entriesMax = 100

/** Everything that the record at `lsn` says, with the first bytes of its body. */
export async function oneRecord(log: InspectedLog, lsn: LSN) {
  const record = await recordAt(log, lsn)
  if (record === undefined) return { lacking: whyNone(log, lsn) }
  const { survey, isStore } = log
  const columns = new EngineColumns()
  if (isStore) columns.read(record)
  const { segmentBytes, blockBytes } = survey.layout
  const payloadBytes = segmentBytes - blockBytes
  const hex = Buffer.from(record.body.subarray(0, bytesShownMax)).toString('base64')
  return {
    value: boundedValue(recordValue(record, columns, isStore, valueBytesMax)),
    typeName: typeNameOf(record, isStore),
    words: recordDetails(record, columns, isStore),
    place: placeOf(log, lsn),
    segment: Math.floor(lsn / payloadBytes),
    offsetInSegment: blockBytes + (lsn % payloadBytes),
    body: hex,
  }
}

async function recordAt(
  { survey, endLSN }: InspectedLog,
  lsn: LSN,
): Promise<ScannedRecord | undefined> {
  if (lsn < survey.layout.oldestLSN || lsn >= endLSN) return undefined
  for await (const [item] of survey.scan({ from: lsn, to: (lsn + 1) as LSN, bodyBytesMax })) {
    return item?.what === 'record' && item.lsn === lsn ? item : undefined
  }
  return undefined
}

function whyNone({ index, survey, tail }: InspectedLog, lsn: LSN): string {
  const { oldestLSN } = survey.layout
  const damage = index.problems.find((each) => each.lsn <= lsn && lsn < each.endLSN)
  if (damage !== undefined) {
    return `No record can be read from LSN ${damage.lsn} up to LSN ${damage.endLSN}: ${damage.reason}.`
  }
  if (lsn < oldestLSN) return `The log begins at LSN ${oldestLSN}: what was before has been let go.`
  if (lsn >= tail.endLSN)
    return `The log ends at LSN ${tail.endLSN}: there is nothing at LSN ${lsn}.`
  return `No record begins at LSN ${lsn}.`
}

function placeOf({ index }: InspectedLog, lsn: LSN): Place {
  return lsn < index.toLSN ? 'in the log' : 'behind the end'
}

function boundedValue(value: RecordValue): RecordValue {
  const { checkpoint } = value as { checkpoint?: { transactions: unknown[]; pages: unknown[] } }
  if (checkpoint === undefined) return value
  const { transactions, pages } = checkpoint
  return {
    ...value,
    checkpoint: {
      ...checkpoint,
      transactions: transactions.slice(0, entriesMax),
      transactionCount: transactions.length,
      pages: pages.slice(0, entriesMax),
      pageCount: pages.length,
    },
  }
}
