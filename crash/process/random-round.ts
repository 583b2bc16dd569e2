import { Random } from '../../test/support/random.ts'
import type { Round } from './chain.ts'
import { type Arming, type KillPoint, moments, operations } from './protocol.ts'

const endless = 1_000_000

/** A life of a process of which a seed decides everything but the time that things take. */
export function randomRound(kind: 'log' | 'engine', seed: number): Round {
  const random = new Random(seed)
  const options = kind === 'log' ? logOptions(random) : engineOptions(random)
  const clients = 1 + random.below(kind === 'log' ? 8 : 5)
  const common = { seed, clients, options, point: undefined, kill: undefined }
  const what = random.next()
  if (what < 0.07) return { ...common, steps: 10 + random.below(100), ending: 'close' }
  const endlessly = { ...common, steps: endless, ending: 'wait' } as const
  if (what < 0.27) {
    return { ...endlessly, kill: { from: 'command', delayMs: 1 + random.below(30) } }
  }
  if (what < 0.6) {
    const kill = { from: 'running', delayMs: random.below(60) } as const
    // Some are closing, or through with it, by then.
    if (what < 0.35) return { ...common, steps: 1 + random.below(60), ending: 'close', kill }
    return { ...endlessly, kill }
  }
  const point = randomPoint(random, what < 0.8 ? 'opening' : 'running')
  const steps = kind === 'log' ? 600 : 150
  return { ...common, steps, ending: random.chance(0.5) ? 'close' : 'wait', point }
}

// The n-th operation of any kind, or a rarer one sooner.
function randomPoint(random: Random, arming: Arming): KillPoint {
  const isAny = random.chance(0.7)
  const operation = isAny ? 'any' : random.pick(operations)
  const countMax = isAny ? 150 : 10
  return {
    arming,
    operation,
    path: '',
    moment: random.pick(moments.slice(1)),
    count: 1 + random.below(countMax),
    delayUs: random.below(300),
  }
}

function logOptions(random: Random): Record<string, unknown> {
  return {
    bufferBytes: random.pick([64, 64, 128, 256]) * 1024,
    padToBlock: random.chance(0.25),
    writerDelayMs: 1 + random.below(10),
    idleMarkMs: 1 + random.below(20),
    directIO: random.chance(0.2) ? 'never' : 'auto',
  }
}

function engineOptions(random: Random): Record<string, unknown> {
  return {
    bufferBytes: random.pick([128, 256, 512]) * 1024,
    bufferPoolBytes: (16 + random.below(48)) * 4096,
    tornPages: random.pick(['doublewrite', 'fullPageImages']),
    consistencyChecks: random.chance(0.25),
    padToBlock: random.chance(0.25),
    writerDelayMs: 1 + random.below(10),
    idleMarkMs: 1 + random.below(20),
    maxWalBytes: random.pick([128, 512, 2048]) * 1024,
    directIO: random.chance(0.2) ? 'never' : 'auto',
  }
}
