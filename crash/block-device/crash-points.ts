import type { Random } from '../../test/support/random.ts'
import type { Coins, DeviceOptions, Flush } from './block-device.ts'

/**
 * Where to crash: before flushes are completed, more often where more depends on it; around all
 * flushes; anywhere. Ascending, because going back costs the device server more.
 */
export function crashPoints(
  flushes: readonly Flush[],
  events: number,
  count: number,
  random: Random,
): number[] {
  const chosen = weighted(flushes, Math.ceil(count * 0.5), random)
  const around = flushes.flatMap(({ issued, completed }) => [issued, completed, completed + 1])
  for (let left = Math.ceil(count * 0.3); left > 0 && around.length > 0; left--) {
    chosen.push(random.pick(around))
  }
  while (chosen.length < count) chosen.push(random.below(events + 1))
  return chosen.sort((a, b) => a - b)
}

// Each flush counts as often as there are writes that it makes durable.
function weighted(flushes: readonly Flush[], count: number, random: Random): number[] {
  const total = flushes.reduce((sum, { volatileWrites }) => sum + volatileWrites, 0)
  const targets = Array.from({ length: total === 0 ? 0 : count }, () => random.below(total))
  targets.sort((a, b) => a - b)
  const chosen: number[] = []
  let at = 0
  let end = 0
  for (const target of targets) {
    while (end <= target) end += flushes[at++]?.volatileWrites ?? Infinity
    chosen.push(flushes[at - 1]?.completed ?? 0)
  }
  return chosen
}

/** A sector is written whole or not at all: the file systems themselves rely on that. */
export function randomCoins(device: DeviceOptions, random: Random): Coins {
  return {
    seed: random.below(2 ** 31),
    keptOf256: random.pick([0, 0, 32, 128, 128, 224, 256]),
    atomBytes: random.pick([0, 4096, device.sectorBytes]),
  }
}
