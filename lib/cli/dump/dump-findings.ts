import type {
  LogLayout,
  LogTail,
  ScannedGap,
  ScannedRecord,
} from '../../inspection/survey/survey-types.ts'
import { bytesInWords, counted } from '../terminal/quantities.ts'
import { exitCode } from '../usage-error.ts'

const segmentsNamedMax = 8

/** The damage that a dump came by. */
export class DumpFindings {
  #gaps = 0
  #gapBytes = 0
  #badRecords = 0
  #firstLSN: number | undefined
  #sentences: string[] = []

  gap({ lsn, endLSN }: ScannedGap): void {
    this.#gaps += 1
    this.#gapBytes += endLSN - lsn
    this.#firstLSN ??= lsn
  }

  badRecord({ lsn }: ScannedRecord): void {
    this.#badRecords += 1
    this.#firstLSN ??= lsn
  }

  /** What stands in the files beside the records, and the end. */
  log(layout: LogLayout, tail: LogTail): void {
    if (tail.error !== undefined) this.#sentences.push(tail.error.message)
    const bad = layout.segments.filter((segment) => {
      return segment.problem !== undefined && isInLog(segment.number, layout)
    })
    for (const { path, problem } of bad.slice(0, segmentsNamedMax)) {
      this.#sentences.push(`${path}: ${problem ?? ''}`)
    }
    if (bad.length > segmentsNamedMax) {
      this.#sentences.push(`${bad.length - segmentsNamedMax} more segments have a problem`)
    }
  }

  /** Empty: there is none. */
  sentences(): readonly string[] {
    const seen = this.#gaps + this.#badRecords
    if (seen === 0) return this.#sentences
    const parts = [
      ...(this.#gaps === 0
        ? []
        : [`${counted(this.#gaps, 'gap')} of ${bytesInWords(this.#gapBytes)} together`]),
      ...(this.#badRecords === 0 ? [] : [`${counted(this.#badRecords, 'record')} with a problem`]),
    ]
    return [
      `damage: ${parts.join(' and ')}, the first at LSN ${this.#firstLSN ?? 0}`,
      ...this.#sentences,
    ]
  }

  value(): Readonly<Record<string, unknown>> {
    return {
      gaps: this.#gaps,
      gapBytes: this.#gapBytes,
      recordsWithProblem: this.#badRecords,
      firstLSN: this.#firstLSN ?? null,
      sentences: this.#sentences,
    }
  }
}

// Segments before the oldest record are waiting to be recycled, those behind the last one are not
// in use yet.
function isInLog(
  number: number,
  { oldestLSN, segmentBytes, blockBytes, master }: LogLayout,
): boolean {
  const first = Math.floor(oldestLSN / (segmentBytes - blockBytes))
  return number >= first && number <= (master?.lastSegment ?? Number.MAX_SAFE_INTEGER)
}

/** Says on standard error what damage there is. @returns the exit code */
export function concluded(findings: DumpFindings): number {
  const sentences = findings.sentences()
  for (const sentence of sentences) console.error(`seawall: ${sentence}`)
  return sentences.length === 0 ? exitCode.good : exitCode.finding
}
