import type { LSN } from '../../format/lsn.ts'
import { LogFollow } from '../../inspection/walk/log-follow.ts'
import { RecordFilter } from '../../inspection/records/record-filter.ts'
import { durableEndLSN, settledLog, visibleEndLSN } from '../../inspection/survey/settled-log.ts'
import type { CommandLine } from '../command-line.ts'
import { Output } from '../terminal/output.ts'
import { concluded, DumpFindings } from './dump-findings.ts'
import type { DumpLines } from './dump-lines.ts'
import { type DumpOptions, dumpQuery } from './dump-options.ts'
import { bodyBytesNeeded, linesFor, startOf } from './dump-plan.ts'
import { RecordPrinter } from './stretch-sink.ts'

/** Prints what is in the log, and then what is added to it, until SIGINT. @returns the exit code */
export async function followLog(
  directory: string,
  line: CommandLine,
  options: DumpOptions,
): Promise<number> {
  const findings = new DumpFindings()
  if (options.limit > 0) {
    const prepared = await prepare(directory, line, options)
    await follow(directory, options, prepared, findings)
  }
  return concluded(findings)
}

interface Prepared {
  readonly filter: RecordFilter
  readonly lines: DumpLines
  readonly logId: string
  readonly isStore: boolean
  readonly from: LSN
}

async function prepare(
  directory: string,
  line: CommandLine,
  options: DumpOptions,
): Promise<Prepared> {
  const log = await settledLog(directory)
  try {
    const { isStore, logId } = log.survey.layout
    const filter = new RecordFilter(dumpQuery(line, isStore))
    // What is not durable yet is not among the last ones.
    const shown = options.isUndurableShown ? visibleEndLSN(log) : durableEndLSN(log)
    const end = Math.min(options.to, shown) as LSN
    const from = await startOf(options, log, filter, end)
    return { filter, lines: linesFor(options, log), logId, isStore, from }
  } finally {
    await log.survey.close()
  }
}

async function follow(
  directory: string,
  options: DumpOptions,
  { filter, lines, logId, isStore, from }: Prepared,
  findings: DumpFindings,
): Promise<void> {
  const output = new Output()
  const printer = new RecordPrinter(filter, findings, lines, output, options.limit)
  const stop = new AbortController()
  const onSignal = (): void => stop.abort()
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  const head = lines.head()
  if (head !== undefined) output.line(head)
  try {
    const logFollow = new LogFollow(directory, logId, {
      from,
      to: options.to as LSN,
      bodyBytesMax: bodyBytesNeeded(options, isStore),
      pollMs: options.pollMs,
      isUndurableShown: options.isUndurableShown,
      signal: stop.signal,
    })
    for await (const stretch of logFollow.stretches()) {
      if (stretch === undefined) await output.drain()
      else if (await printer.take(stretch)) break
    }
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    await output.drain()
  }
}
