import { execFileSync, type StdioOptions } from 'node:child_process'
import { cpus, loadavg, release, totalmem } from 'node:os'

import { toolVersion } from '../../lib/cli/tool-version.ts'
import { checkout } from '../../programs/place.ts'
import { BlockDevice } from './block-device.ts'

/** Where the numbers come from: without this they mean nothing. */
export interface Machine {
  readonly kernel: string
  readonly cpu: string
  readonly cpus: number
  /** Processes that wanted to run, over the minute before the start. */
  readonly load: number
  readonly memoryGiB: number
  readonly node: string
  readonly fileSystem: string
  readonly device: string
  /** Of the checkout, or the version of the package. */
  readonly commit: string
}

function firstLineOf(command: string, args: string[], cwd: string): string {
  try {
    const stdio: StdioOptions = ['ignore', 'pipe', 'ignore']
    const output = execFileSync(command, args, { encoding: 'utf8', stdio, cwd })
    return output.trim().split('\n')[0] ?? ''
  } catch {
    return 'unknown'
  }
}

export function describeMachine(directory: string): Machine {
  const device = BlockDevice.of(directory)
  const queue = (name: string): string => device?.queue(name) ?? 'unknown'
  // The one in brackets is in use.
  const scheduler = /\[(.+)\]/.exec(queue('scheduler'))?.[1] ?? queue('scheduler')
  return {
    kernel: release(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: cpus().length,
    load: loadavg()[0] ?? 0,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    fileSystem: firstLineOf('findmnt', ['-n', '-o', 'FSTYPE,OPTIONS', '-T', directory], directory),
    device:
      device === undefined
        ? 'unknown'
        : `${device.name}, ${queue('write_cache')}, FUA ${queue('fua')}, scheduler ${scheduler}`,
    commit:
      checkout === undefined
        ? `seawall ${toolVersion()}`
        : firstLineOf('git', ['describe', '--always', '--dirty'], checkout),
  }
}
