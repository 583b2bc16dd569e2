import { readLSN } from '../../format/engine-record.ts'
import { incarnationBody } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import type { ScannedRecord } from './survey-types.ts'

/** The body that an incarnation record has. */
export interface IncarnationBody {
  readonly previousIncarnation: number
  /** Wall clock; only a hint. */
  readonly openedAtMs: number
  /** Bytes of a torn tail that this open cut off. */
  readonly cutBytes: number
}

/** An open for writing, as its first record says. */
export interface Incarnation extends IncarnationBody {
  readonly incarnation: number
  readonly lsn: LSN
}

/** Undefined: the body is too short. */
export function decodeIncarnation(body: Uint8Array): IncarnationBody | undefined {
  if (body.length < incarnationBody.bytes) return undefined
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  return {
    previousIncarnation: view.getUint32(incarnationBody.previousIncarnation, true),
    openedAtMs: readLSN(view, incarnationBody.openedAtMs),
    cutBytes: readLSN(view, incarnationBody.cutBytes),
  }
}

/** Undefined: the record begins no incarnation, or is not good. */
export function incarnationOf(record: ScannedRecord): Incarnation | undefined {
  const { lsn, incarnation, sort, body, problem } = record
  const decoded =
    sort === 'incarnation' && problem === undefined ? decodeIncarnation(body) : undefined
  return decoded === undefined ? undefined : { incarnation, lsn, ...decoded }
}
