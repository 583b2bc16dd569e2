import { fstatSync } from 'node:fs'

import type { LSN } from '../../format/lsn.ts'
import { LogWalk } from '../../inspection/walk/log-walk.ts'
import { RecordFilter } from '../../inspection/records/record-filter.ts'
import { RecordStatistics } from '../../inspection/records/record-statistics.ts'
import { type SettledLog, settledLog } from '../../inspection/survey/settled-log.ts'
import type { CommandLine } from '../command-line.ts'
import { Output } from '../terminal/output.ts'
import { ProgressBar } from '../terminal/progress-bar.ts'
import { concluded, DumpFindings } from './dump-findings.ts'
import { type DumpOptions, dumpQuery } from './dump-options.ts'
import { bodyBytesNeeded, endOf, linesFor, startOf } from './dump-plan.ts'
import { statisticsInWords, statisticsValue } from './statistics-output.ts'
import { RecordCounter, RecordPrinter, type StretchSink } from './stretch-sink.ts'

/** Prints what is in the log now. @returns the exit code */
export async function dumpLog(
  directory: string,
  line: CommandLine,
  options: DumpOptions,
): Promise<number> {
  const log = await settledLog(directory)
  try {
    const filter = new RecordFilter(dumpQuery(line, log.survey.layout.isStore))
    const findings = new DumpFindings()
    findings.log(log.survey.layout, log.tail)
    const output = new Output()
    const print = options.isStats ? printStatistics : printRecords
    await print(log, options, filter, findings, output)
    await output.drain()
    return concluded(findings)
  } finally {
    await log.survey.close()
  }
}

async function printRecords(
  log: SettledLog,
  options: DumpOptions,
  filter: RecordFilter,
  findings: DumpFindings,
  output: Output,
): Promise<void> {
  const lines = linesFor(options, log)
  const head = lines.head()
  if (head !== undefined) output.line(head)
  const sink = new RecordPrinter(filter, findings, lines, output, options.limit)
  await walk(log, options, filter, sink)
}

async function printStatistics(
  log: SettledLog,
  options: DumpOptions,
  filter: RecordFilter,
  findings: DumpFindings,
  output: Output,
): Promise<void> {
  const statistics = new RecordStatistics(log.survey.layout.isStore)
  await walk(log, options, filter, new RecordCounter(filter, findings, statistics, options.limit))
  if (!options.isJson) output.line(statisticsInWords(statistics, log.tail))
  else {
    const value = { ...statisticsValue(statistics, log.tail), damage: findings.value() }
    output.line(JSON.stringify(value))
  }
}

async function walk(
  log: SettledLog,
  options: DumpOptions,
  filter: RecordFilter,
  sink: StretchSink,
): Promise<void> {
  if (options.limit === 0) return
  const endLSN = endOf(options, log)
  const from = await startOf(options, log, filter, endLSN)
  const logWalk = new LogWalk(log, {
    from,
    to: options.to as LSN,
    bodyBytesMax: bodyBytesNeeded(options, log.survey.layout.isStore),
    pastEnd: options.isPastEnd,
  })
  const progress = new ProgressBar('reading', 'bytes', progressTerminal(options))
  try {
    for await (const stretch of logWalk.stretches()) {
      progress.at(logWalk.position - from, endLSN - from)
      if (await sink.take(stretch)) return
    }
  } finally {
    progress.end()
  }
}

// The bar would stand between records on a terminal, and in a pager.
function progressTerminal({ isStats }: DumpOptions): NodeJS.WriteStream | SilentTerminal {
  return isStats || fstatSync(process.stdout.fd).isFile() ? process.stderr : silentTerminal
}

interface SilentTerminal {
  readonly isTTY: false
  write(text: string): void
}

const silentTerminal: SilentTerminal = { isTTY: false, write: () => undefined }
