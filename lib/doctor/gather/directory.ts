import { accessSync, constants, statSync } from 'node:fs'
import { join } from 'node:path'

import type { DirectoryFacts, ExistingLog } from '../facts.ts'
import { scratchPrefix } from '../measure/scratch-directory.ts'
import { deviceNumber } from './block-layers.ts'
import { entriesOf, type System, textOf } from './system.ts'

/** What lies in the directory, by names and sizes: nothing in it is opened. */
export function directoryFacts(path: string, system: System): DirectoryFacts {
  return {
    path,
    isReadable: isAllowed(path, constants.R_OK | constants.X_OK),
    leftovers: entriesOf(path).filter((name) => name.startsWith(scratchPrefix)),
    log: existingLog(path, system),
  }
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

// The names of docs/FORMAT.md.
function existingLog(path: string, system: System): ExistingLog | undefined {
  const names = entriesOf(path)
  if (!names.includes('master') || !names.includes('wal')) return undefined
  const segments = entriesOf(join(path, 'wal')).filter((name) => /^\d{20}\.wal$/.test(name))
  return {
    isStore: names.includes('pages'),
    segments: segments.length,
    segmentBytes: segments[0] === undefined ? 0 : sizeOf(join(path, 'wal', segments[0])),
    isInUse: isLocked(join(path, 'LOCK'), textOf(join(system.proc, 'locks'))),
  }
}

function sizeOf(path: string): number {
  try {
    return statSync(path).size
  } catch {
    return 0
  }
}

/** Whether /proc/locks has a lock of this file: `1: OFDLCK ADVISORY WRITE -1 fe:00:42 0 EOF`. */
export function isLocked(path: string, locks: string): boolean {
  try {
    const { dev, ino } = statSync(path, { bigint: true })
    const [major = '', minor = ''] = deviceNumber(dev)
      .split(':')
      .map((part) => Number(part).toString(16).padStart(2, '0'))
    return locks.split('\n').some((line) => line.includes(` ${major}:${minor}:${ino} `))
  } catch {
    return false
  }
}
