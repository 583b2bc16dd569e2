import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import type { BlockDevice, DeviceCounters } from './block-device.ts'
import { spreadOf } from './spread.ts'

const syncs = 100

/** What reached the disk during `work`, whoever sent it: the least of several runs is its own. */
export async function countsOf(
  device: BlockDevice,
  work: () => Promise<void>,
): Promise<DeviceCounters> {
  const start = device.counters()
  await work()
  return countersBetween(start, device.counters())
}

export function countersBetween(start: DeviceCounters, end: DeviceCounters): DeviceCounters {
  return {
    writes: end.writes - start.writes,
    writtenSectors: end.writtenSectors - start.writtenSectors,
    flushes: end.flushes - start.flushes,
  }
}

/**
 * The block layer carries a flush to a drive without FUA in an empty write request, and counts that
 * as a write. Syncs of a file that nobody has changed show how many such writes there are for a
 * flush.
 */
export function emptyWritesPerFlush(device: BlockDevice, directory: string): number {
  const path = join(directory, 'unchanged')
  const file = openSync(path, 'w')
  writeSync(file, 'x')
  fdatasyncSync(file)
  // Others may use the disk meanwhile: most syncs see nobody.
  const perSync = Array.from({ length: syncs }, () => {
    const before = device.counters()
    fdatasyncSync(file)
    const { writes, flushes } = countersBetween(before, device.counters())
    return flushes > 0 ? writes / flushes : 0
  })
  closeSync(file)
  rmSync(path)
  return Math.round(spreadOf(perSync).median)
}
