import { type RepairOptions, repair, type RepairReport } from '../../inspection/verify/repair.ts'
import { verify, type VerifyProgress, type VerifyReport } from '../../inspection/verify/verify.ts'
import { CommandLine, type OptionRule } from '../command-line.ts'
import type { Command } from '../commands.ts'
import { colourFor } from '../terminal/colour.ts'
import { Output } from '../terminal/output.ts'
import { ProgressBar } from '../terminal/progress-bar.ts'
import { exitCode, UsageError } from '../usage-error.ts'
import { repairInWords, reportInWords } from './verify-in-words.ts'

const rules: Record<string, OptionRule> = {
  repair: { help: 'cut off a torn tail and remove unfinished files; refuses anything else' },
  'copy-to': {
    value: 'DIR',
    help: 'where copies of what --repair changes go (default: beside the directory)',
  },
  all: { help: 'print every finding that was kept, not only the first ten of each kind' },
  json: { help: 'print the report as JSON' },
}

/** `seawall verify`. */
export const command: Command = {
  run: async (args) => {
    const line = new CommandLine(
      'seawall verify',
      'Checks files, master record, every record of the log, and every page of a store, each ' +
        'against the others.\nChanges nothing without --repair, and needs no lock. Exit code 0: ' +
        'all is well; 1: damage or a warning; 2: it could not look.',
      rules,
      args,
      ['DIR'],
    )
    if (line.isHelp) {
      console.log(line.usage)
      return exitCode.good
    }
    const copyTo = line.text('copy-to')
    const isRepair = line.switch('repair')
    if (copyTo !== undefined && !isRepair) throw new UsageError('--copy-to goes with --repair')
    const bars = new Bars()
    const progress: VerifyProgress = (phase, done, total) => bars.at(phase, done, total)
    const options = copyTo === undefined ? { progress } : { progress, copyTo }
    const directory = line.word(0) ?? ''
    const print = { isJson: line.switch('json'), shownMax: line.switch('all') ? Infinity : 10 }
    try {
      return isRepair
        ? await runRepair(directory, options, bars, print)
        : await runVerify(directory, progress, bars, print)
    } finally {
      bars.end()
    }
  },
}

interface Printing {
  readonly isJson: boolean
  readonly shownMax: number
}

async function runVerify(
  directory: string,
  progress: VerifyProgress,
  bars: Bars,
  { isJson, shownMax }: Printing,
): Promise<number> {
  const report = await verify(directory, progress)
  bars.end()
  if (isJson) await print([JSON.stringify(jsonOf(report), undefined, 2)])
  else await print(reportInWords(report, shownMax, colourFor(process.stdout)))
  return codeOf(report)
}

async function runRepair(
  directory: string,
  options: RepairOptions,
  bars: Bars,
  { isJson, shownMax }: Printing,
): Promise<number> {
  const report = await repair(directory, options)
  bars.end()
  if (isJson) await print([JSON.stringify(repairJson(report), undefined, 2)])
  else await print(repairInWords(report, shownMax, colourFor(process.stdout)))
  return report.outcome === 'refused' ? exitCode.finding : codeOf(report.after ?? report.before)
}

function codeOf({ damage, warnings }: VerifyReport): number {
  return damage + warnings === 0 ? exitCode.good : exitCode.finding
}

// An error has no fields of its own that JSON would show.
function jsonOf(report: VerifyReport): unknown {
  const { error, ...tail } = report.tail
  if (error === undefined) return report
  const { code, message, lsn } = error
  return { ...report, tail: { ...tail, error: { code, message, lsn } } }
}

function repairJson({ before, after, ...rest }: RepairReport): unknown {
  return {
    ...rest,
    before: jsonOf(before),
    ...(after === undefined ? {} : { after: jsonOf(after) }),
  }
}

async function print(lines: readonly string[]): Promise<void> {
  const output = new Output()
  for (const line of lines) if (output.line(line)) await output.drain()
  await output.drain()
}

/** One progress line after the other. */
class Bars {
  #phase = ''
  #bar: ProgressBar | undefined

  at(phase: 'pages' | 'log', done: number, total: number): void {
    if (phase !== this.#phase) {
      this.end()
      this.#phase = phase
      this.#bar = new ProgressBar(
        phase === 'pages' ? 'reading pages' : 'reading the log',
        phase === 'pages' ? 'count' : 'bytes',
      )
    }
    this.#bar?.at(done, total)
  }

  end(): void {
    this.#bar?.end()
    this.#bar = undefined
    this.#phase = ''
  }
}
