import { readFileSync } from 'node:fs'

const ticksPerSecond = 100

/** CPU seconds of this process and of all its children that have ended. */
export function cpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1')
  // From the third field on; utime, stime, cutime and cstime are 14 to 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return ticks / ticksPerSecond
}
