// Numbers for people.

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** 1536 -> '1.5 KiB'. */
export function bytesInWords(bytes: number): string {
  let value = bytes
  let unit = 0
  // What would be rounded up to 1024 of a unit is one of the next.
  while (unit < binary.length - 1 && Number(shortened(value, unit)) >= 1024) {
    value /= 1024
    unit += 1
  }
  return `${shortened(value, unit)} ${binary[unit]}`
}

function shortened(value: number, unit: number): string {
  return unit === 0 || value >= 99.95 ? value.toFixed(0) : value.toFixed(1)
}

/** 1234567 -> '1,234,567'. */
export function countInWords(count: number): string {
  return count.toLocaleString('en-US')
}

/** 0.0123 -> '12.3 us'; 90000 -> '1 min 30 s'. */
export function durationInWords(milliseconds: number): string {
  if (milliseconds <= 0) return '0 s'
  if (milliseconds < 0.9995) return `${digits(milliseconds * 1000)} us`
  if (milliseconds < 999.5) return `${digits(milliseconds)} ms`
  if (milliseconds < 59_950) return `${digits(milliseconds / 1000)} s`
  return secondsInWords(Math.round(milliseconds / 1000))
}

/** Whole seconds, for what is only estimated: '7 s', '3 min 20 s', '2 h 5 min'. */
export function secondsInWords(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

function digits(value: number): string {
  return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)
}

/** '1 page', '3 pages'. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countInWords(count)} ${count === 1 ? one : many}`
}
