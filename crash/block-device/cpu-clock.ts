import { readFileSync } from 'node:fs'

import type { BlockDevice } from './block-device.ts'

const ticksPerSecond = 100

/** CPU seconds since it was made: of this process, its ended children, and a device. */
export class CpuClock {
  readonly #own = process.cpuUsage()
  readonly #ended = endedChildrenSeconds()
  #device = 0

  /** Asks the programs of `device`, which say nothing by themselves. */
  async sample(device: BlockDevice | undefined): Promise<void> {
    this.#device = device === undefined ? 0 : await device.cpuSeconds()
  }

  get seconds(): number {
    const { user, system } = process.cpuUsage(this.#own)
    return (user + system) / 1e6 + endedChildrenSeconds() - this.#ended + this.#device
  }
}

// Fields 16 and 17 of proc(5): cutime and cstime.
function endedChildrenSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond
}
