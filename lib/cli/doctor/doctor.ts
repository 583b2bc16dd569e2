import { statSync } from 'node:fs'

import { runDoctor, type DoctorReport } from '../../doctor/doctor.ts'
import { CommandLine, type OptionRule } from '../command-line.ts'
import type { Command } from '../commands.ts'
import { colourFor } from '../terminal/colour.ts'
import { printLines } from '../terminal/output.ts'
import { ProgressBar } from '../terminal/progress-bar.ts'
import { toolVersion } from '../tool-version.ts'
import { exitCode, UsageError } from '../usage-error.ts'
import { jsonOf } from './report-json.ts'
import { reportLines } from './report-text.ts'

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const columnsMax = 100

const rules: Record<string, OptionRule> = {
  seconds: { value: 'N', help: 'how long to measure altogether (default 5)' },
  'no-measure': { help: 'write nothing at all' },
  json: { help: 'print the findings, the table and all facts as JSON' },
}

/** `seawall doctor`. */
export const command: Command = {
  run: async (args) => {
    const line = new CommandLine(
      'seawall doctor',
      'Looks at the machine, the file system and the drive below DIR (default: the current ' +
        'directory), measures\nhow long flushes take, and says what to change. Changes ' +
        'nothing: it ' +
        'measures in a scratch directory in\nDIR, which it removes.\nExit code 0: all well; 1: ' +
        'something should be changed; 2: it could not look. docs/DOCTOR.md',
      rules,
      args,
      ['[DIR]'],
    )
    if (line.isHelp) {
      console.log(line.usage)
      return exitCode.good
    }
    const seconds = line.integer('seconds', 5, 1, 3600)
    const directory = line.word(0) ?? '.'
    checkDirectory(directory)
    const report = await examined(directory, line.switch('no-measure') ? undefined : seconds)
    await printLines(line.switch('json') ? [jsonOf(report, toolVersion())] : inWords(report))
    return report.level === 'good' || report.level === 'note' ? exitCode.good : exitCode.finding
  },
}

function inWords(report: DoctorReport): string[] {
  const columns = Math.min(columnsMax, process.stdout.columns || columnsMax)
  return reportLines(report, colourFor(process.stdout), columns)
}

const sentences: Record<string, string> = {
  ENOENT: 'there is no such directory',
  ENOTDIR: 'part of the path is not a directory',
  EACCES: 'this user may not look there',
  ELOOP: 'its symbolic links go in circles',
  ENAMETOOLONG: 'the name is too long',
}

function checkDirectory(path: string): void {
  let isDirectory: boolean
  try {
    isDirectory = statSync(path).isDirectory()
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException
    throw new UsageError(`'${path}' cannot be examined: ${sentences[code] ?? message}`)
  }
  if (!isDirectory) {
    throw new UsageError(`'${path}' is not a directory; name the one that a log is in, or will be`)
  }
}

// A signal ends the measuring, which cleans up; then it does to this process what it always does.
async function examined(directory: string, seconds: number | undefined): Promise<DoctorReport> {
  if (seconds === undefined) return runDoctor(directory, undefined)
  const ending = new AbortController()
  const stop = (signal: NodeJS.Signals): void => ending.abort(signal)
  for (const signal of endings) process.on(signal, stop)
  const progress = new ProgressBar('measuring', 'time')
  try {
    return await runDoctor(directory, {
      seconds,
      signal: ending.signal,
      onProgress: (doneMs, totalMs) => progress.at(doneMs, totalMs),
    })
  } finally {
    progress.end()
    for (const signal of endings) process.off(signal, stop)
    if (ending.signal.aborted) process.kill(process.pid, ending.signal.reason as NodeJS.Signals)
  }
}
