import { recordInWords } from '../../recovery/record-in-words.ts'
import type { RecordDescription } from '../../recovery/describe-record.ts'
import type { RestartStep } from './restart-walk.ts'

const bytesMax = 128
const rowsMax = 100

/** A step of a restart in memory that does not grow with its record. */
export interface ToldStep {
  readonly step: RestartStep
  /** The record on one line; empty: the step has none. */
  readonly words: string
}

/**
 * A step that can be kept: nothing of it refers to the part of the log that was read. Of bytes and
 * of rows only the first ones are there; `bodyBytes` of the record says how large it is.
 */
export function boundedStep(step: RestartStep): ToldStep {
  const [words = ''] = step.record === undefined ? [] : recordInWords(step.record).split('\n', 1)
  if (step.phase !== 'undo') return { step: { ...step, record: boundedRecord(step.record) }, words }
  const { record, compensation, ...rest } = step
  const undo = {
    ...rest,
    ...(record === undefined ? {} : { record: boundedRecord(record) }),
    ...(compensation === undefined
      ? {}
      : { compensation: { ...compensation, payload: firstBytes(compensation.payload) } }),
  }
  return { step: undo, words }
}

function boundedRecord(record: RecordDescription): RecordDescription {
  const { payload, fields, checkpoint, ...rest } = record
  return {
    ...rest,
    ...(payload === undefined ? {} : { payload: firstBytes(payload) }),
    ...(fields === undefined ? {} : { fields: boundedFields(fields) }),
    ...(checkpoint === undefined
      ? {}
      : {
          checkpoint: {
            ...checkpoint,
            transactions: checkpoint.transactions.slice(0, rowsMax),
            pages: checkpoint.pages.slice(0, rowsMax),
          },
        }),
  }
}

function boundedFields(
  fields: NonNullable<RecordDescription['fields']>,
): NonNullable<RecordDescription['fields']> {
  const entries = Object.entries(fields).map(([name, value]) => {
    return [name, typeof value === 'object' ? firstBytes(value) : value] as const
  })
  return Object.fromEntries(entries)
}

// A copy: a part of the batch would keep all of it.
function firstBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.subarray(0, bytesMax))
}
