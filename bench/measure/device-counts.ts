import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import type { BlockDevice, DeviceCounters } from './block-device.ts'

const idleMs = 300
const syncs = 100

/** What `work` added to the counters, less what the disk was doing anyway just before. */
export async function countsOf(
  device: BlockDevice,
  work: () => Promise<void>,
): Promise<DeviceCounters> {
  const idleStart = device.counters()
  await sleep(idleMs)
  const start = device.counters()
  const started = performance.now()
  await work()
  const idlePeriods = (performance.now() - started) / idleMs
  const end = device.counters()
  const count = (key: keyof DeviceCounters): number =>
    end[key] - start[key] - (start[key] - idleStart[key]) * idlePeriods
  return {
    writes: count('writes'),
    writtenSectors: count('writtenSectors'),
    flushes: count('flushes'),
  }
}

/**
 * The block layer carries a flush to a drive without FUA in an empty write request, and counts that
 * as a write. Syncs of a file that nobody has changed show how many such writes there are for a
 * flush.
 */
export async function emptyWritesPerFlush(device: BlockDevice, directory: string): Promise<number> {
  const path = join(directory, 'unchanged')
  const file = openSync(path, 'w')
  writeSync(file, 'x')
  fdatasyncSync(file)
  const { writes, flushes } = await countsOf(device, async () => {
    for (let i = 0; i < syncs; i++) fdatasyncSync(file)
  })
  closeSync(file)
  rmSync(path)
  return flushes > 0 ? Math.round(writes / flushes) : 0
}
