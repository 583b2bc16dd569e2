import type { Counts, Failure, FaultOutcomes, Layer, LayerContext, LayerResult } from '../layer.ts'
import { type Line, runProgram } from './program.ts'

const layerName = 'L1-log'

const isCount = (entry: [string, unknown]): entry is [string, number] =>
  typeof entry[1] === 'number'

function countsOf(line: Line): Counts {
  return Object.fromEntries(Object.entries(line).filter(isCount))
}

function failureOf(line: Line & { type: 'violation' | 'replay' }, seed: number): Failure {
  const { oracle, message, device = '', setup = 0, lying = 0, faults = 0, choices = [] } = line
  const parameters = { device, setup, lying, faults }
  return { version: 1, layer: layerName, oracle, message, seed, parameters, choices }
}

/** One row for each fault: what the setups gave, together. */
function merged(rows: readonly FaultOutcomes[]): FaultOutcomes[] {
  const byFault = new Map<string, FaultOutcomes>()
  for (const row of rows) {
    const known = byFault.get(row.fault)
    byFault.set(row.fault, {
      fault: row.fault,
      survived: row.survived + (known?.survived ?? 0),
      detected: row.detected + (known?.detected ?? 0),
      missed: row.missed + (known?.missed ?? 0),
    })
  }
  return [...byFault.values()]
}

function notesOf(counts: Counts): string[] {
  const upTo = [1, 2, 3].map((crashes) => {
    const steps = counts[`stepsWith${crashes}`] ?? -1
    return steps < 0 ? '' : `${steps} steps and ${crashes} crash${crashes > 1 ? 'es' : ''} in a row`
  })
  const sampled = counts.sampledPoints ?? 0
  return [
    `Every workload was tried, at every event, with up to ${upTo.filter(Boolean).join(', ')}; ` +
      'longer ones and longer chains of crashes are a sample that the seed decides.',
    `${sampled} crash points had more outcomes than are tried one by one and were sampled.`,
    'Missed faults are bytes that no later promise covers (docs/ASSUMPTIONS.md, A10).',
  ]
}

async function explore(context: LayerContext, extra: readonly string[]): Promise<LayerResult> {
  const violations: Failure[] = []
  const faults: FaultOutcomes[] = []
  let counts: Counts = {}
  const args = ['--seconds', String(context.budgetCpuSeconds), '--seed', String(context.seed)]
  await runProgram([...args, ...extra], (line) => {
    if (line.type === 'violation') violations.push(failureOf(line, context.seed))
    else if (line.type === 'fault') faults.push(line)
    else if (line.type !== 'replay') context.progress((counts = countsOf(line)))
  })
  const { cpuSeconds = 0, violations: _, ...rest } = counts
  return {
    counts: rest,
    faults: merged(faults),
    violations,
    notes: notesOf(counts),
    cpuSeconds,
  }
}

/**
 * L1-log: the log alone, in C++, on a simulated device. Every workload within bounds, a crash after
 * every event, every state that the device may leave, crashes during recovery.
 */
export const layer: Layer = {
  name: layerName,
  title:
    'the log on a simulated device: every short workload, a crash after every event, again ' +
    'during recovery, in every state that the device may leave',

  unavailable: () => Promise.resolve(undefined),
  run: (context) => explore(context, []),
  canary: (context) => explore(context, ['--lying']),

  async replay(failure: Failure): Promise<Failure | undefined> {
    const { setup, lying, faults } = failure.parameters
    const request = JSON.stringify({ setup, lying, faults, choices: failure.choices })
    let met: Failure | undefined
    await runProgram(['--replay', request], (line) => {
      if ((line.type !== 'replay' && line.type !== 'violation') || line.oracle === '') return
      const { oracle, message } = line
      met = { ...failure, oracle, message }
    })
    return met
  },
}
