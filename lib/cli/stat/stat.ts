import { type LogState, readLogState } from '../../inspection/state/log-state.ts'
import { CommandLine, type OptionRule } from '../command-line.ts'
import type { Command } from '../commands.ts'
import { colourFor } from '../terminal/colour.ts'
import { Output } from '../terminal/output.ts'
import { ProgressBar } from '../terminal/progress-bar.ts'
import { exitCode } from '../usage-error.ts'
import { isDamaged, stateInWords } from './stat-in-words.ts'

const rules: Record<string, OptionRule> = {
  full: { help: 'read the whole log, for every incarnation in it' },
  json: { help: 'print it as JSON' },
}

/** `seawall stat`. */
export const command: Command = {
  run: async (args) => {
    const line = new CommandLine(
      'seawall stat',
      'Says what a log or a store is made of: its master record, segments, incarnations, where it ' +
        'begins and ends\nand who holds it there, dirty pages, running transactions, and what a ' +
        'restart would take.\nChanges nothing and needs no lock. Exit code 0: all is well; 1: ' +
        'damage was found (`seawall verify` says more); 2: it could not look.',
      rules,
      args,
      ['DIR'],
    )
    if (line.isHelp) {
      console.log(line.usage)
      return exitCode.good
    }
    const bar = new ProgressBar('reading the log', 'bytes')
    let state: LogState
    try {
      state = await readLogState(line.word(0) ?? '', line.switch('full'), (done, total) =>
        bar.at(done, total),
      )
    } finally {
      bar.end()
    }
    const output = new Output()
    const lines = line.switch('json')
      ? [JSON.stringify(jsonOf(state), undefined, 2)]
      : stateInWords(state, colourFor(process.stdout))
    for (const text of lines) if (output.line(text)) await output.drain()
    await output.drain()
    return isDamaged(state) ? exitCode.finding : exitCode.good
  },
}

// An error has no fields of its own that JSON would show.
function jsonOf(state: LogState): unknown {
  const { error, ...tail } = state.tail
  if (error === undefined) return state
  const { code, message, lsn } = error
  return { ...state, tail: { ...tail, error: { code, message, lsn } } }
}
