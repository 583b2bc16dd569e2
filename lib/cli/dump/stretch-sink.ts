import { EngineColumns } from '../../inspection/records/engine-columns.ts'
import type { Place, Stretch } from '../../inspection/walk/log-walk.ts'
import type { RecordFilter } from '../../inspection/records/record-filter.ts'
import type { RecordStatistics } from '../../inspection/records/record-statistics.ts'
import type { ScannedRecord } from '../../inspection/survey/survey-types.ts'
import type { Output } from '../terminal/output.ts'
import type { DumpFindings } from './dump-findings.ts'
import type { DumpLines, EmptyStretch } from './dump-lines.ts'

/** What becomes of what a walk finds. */
export interface StretchSink {
  /** True: no more is wanted. */
  take(stretch: Stretch): Promise<boolean>
}

/** Which records are wanted, and what damage there is among all of them. */
class Selection {
  readonly columns = new EngineColumns()
  readonly #filter: RecordFilter
  readonly #findings: DumpFindings

  constructor(filter: RecordFilter, findings: DumpFindings) {
    this.#filter = filter
    this.#findings = findings
  }

  /** Reads the columns, too. A record that is not wanted can be damaged all the same. */
  has(record: ScannedRecord, place: Place): boolean {
    if (record.problem !== undefined && place === 'in the log') this.#findings.badRecord(record)
    this.columns.read(record)
    return this.#filter.matches(record, this.columns)
  }

  note(stretch: EmptyStretch): void {
    if (stretch.what === 'damage') this.#findings.gap(stretch.gap)
  }
}

/** Prints the records that are wanted, `limit` at most, and every gap. */
export class RecordPrinter implements StretchSink {
  readonly #selection: Selection
  readonly #lines: DumpLines
  readonly #output: Output
  #left: number

  constructor(
    filter: RecordFilter,
    findings: DumpFindings,
    lines: DumpLines,
    output: Output,
    limit: number,
  ) {
    this.#selection = new Selection(filter, findings)
    this.#lines = lines
    this.#output = output
    this.#left = limit
  }

  async take(stretch: Stretch): Promise<boolean> {
    const selection = this.#selection
    if (stretch.what !== 'records') {
      selection.note(stretch)
      if (this.#output.line(this.#lines.empty(stretch))) await this.#output.drain()
      return false
    }
    for (const record of stretch.records) {
      if (!selection.has(record, stretch.place)) continue
      const line = this.#lines.record(record, selection.columns, stretch.place)
      if (this.#output.line(line)) await this.#output.drain()
      const below = this.#lines.below(record)
      if (below !== undefined) await this.#print(below)
      this.#left -= 1
      if (this.#left <= 0) return true
    }
    return false
  }

  async #print(lines: Iterable<string>): Promise<void> {
    for (const line of lines) if (this.#output.line(line)) await this.#output.drain()
  }
}

/** Counts the records that are wanted, `limit` at most. */
export class RecordCounter implements StretchSink {
  readonly #selection: Selection
  readonly #statistics: RecordStatistics
  readonly #limit: number

  constructor(
    filter: RecordFilter,
    findings: DumpFindings,
    statistics: RecordStatistics,
    limit: number,
  ) {
    this.#selection = new Selection(filter, findings)
    this.#statistics = statistics
    this.#limit = limit
  }

  take(stretch: Stretch): Promise<boolean> {
    if (stretch.what !== 'records') {
      this.#selection.note(stretch)
      return Promise.resolve(false)
    }
    for (const record of stretch.records) {
      if (!this.#selection.has(record, stretch.place)) continue
      this.#statistics.add(record, this.#selection.columns)
      if (this.#statistics.total.count >= this.#limit) return Promise.resolve(true)
    }
    return Promise.resolve(false)
  }
}
