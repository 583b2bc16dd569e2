import { BlockDevice, type DeviceCounters } from '../measure/block-device.ts'
import { countersBetween, emptyWritesPerFlush } from '../measure/device-counts.ts'

/** What reaches the disk meanwhile, whoever sends it; nothing where it cannot be told. */
export class DeviceMeter {
  readonly device: BlockDevice | undefined
  readonly emptyWritesPerFlush: number

  private constructor(device: BlockDevice | undefined, empty: number) {
    this.device = device
    this.emptyWritesPerFlush = empty
  }

  static of(directory: string): DeviceMeter {
    const device = BlockDevice.of(directory)
    const empty = device === undefined ? 0 : emptyWritesPerFlush(device, directory)
    return new DeviceMeter(device, empty)
  }

  counters(): DeviceCounters | undefined {
    return this.device?.counters()
  }

  since(before: DeviceCounters | undefined): DeviceCounters | undefined {
    const after = this.counters()
    return before && after && countersBetween(before, after)
  }
}
