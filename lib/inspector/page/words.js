// Numbers and names for people.

/** @param {number} value */
export function grouped(value) {
  return value.toLocaleString('en-US')
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** @param {number} bytes */
export function bytesInWords(bytes) {
  let [value, unit] = [bytes, 0]
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  const digits = unit === 0 || value >= 100 || Number.isInteger(value) ? 0 : 1
  return `${value.toFixed(digits)} ${units[unit]}`
}

/** @param {number} count @param {string} noun @param {string} [many] */
export function counted(count, noun, many = `${noun}s`) {
  return `${grouped(count)} ${count === 1 ? noun : many}`
}

/** @param {number} milliseconds */
export function timeInWords(milliseconds) {
  const date = new Date(milliseconds)
  if (Number.isNaN(date.getTime())) return String(milliseconds)
  return date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
}

/** An LSN; a dash where there is none. @param {number | undefined} lsn */
export function lsnInWords(lsn) {
  return lsn === undefined || lsn === 0 ? '–' : String(lsn)
}

/** @param {string} base64 */
export function bytesFrom(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

/** As hexdump -C has it. @param {Uint8Array} bytes */
export function hexDump(bytes) {
  const lines = []
  for (let at = 0; at < bytes.length; at += 16) {
    const part = [...bytes.subarray(at, at + 16)]
    const digits = part.map((byte) => byte.toString(16).padStart(2, '0'))
    const hex = `${digits.slice(0, 8).join(' ')}  ${digits.slice(8).join(' ')}`
    const text = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'))
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(48)}  ${text.join('')}`)
  }
  return lines.join('\n')
}
