// What one lone commit costs the drive, counted by the kernel's block layer.
import { setTimeout as sleep } from 'node:timers/promises'

import { BlockDevice } from '../block-device.ts'
import { type LogConfig, openLog } from './open-log.ts'
import { subject } from './subject.ts'

export interface LogDeviceConfig extends LogConfig {
  readonly bodyBytes: number
  readonly commits: number
}

const idleMs = 300

subject(async (config: LogDeviceConfig) => {
  await using log = await openLog(config)
  const device = BlockDevice.of(config.directory)
  if (device === undefined) throw new Error('the file system is not on one disk')
  const body = Buffer.alloc(config.bodyBytes, 1)
  await log.commit(body)
  // Longer than idleMarkMs: the mark is no part of a commit.
  await sleep(idleMs)
  const idleStart = device.counters()
  await sleep(idleMs)
  const start = device.counters()
  const started = performance.now()
  for (let i = 0; i < config.commits; i++) await log.commit(body)
  const tookMs = performance.now() - started
  const end = device.counters()
  // What the disk did for others, as far as it can be told.
  const idle = (key: 'writes' | 'flushes'): number =>
    ((start[key] - idleStart[key]) / idleMs) * tookMs
  const perCommit = (key: 'writes' | 'flushes'): number =>
    (end[key] - start[key] - idle(key)) / config.commits
  return {
    value: perCommit('writes'),
    details: {
      flushes: perCommit('flushes'),
      idleWrites: start.writes - idleStart.writes,
      sectors: (end.writtenSectors - start.writtenSectors) / config.commits,
    },
  }
})
