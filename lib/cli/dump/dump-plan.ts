import type { LSN } from '../../format/lsn.ts'
import { columnsBodyBytes, EngineColumns } from '../../inspection/records/engine-columns.ts'
import { startOfWalk } from '../../inspection/survey/first-record.ts'
import { startOfLast } from '../../inspection/survey/last-records.ts'
import type { RecordFilter } from '../../inspection/records/record-filter.ts'
import type { SettledLog } from '../../inspection/survey/settled-log.ts'
import { colourFor } from '../terminal/colour.ts'
import type { DumpLines } from './dump-lines.ts'
import type { DumpOptions } from './dump-options.ts'
import { JsonLines } from './json-lines.ts'
import { TextLines } from './text-lines.ts'

// The largest change of a page is two pages long; what is longer is shown by its beginning.
const storeBodyBytes = 256 * 1024
const plainBodyBytes = 64

/** How much of each body has to be read for what is to be shown. */
export function bodyBytesNeeded(options: DumpOptions, isStore: boolean): number {
  if (options.isStats) return columnsBodyBytes
  const shown = options.isHex || options.isJson ? options.bodyBytes : 0
  return Math.max(shown, isStore ? storeBodyBytes : plainBodyBytes)
}

/** What the dump is printed as. */
export function linesFor(options: DumpOptions, { survey }: SettledLog): DumpLines {
  const { isStore, filesEndLSN } = survey.layout
  const { isJson, isHex, bodyBytes } = options
  if (isJson) return new JsonLines(isStore, bodyBytes, isHex)
  const colours = colourFor(process.stdout)
  return new TextLines(isStore, filesEndLSN, colours, isHex ? bodyBytes : undefined)
}

/** Where the records end that the dump is about; `endLSN` is where the log's do. */
export function endOf(options: DumpOptions, { survey, tail }: SettledLog): LSN {
  const isToFilesEnd = options.isPastEnd || tail.verdict === 'damaged'
  return Math.min(options.to, isToFilesEnd ? survey.layout.filesEndLSN : tail.endLSN) as LSN
}

/** Where they begin. `--last` counts the records below `endLSN` that pass the filter. */
export async function startOf(
  options: DumpOptions,
  { survey }: SettledLog,
  filter: RecordFilter,
  endLSN: LSN,
): Promise<LSN> {
  const { from, last } = options
  const { oldestLSN } = survey.layout
  const start = from === undefined ? oldestLSN : await startOfWalk(survey, from as LSN)
  if (last === undefined || start >= endLSN) return start
  const columns = new EngineColumns()
  return startOfLast(survey, last, start, endLSN, columnsBodyBytes, (record) => {
    columns.read(record)
    return filter.matches(record, columns)
  })
}
