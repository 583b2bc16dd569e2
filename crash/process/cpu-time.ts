import { readFileSync } from 'node:fs'

// Linux counts in these for user space, whatever the kernel uses itself.
const ticksPerSecond = 100

/** CPU seconds of this process and of its children that have ended. */
export function cpuSecondsUsed(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // The name of the program, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // utime, stime, cutime, cstime: fields 14 to 17, of which the first two are cut off.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return ticks / ticksPerSecond
}
