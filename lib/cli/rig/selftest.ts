import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'

import { RigError } from '../../rig/rig-error.ts'
import { selftestCases } from '../../rig/selftest/cases.ts'
import { runSelftest, type SelftestRow } from '../../rig/selftest/selftest.ts'
import { CommandLine, type OptionRule } from '../command-line.ts'
import type { Command } from '../commands.ts'
import { colourFor } from '../terminal/colour.ts'
import { ProgressBar } from '../terminal/progress-bar.ts'

const rules: Record<string, OptionRule> = {
  seed: { value: 'N', help: 'decides what is written and when the power is cut' },
  only: { value: 'TEXT', help: 'only the cases whose name contains TEXT' },
  parallel: { value: 'N', help: 'cases at a time (default: one more than there are processors)' },
  json: { help: 'print the table as JSON' },
}

/** `seawall rig selftest`. */
export const command: Command = {
  run: async (args, self) => {
    const line = new CommandLine(
      'seawall rig selftest',
      'Runs real observers and agents against simulated devices, honest and broken ones, and ' +
        'against the engine.\nExit code 0: every fault was reported and nobody was blamed without ' +
        'reason; 1: not so; 3: it could not be run.',
      rules,
      args,
    )
    if (line.isHelp) {
      console.log(line.usage)
      return 0
    }
    const seed = line.integer('seed', randomInt(2 ** 32), 0, 2 ** 32 - 1)
    const isJson = line.switch('json')
    const only = line.text('only') ?? ''
    const parallel = line.integer('parallel', availableParallelism() + 1, 1, 64)
    const total = selftestCases.filter(({ name }) => name.includes(only)).length
    if (total === 0) throw new RigError(`there is no case with '${only}' in its name`)
    if (!isJson) console.log(`seed ${seed}\n${head}`)
    const progress = new CaseProgress(total)
    const finished = (row: SelftestRow): void => {
      progress.finished()
      if (!isJson) console.log(inWords(row))
    }
    const options = { seed, command: self, parallel, only, finished }
    const rows = await runSelftest(options).finally(() => progress.end())
    const red = rows.filter(({ failure }) => failure !== '')
    if (isJson) console.log(JSON.stringify({ seed, rows }, undefined, 2))
    else console.log(`${rows.length - red.length} of ${rows.length} cases as expected`)
    return red.length === 0 ? 0 : 1
  },
}

/** Cases take seconds each: the time that is left goes down between them, too. */
class CaseProgress {
  readonly #total: number
  readonly #bar = new ProgressBar('cases', 'count')
  readonly #timer: NodeJS.Timeout
  #done = 0

  constructor(total: number) {
    this.#total = total
    this.#timer = setInterval(() => this.#bar.at(this.#done, this.#total), 500)
  }

  /** One of them. What is printed next stands alone. */
  finished(): void {
    this.#done += 1
    this.#bar.end()
  }

  end(): void {
    clearInterval(this.#timer)
    this.#bar.end()
  }
}

const widths = { case: 48, expected: 13 } as const
const head = `     ${'case'.padEnd(widths.case)}${'expected'.padEnd(widths.expected)}reported`

function inWords({
  name,
  expected,
  reported,
  failure,
  ackedRecords,
  seconds,
}: SelftestRow): string {
  const { good, bad } = colourFor(process.stdout)
  const mark = failure === '' ? good('ok ') : bad('RED')
  const figures = `${ackedRecords} acknowledged, ${seconds.toFixed(1)} s`
  const why = failure === '' ? '' : `\n     ${bad(failure)}`
  const start = `${mark}  ${name.padEnd(widths.case)}${expected.padEnd(widths.expected)}`
  return `${start}${reported} (${figures})${why}`
}
