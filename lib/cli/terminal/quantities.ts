// Numbers for people.

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

/** 1536 -> '1.5 KiB'. */
export function bytesInWords(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < binary.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${binary[unit]}`
}

/** 1234567 -> '1,234,567'. */
export function countInWords(count: number): string {
  return count.toLocaleString('en-US')
}

/** 0.0123 -> '12.3 us'; 90000 -> '1 min 30 s'. */
export function durationInWords(milliseconds: number): string {
  if (milliseconds < 1) return `${digits(milliseconds * 1000)} us`
  if (milliseconds < 1000) return `${digits(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 60) return `${digits(seconds)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** '1 page', '3 pages'. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${countInWords(count)} ${count === 1 ? one : many}`
}
