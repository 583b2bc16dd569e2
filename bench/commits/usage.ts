import { readFileSync } from 'node:fs'

import type { DeviceCounters } from '../measure/block-device.ts'

const sectorBytes = 512
const mib = 2 ** 20

/** What some commits used; undefined what nobody could count. */
export interface Usage {
  readonly commits: number
  readonly bodyBytes: number
  readonly cpuSeconds?: number | undefined
  /** What it added to the counters of the disk. */
  readonly device?: DeviceCounters | undefined
  /** Empty write requests that carry a flush; see emptyWritesPerFlush. */
  readonly emptyWritesPerFlush: number
  readonly memoryGrowthBytes?: number | undefined
}

/** The same for each commit, by the names under which a sample keeps it. Nothing is guessed. */
export function usageDetails(usage: Usage): Record<string, number> {
  const { commits, bodyBytes, cpuSeconds, device, emptyWritesPerFlush, memoryGrowthBytes } = usage
  if (!(commits > 0)) return {}
  const details: Record<string, number> = {}
  if (cpuSeconds !== undefined) details.cpuSecondsPerMillion = (cpuSeconds / commits) * 1e6
  if (device !== undefined) {
    const { writes, flushes, writtenSectors } = device
    details.deviceWritesPerCommit = (writes - emptyWritesPerFlush * flushes) / commits
    details.flushesPerCommit = flushes / commits
    details.writeAmplification = (writtenSectors * sectorBytes) / (commits * bodyBytes)
  }
  if (memoryGrowthBytes !== undefined) details.memoryGrowthMib = memoryGrowthBytes / mib
  return details
}

/** A field of /proc/PID/status in bytes; undefined when there is none. */
export function statusBytes(status: string, field: 'VmRSS' | 'VmHWM'): number | undefined {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
  return kib === undefined ? undefined : Number(kib) * 1024
}

/** The number of the first of utime, stime, cutime, cstime in proc(5)'s /proc/PID/stat. */
const firstTimeField = 14
// USER_HZ is 100 on every Linux that Node runs on.
const ticksPerSecond = 100

export interface ProcessTimes {
  readonly parent: number
  /** Of the process itself. */
  readonly ownSeconds: number
  /** Of the children that it has waited for. */
  readonly childSeconds: number
}

export function parseProcessTimes(stat: string): ProcessTimes {
  // The name of the program is in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // What follows the name is field 3.
  const ticks = (field: number): number => Number(fields[field - 3]) / ticksPerSecond
  const own = ticks(firstTimeField) + ticks(firstTimeField + 1)
  const children = ticks(firstTimeField + 2) + ticks(firstTimeField + 3)
  return { parent: Number(fields[1]), ownSeconds: own, childSeconds: children }
}

/** CPU time of the programs that this process has started and that have ended. */
export function endedChildrenSeconds(): number {
  return parseProcessTimes(readFileSync('/proc/self/stat', 'utf8')).childSeconds
}
