import { readFileSync } from 'node:fs'

// Linux counts in these for user space, whatever the kernel uses itself.
const ticksPerSecond = 100

/** CPU seconds, user and system, of the children of this process that have ended. */
export function endedChildrenCpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // From the third field of proc(5) on; the name of the program before it may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [childUser = 0, childSystem = 0] = fields.slice(13, 15).map(Number)
  return (childUser + childSystem) / ticksPerSecond
}

/** The same of this process and of its children that have ended. */
export function cpuSecondsUsed(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6 + endedChildrenCpuSeconds()
}
