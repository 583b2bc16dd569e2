import type { Axis } from '../result/plot.ts'

function compact(value: number): string {
  const size = Math.abs(value)
  const shown = (scaled: number): string => String(Number(scaled.toPrecision(4)))
  if (size >= 1e6) return `${shown(value / 1e6)} M`
  if (size >= 1e4) return `${shown(value / 1e3)} k`
  return shown(value)
}

const microsecondsPer = { s: 1e6, ms: 1e3, us: 1 }

/** In the largest unit of time that leaves a whole number, or nearly. */
function timeText(value: number, unit: keyof typeof microsecondsPer): string {
  const microseconds = value * microsecondsPer[unit]
  if (microseconds === 0) return '0'
  if (microseconds >= 1e6) return `${compact(microseconds / 1e6)} s`
  if (microseconds >= 1e3) return `${compact(microseconds / 1e3)} ms`
  return `${compact(microseconds)} µs`
}

/** Sizes of records and blocks are powers of two. */
function bytesText(value: number): string {
  if (value % 1024 !== 0 || value === 0) return compact(value)
  return value % 2 ** 20 === 0 ? `${value / 2 ** 20} MiB` : `${value / 1024} KiB`
}

/** A tick's label: short, with its unit, because axes have no room for more. */
export function tickText(value: number, { unit, label }: Axis): string {
  if (unit === undefined) return /\bbytes\b/.test(label) ? bytesText(value) : compact(value)
  switch (unit) {
    case 'us':
    case 'ms':
    case 's':
      return timeText(value, unit)
    case '/s': {
      const text = compact(value)
      return value === 0 ? '0' : /[kM]$/.test(text) ? `${text}/s` : `${text} /s`
    }
    case 's per million':
      return `${compact(value)} s`
    case 'per commit':
    case 'bytes/byte':
      return compact(value)
    case 'MB/s':
    case 'MiB':
    case '%':
      return value === 0 ? '0' : `${compact(value)} ${unit}`
  }
}
