import type { Axis } from '../result/plot.ts'

/** From values to coordinates, and the values worth a label. */
export interface Scale {
  readonly ticks: readonly number[]
  readonly min: number
  readonly max: number
  /** Where a value is: 0 at `min`, 1 at `max`. */
  shareOf(value: number): number
}

const roundSteps = [1, 2, 2.5, 5, 10]
const logMantissas = [1, 2, 5]
// Sums of steps such as 0.1 miss their goal by a few of these.
const tolerance = 1e-9
// An axis with so few different values has been measured at them: they are its best ticks.
const measuredTicksMax = 12

/** 1, 2, 2.5 or 5 times a power of ten, so that about `count` of them make up the range. */
export function roundStep(range: number, count: number): number {
  const rough = range / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = roundSteps.find((step) => step * power >= rough * (1 - tolerance)) ?? 10
  return factor * power
}

function linearScale(low: number, high: number, tickCount: number): Scale {
  if (high === low) return linearScale(low, low + (Math.abs(low) || 1), tickCount)
  const step = roundStep(high - low, tickCount)
  const first = Math.floor(low / step + tolerance)
  const last = Math.max(first + 1, Math.ceil(high / step - tolerance))
  // Multiplied and not summed: 0.3, and not 0.30000000000000004.
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
  const [min, max] = [first * step, last * step]
  return { ticks, min, max, shareOf: (value) => (value - min) / (max - min) }
}

/** Every 1, 2 and 5 times a power of ten from the last one below `low` to the first above `high`. */
function logRound(low: number, high: number): number[] {
  const values: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
    for (const mantissa of logMantissas) values.push(Number(`${mantissa}e${power}`))
  }
  const first = values.findLastIndex((value) => value <= low * (1 + tolerance))
  const last = values.findIndex((value) => value >= high * (1 - tolerance))
  return values.slice(Math.max(0, first), last + 1)
}

function thinned(ticks: readonly number[], count: number): number[] {
  if (ticks.length <= count) return [...ticks]
  const powers = ticks.filter((tick) => /^1(e|0*$)|^0\.0*1$/.test(String(tick)))
  const every = Math.ceil(powers.length / count)
  return powers.length < 2 ? [...ticks] : powers.filter((_, i) => i % every === 0)
}

function logShare(min: number, max: number): (value: number) => number {
  const range = Math.log(max / min)
  return (value) => Math.log(value / min) / range
}

function logScale(low: number, high: number, tickCount: number): Scale {
  const round = logRound(low, high > low ? high : low * 2)
  const [min, max] = [round[0] ?? low, round.at(-1) ?? high]
  return { ticks: thinned(round, tickCount), min, max, shareOf: logShare(min, max) }
}

/** Ticks at the values themselves, as far as there is room for them. */
function measuredScale(values: readonly number[], tickCount: number): Scale {
  const [min, max] = [values[0] ?? 1, values.at(-1) ?? 2]
  const shareOf = logShare(min, max)
  const ticks: number[] = []
  for (const value of values) {
    const last = ticks.at(-1)
    if (last === undefined || shareOf(value) - shareOf(last) >= 1 / (tickCount + 1)) {
      ticks.push(value)
    }
  }
  return { ticks, min, max, shareOf }
}

function isDrawable(axis: Axis, value: number): boolean {
  return Number.isFinite(value) && (axis.scale === 'linear' || value > 0)
}

/** A point has a place on the axis: a logarithmic one has none for 0. */
export function drawable(axis: Axis): (value: number) => boolean {
  return (value) => isDrawable(axis, value)
}

/**
 * A scale with round ends that holds all values; `tickCount` is about how many labels have room.
 * A linear one begins at 0, so that heights can be compared, unless the values keep far from it.
 */
export function scaleOf(axis: Axis, values: readonly number[], tickCount: number): Scale {
  const drawn = [...new Set(values.filter(drawable(axis)))].sort((a, b) => a - b)
  const [low, high] = [drawn[0] ?? 1, drawn.at(-1) ?? 10]
  if (axis.scale === 'linear') {
    const withZero = low > 0 && low < high / 2
    return linearScale(withZero ? 0 : low, high, tickCount)
  }
  const isMeasured = drawn.length > 1 && drawn.length <= measuredTicksMax
  if (axis.unit === undefined && isMeasured && drawn.every(Number.isInteger)) {
    return measuredScale(drawn, tickCount)
  }
  return logScale(low, high, tickCount)
}
