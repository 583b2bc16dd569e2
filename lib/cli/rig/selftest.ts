import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'

import { RigError } from '../../rig/rig-error.ts'
import { runSelftest, type SelftestRow } from '../../rig/selftest/selftest.ts'
import { colourFor } from '../terminal/colour.ts'
import { CommandLine, type OptionRule } from '../command-line.ts'
import type { Command } from '../commands.ts'

const rules: Record<string, OptionRule> = {
  seed: { value: 'N', help: 'decides what is written and when the power is cut' },
  only: { value: 'TEXT', help: 'only the cases whose name contains TEXT' },
  parallel: { value: 'N', help: 'cases at a time (default: one more than there are processors)' },
  json: { help: 'print the table as JSON' },
}

/** `seawall rig selftest`. */
export const command: Command = {
  summary: '',
  run: async (args, self) => {
    const line = new CommandLine(
      'seawall rig selftest',
      'Runs real observers and agents against simulated devices, honest and broken ones, and ' +
        'against the engine.\nExit code 0: every fault was reported and nobody was blamed without ' +
        'reason; 1: not so.',
      rules,
      args,
    )
    if (line.isHelp) {
      console.log(line.usage)
      return 0
    }
    const seed = line.integer('seed', randomInt(2 ** 32), 0, 2 ** 32 - 1)
    const isJson = line.switch('json')
    if (!isJson) console.log(`seed ${seed}\n${head}`)
    const rows = await runSelftest({
      seed,
      command: self,
      parallel: line.integer('parallel', availableParallelism() + 1, 1, 64),
      only: line.text('only') ?? '',
      finished: (row) => {
        if (!isJson) console.log(inWords(row))
      },
    })
    if (rows.length === 0) throw new RigError('there is no such case')
    const red = rows.filter(({ failure }) => failure !== '')
    if (isJson) console.log(JSON.stringify({ seed, rows }, undefined, 2))
    else console.log(`${rows.length - red.length} of ${rows.length} cases as expected`)
    return red.length === 0 ? 0 : 1
  },
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
