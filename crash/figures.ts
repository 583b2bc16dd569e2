import { perCpuMinute, showCount, unitsOf } from './counts.ts'
import type { FigureOutcome, LayerOutcome } from './outcome.ts'

interface Figure {
  readonly layer: string
  readonly perCpuMinute: number
}

const figures: readonly Figure[] = [
  { layer: 'L1-log', perCpuMinute: 1_000_000 },
  { layer: 'L1-engine', perCpuMinute: 60_000 },
  { layer: 'L5', perCpuMinute: 500 },
]
// Less is mostly the start of a process.
const cpuSecondsMin = 20

/** How fast the layers were, where that was promised and they ran long enough to tell. */
export function figuresOf(layers: readonly LayerOutcome[]): FigureOutcome[] {
  return figures.flatMap(({ layer, perCpuMinute: target }) => {
    const result = layers.find(({ name }) => name === layer)?.result
    if (result === undefined || result.cpuSeconds < cpuSecondsMin) return []
    const units = unitsOf(result.counts)
    const measured = perCpuMinute(units, result.cpuSeconds)
    const text = `${units.name} per CPU minute, at least ${showCount(target)}`
    return [{ layer, text, measured, target, met: measured >= target }]
  })
}
