// Castagnoli polynomial, reflected.
const polynomial = 0x82f63b78
const tables = makeTables()

function makeTables(): Int32Array {
  const made = new Int32Array(4 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? polynomial : 0)
    made[byte] = crc
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256] as number
    made[at] = (before >>> 8) ^ (made[before & 255] as number)
  }
  return made
}

/** CRC32C of `bytes[from, to)`, continuing from `crc`. Four bytes at a time. */
export function crc32c(bytes: Uint8Array, from = 0, to = bytes.length, crc = 0): number {
  let state = ~crc
  let at = from
  for (const whole = to - 3; at < whole; at += 4) {
    state ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    state =
      (tables[768 + (state & 255)] as number) ^
      (tables[512 + ((state >>> 8) & 255)] as number) ^
      (tables[256 + ((state >>> 16) & 255)] as number) ^
      (tables[state >>> 24] as number)
  }
  for (; at < to; at++) {
    state = (state >>> 8) ^ (tables[(state ^ (bytes[at] as number)) & 255] as number)
  }
  return ~state >>> 0
}
