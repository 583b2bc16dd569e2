import { readdirSync, readFileSync } from 'node:fs'

import { parseProcessTimes, type ProcessTimes } from '../commits/usage.ts'

const kib = 1024

function timesOf(pid: number): ProcessTimes | undefined {
  try {
    return parseProcessTimes(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    // It has ended.
    return undefined
  }
}

export function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && timesOf(pid)?.parent === parent)
}

/** CPU time of a process, of its children, and of those that it has waited for. */
export function familyCpuSeconds(parent: number): number {
  const seconds = (pid: number): number => {
    const { ownSeconds = 0, childSeconds = 0 } = timesOf(pid) ?? {}
    return ownSeconds + childSeconds
  }
  return [parent, ...childrenOf(parent)].reduce((sum, pid) => sum + seconds(pid), 0)
}

/** Memory of a process and its children; what several of them map counts once. */
export function familyMemoryBytes(parent: number): number {
  return [parent, ...childrenOf(parent)].reduce((sum, pid) => sum + shareBytes(pid), 0)
}

/** Pss: of a page that n processes map, an nth. */
function shareBytes(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0) * kib
  } catch {
    return 0
  }
}
