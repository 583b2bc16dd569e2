// What one run of the swarm is: drawn from its seed, one mix of faults each, never all at once.
import type { DeviceParameters, DiskFault } from '../../simulation/crashed-disk.ts'
import type { Random } from '../../test/support/random.ts'

/** What goes wrong beside the crashes. */
export type FaultMix =
  /** Nothing. */
  | 'none'
  /** A write that power interrupts damages the sectors around it, up to 4 KiB (F12). */
  | 'neighbours'
  /** Operations fail, while running or recovering (F6-F8). */
  | 'errors'
  /** Bits flip, sectors become unreadable (F13). */
  | 'damage'
  /** Writes are lost or go elsewhere, reads return what was there before (F14). */
  | 'misplaced'
  /** Flushes do less than they say (F15). */
  | 'lies'

export interface SwarmPlan {
  readonly device: DeviceParameters
  readonly padToBlock: boolean
  readonly mix: FaultMix
  readonly tornPages: readonly ('doublewrite' | 'fullPageImages')[]
  readonly consistencyChecks: boolean
  readonly bufferPoolPages: number
  readonly segmentBytes: number
  readonly maxWalBytes: number
  readonly crashes: number
}

const mixes: readonly FaultMix[] = [
  'none',
  'none',
  'none',
  'neighbours',
  'errors',
  'errors',
  'damage',
  'misplaced',
  'lies',
]

export function drawPlan(random: Random, crashesMax: number, mix?: FaultMix): SwarmPlan {
  // Drawn in any case: what follows is the same whether it is given or not.
  const drawnMix = random.pick(mixes)
  const sectorBytes = random.pick([512, 4096] as const)
  const outcomes = random.pick(['whole', 'torn', 'sectors'] as const)
  const damagesNeighbours = (mix ?? drawnMix) === 'neighbours'
  return {
    device: {
      sectorBytes: damagesNeighbours ? 512 : sectorBytes,
      outcomes: damagesNeighbours ? 'torn' : outcomes,
      damagesNeighbours,
      mergesWrites: random.chance(0.3),
      showsRecycledBlocks: random.chance(0.3),
    },
    // What was acknowledged is safe there only when its block is never written again.
    padToBlock: damagesNeighbours || random.chance(0.2),
    mix: mix ?? drawnMix,
    tornPages: random.pick([
      ['doublewrite'],
      ['fullPageImages'],
      ['doublewrite', 'fullPageImages'],
    ] as const),
    consistencyChecks: random.chance(0.3),
    bufferPoolPages: random.pick([16, 24, 64]),
    segmentBytes: random.pick([64, 256]) * 1024,
    maxWalBytes: random.pick([64, 256]) * 1024,
    crashes: 5 + random.below(crashesMax - 4),
  }
}

const errnos = [5, 61, 28, 11, 125]

/** An operation somewhere in the next ones that fails, once or from then on. */
export function drawError(random: Random): DiskFault {
  const operation = random.pick([
    'write',
    'write',
    'sync',
    'read',
    'allocate',
    'rename',
    'syncDirectory',
    'open',
  ] as const)
  // Bytes that a drive says it has lost are damage, not an error.
  const errno = operation === 'read' ? random.pick([5, 11, 125]) : random.pick(errnos)
  const effects =
    operation === 'write' ? (['fail', 'failDone', 'failInPart'] as const) : (['fail'] as const)
  return {
    operation,
    effect: random.pick(effects),
    errno,
    skip: random.below(operation === 'write' || operation === 'sync' ? 60 : 8),
    times: random.chance(0.5) ? 1 : 0,
    amount: 512 * random.below(8),
  }
}

export function drawMisplaced(random: Random): DiskFault {
  const what = random.pick(['lose', 'misdirect', 'stale'] as const)
  return {
    operation: what === 'stale' ? 'read' : 'write',
    effect: what,
    skip: random.below(60),
    amount: 1 + random.below(4),
  }
}

export function drawLie(random: Random): DiskFault {
  const effect = random.pick(['lose', 'syncInPart', 'syncLate'] as const)
  return {
    operation: 'sync',
    effect,
    skip: random.below(20),
    every: 1 + random.below(3),
    times: random.chance(0.5) ? 1 : 0,
    amount: 1 + random.below(8),
  }
}
