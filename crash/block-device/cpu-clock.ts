import { cpuSecondsUsed } from '../cpu-time.ts'
import type { BlockDevice } from './block-device.ts'

/** CPU seconds since it was made: of this process, its ended children, and a device. */
export class CpuClock {
  readonly #startedAt = cpuSecondsUsed()
  #device = 0

  /** Asks the programs of `device`, which say nothing by themselves. */
  async sample(device: BlockDevice | undefined): Promise<void> {
    this.#device = device === undefined ? 0 : await device.cpuSeconds()
  }

  get seconds(): number {
    return cpuSecondsUsed() - this.#startedAt + this.#device
  }
}
