// Lone commits, and what they cost the drive by the counters of the kernel's block layer: the least
// of several runs, as others may use the drive too.
import { setTimeout as sleep } from 'node:timers/promises'

import { BlockDevice, type DeviceCounters } from '../measure/block-device.ts'
import { countsOf } from '../measure/device-counts.ts'
import { type LogConfig, openLog } from './open-log.ts'
import { subject } from './subject.ts'

export interface LogDeviceConfig extends LogConfig {
  readonly bodyBytes: number
  /** In each run. */
  readonly commits: number
  readonly runs: number
}

// Longer than idleMarkMs: the mark in the master record is no part of a commit.
const quietMs = 300

subject(async (config: LogDeviceConfig) => {
  await using log = await openLog(config)
  const device = BlockDevice.of(config.directory)
  if (device === undefined) throw new Error('the file system is not on one disk')
  const body = Buffer.alloc(config.bodyBytes, 1)
  await log.commit(body)
  await sleep(quietMs)
  const counts: DeviceCounters[] = []
  for (let run = 0; run < config.runs; run++) {
    const counted = await countsOf(device, async () => {
      for (let i = 0; i < config.commits; i++) await log.commit(body)
    })
    counts.push(counted)
  }
  const least = (key: keyof DeviceCounters): number =>
    Math.min(...counts.map((counted) => counted[key]))
  const details = { flushes: least('flushes'), writtenSectors: least('writtenSectors') }
  return { value: least('writes'), details }
})
