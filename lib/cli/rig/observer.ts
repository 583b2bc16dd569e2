import { randomInt } from 'node:crypto'
import { resolve } from 'node:path'

import { cutKinds, parseCutKinds } from '../../rig/observer/cut-plan.ts'
import { markdownOf } from '../../rig/observer/markdown.ts'
import { Observer } from '../../rig/observer/observer.ts'
import { RigError } from '../../rig/rig-error.ts'
import { CommandLine, type OptionRule } from '../command-line.ts'
import type { Command } from '../commands.ts'
import { printLines } from '../terminal/output.ts'
import { ProgressBar } from '../terminal/progress-bar.ts'
import { visible } from '../terminal/visible.ts'
import { toolVersion } from '../tool-version.ts'

const timerMsMax = 2 ** 31 - 1
const shownEveryMs = 500

const rules: Record<string, OptionRule> = {
  out: { value: 'DIR', help: 'needed: ledger and report; an interrupted run goes on from there' },
  host: { value: 'ADDRESS', help: 'address to listen on (default 0.0.0.0)' },
  port: { value: 'N', help: 'port to listen on (default 7411; 0: any)' },
  cycles: { value: 'N', help: 'power cuts to make (default 10)' },
  seed: { value: 'N', help: 'decides what is written and when the power is cut' },
  'power-off': { value: 'CMD', help: 'cuts the power; without it you are asked to' },
  'power-on': { value: 'CMD', help: 'gives it back' },
  'power-status': { value: 'CMD', help: 'exits with 0 while the power is on' },
  'power-timeout-ms': { value: 'N', help: 'how long a command may take (default 60000)' },
  'off-ms': { value: 'N', help: 'how long the power stays off (default 10000)' },
  'boot-timeout-ms': { value: 'N', help: 'how long the agent may take to come (default 900000)' },
  cuts: { value: 'LIST', help: `kinds of cuts (default ${cutKinds.join(',')})` },
  'min-ms': { value: 'N', help: 'shortest time of work before a cut (default 2000)' },
  'max-ms': { value: 'N', help: 'longest time of work before a cut (default 20000)' },
  'min-acked': { value: 'N', help: 'records acknowledged before a cut (default 100)' },
  'idle-ms': { value: 'LIST', help: 'idle times before a cut (default 0,1000,5000,30000)' },
  window: { value: 'N', help: 'how far the agent may announce ahead (default 16384)' },
  'keep-going': { help: 'go on after a loss, instead of leaving the drive as it is' },
  json: { help: 'print the summary as JSON' },
}

function millisecondsList(text: string): number[] {
  return text.split(',').map((item) => {
    const value = Number(item)
    if (item.trim() !== '' && Number.isSafeInteger(value) && value >= 0) return value
    throw new RigError(`--idle-ms takes whole numbers, not '${item}'`)
  })
}

function cutsOf({ state }: Observer): number {
  return state.cycles.filter(({ cutBy }) => cutBy !== undefined).length
}

/** `seawall rig observer`. */
export const command: Command = {
  run: async (args) => {
    const line = new CommandLine(
      'seawall rig observer',
      'Keeps the ledger, decides when the power is cut, and judges what is left. Run it on another ' +
        'machine.\nExit code 0: nothing lost; 1: the engine lost data; 2: the device or file ' +
        'system did; 3: inconclusive.',
      rules,
      args,
    )
    if (line.isHelp) {
      console.log(line.usage)
      return 0
    }
    const minMs = line.integer('min-ms', 2000, 1, timerMsMax)
    const maxMs = line.integer('max-ms', Math.max(20_000, minMs), 1, timerMsMax)
    if (maxMs < minMs) throw new RigError('--max-ms must not be below --min-ms')
    const host = line.text('host') ?? '0.0.0.0'
    const cycles = line.integer('cycles', 10, 1, 1_000_000)
    const bar = new ProgressBar('power cuts', 'count')
    const say = (text: string): void => {
      bar.end()
      console.error(visible(text))
    }
    const observer = await Observer.start({
      directory: resolve(line.required('out')),
      host,
      port: line.integer('port', 7411, 0, 65_535),
      cycles,
      seed: line.integer('seed', randomInt(2 ** 32), 0, 2 ** 32 - 1),
      ranges: {
        kinds: parseCutKinds(line.text('cuts') ?? cutKinds.join(',')),
        minMs,
        maxMs,
        idleMs: millisecondsList(line.text('idle-ms') ?? '0,1000,5000,30000'),
      },
      power: {
        off: line.text('power-off'),
        on: line.text('power-on'),
        status: line.text('power-status'),
        timeoutMs: line.integer('power-timeout-ms', 60_000, 1, timerMsMax),
      },
      minAcked: line.integer('min-acked', 100, 0, 1_000_000_000),
      offMs: line.integer('off-ms', 10_000, 0, timerMsMax),
      bootTimeoutMs: line.integer('boot-timeout-ms', 900_000, 1, timerMsMax),
      window: line.integer('window', 16_384, 64, 1_000_000),
      keepGoing: line.switch('keep-going'),
      tool: toolVersion(),
      say,
    })
    const { state, port } = observer
    say(`run ${state.run}, seed ${state.seed}, listening on ${host}:${port}`)
    const cutsBefore = cutsOf(observer)
    const showing = setInterval(() => {
      bar.at(cutsOf(observer) - cutsBefore, Math.max(0, cycles - cutsBefore))
    }, shownEveryMs)
    const summary = await observer.run().finally(() => clearInterval(showing))
    bar.end()
    const text = line.switch('json') ? JSON.stringify(summary, undefined, 2) : markdownOf(summary)
    await printLines([text])
    return summary.exitCode
  },
}
