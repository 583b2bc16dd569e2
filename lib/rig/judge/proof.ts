import type { Hello, PowerCounters } from '../protocol/messages.ts'

/** What really happened to the machine between two connections of an agent. */
export type CutLabel =
  'power cut' | 'reset only' | 'clean shutdown' | 'process kill' | 'connection lost' | 'unclear'

export interface CutProof {
  readonly label: CutLabel
  /** It was a power cut and counts as one. */
  readonly valid: boolean
  /** Why it has this label. */
  readonly why: string
}

/**
 * Tells a power cut from what only looks like one. Drives count their power cycles, and those that
 * came without a shutdown; where they do, both must have gone up by one.
 */
export function proofOf(before: Hello, after: Hello, powerWasCut: boolean): CutProof {
  if (before.agentId === after.agentId) {
    return invalid('connection lost', 'the same agent process came back')
  }
  if (before.bootId === after.bootId) {
    return invalid('process kill', 'the machine has not booted since')
  }
  const counted = counterSteps(before, after)
  if (counted.length === 0) {
    return powerWasCut
      ? { label: 'power cut', valid: true, why: 'boot id changed; no SMART counters to prove it' }
      : invalid('unclear', 'boot id changed, no power hook ran and there are no SMART counters')
  }
  const proofs = counted.map(proofOfSteps)
  return proofs.find(({ valid }) => !valid) ?? (proofs[0] as CutProof)
}

function counterSteps(before: Hello, after: Hello): PowerCounters[] {
  return before.probes.flatMap(({ counters: earlier }, i) => {
    const later = after.probes[i]?.counters
    if (earlier === undefined || later === undefined) return []
    return [
      {
        powerCycles: later.powerCycles - earlier.powerCycles,
        unsafeShutdowns: later.unsafeShutdowns - earlier.unsafeShutdowns,
      },
    ]
  })
}

function proofOfSteps({ powerCycles, unsafeShutdowns }: PowerCounters): CutProof {
  const steps = `power_cycles +${powerCycles}, unsafe_shutdowns +${unsafeShutdowns}`
  if (powerCycles === 0) return invalid('reset only', `the drive kept its power: ${steps}`)
  if (unsafeShutdowns === 0) return invalid('clean shutdown', `the drive was told: ${steps}`)
  if (powerCycles === 1 && unsafeShutdowns === 1) {
    return { label: 'power cut', valid: true, why: `boot id changed, ${steps}` }
  }
  return invalid('unclear', `more than one cut: ${steps}`)
}

function invalid(label: CutLabel, why: string): CutProof {
  return { label, valid: false, why }
}
