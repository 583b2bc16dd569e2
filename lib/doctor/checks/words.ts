const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** A number of bytes for people: 1536 -> '1.5 KiB'. */
export function inWords(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** Microseconds for people: 138.2 -> '138 us', 12345 -> '12.3 ms'. */
export function microsecondsInWords(microseconds: number): string {
  if (microseconds < 1000) return `${rounded(microseconds)} us`
  const milliseconds = microseconds / 1000
  return milliseconds < 1000 ? `${rounded(milliseconds)} ms` : `${rounded(milliseconds / 1000)} s`
}

function rounded(value: number): string {
  return value.toFixed(value >= 100 ? 0 : 1)
}
