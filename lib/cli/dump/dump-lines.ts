import type { EngineColumns } from '../../inspection/records/engine-columns.ts'
import type { Place, Stretch } from '../../inspection/walk/log-walk.ts'
import type { ScannedRecord } from '../../inspection/survey/survey-types.ts'

/** A stretch without records. */
export type EmptyStretch = Exclude<Stretch, { what: 'records' }>

/** How a dump looks; each text is a line, or more. */
export interface DumpLines {
  /** The names of the columns. */
  head(): string | undefined
  /** `columns` are those of the record. */
  record(record: ScannedRecord, columns: EngineColumns, place: Place): string
  /** Lines below that of a record. */
  below(record: ScannedRecord): Iterable<string> | undefined
  empty(stretch: EmptyStretch): string
}
