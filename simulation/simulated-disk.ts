import { createRequire } from 'node:module'
import { join } from 'node:path'

import { nativeRoot } from './native-root.ts'

/** What the addon of test/native/addon exports beyond the real one. */
interface SimulatedAddon {
  diskNew(directory: string, seed: number): void
  diskForget(directory: string): void
  diskPowerCut(directory: string, survival: number, seed: number): void
  diskKill(directory: string, seed: number): void
  diskEndPowerAfter(directory: string, changes: number): void
  diskFail(
    directory: string,
    operation: number,
    path: string,
    errno: number,
    times: number,
    skip: number,
  ): void
  diskState(directory: string): { changes: number; isOff: boolean; paths: string[] }
  diskBytes(directory: string, path: string): Buffer
  diskOverwrite(directory: string, path: string, offset: number, bytes: Uint8Array): void
  diskLie(directory: string, lies: boolean): void
}

/** Pass it as `nativeBinding`: directories then lie on simulated disks. */
export const simulatedBinding = join(
  nativeRoot(),
  'simulation/addon/build/Release/seawall_simulated.node',
)

const addon = createRequire(import.meta.url)(simulatedBinding) as SimulatedAddon

/** What survives a power cut of that which was not synced. */
export const survival = { nothing: 0, everything: 1, random: 2 } as const
export const diskOperation = { read: 0, write: 1, sync: 2, allocate: 3, rename: 5 } as const

let made = 0

/**
 * A disk with a volatile cache in sectors of 512 bytes, in the memory of this process
 * (test/native/support/memory_storage.h). One directory of it is `directory`.
 */
export class SimulatedDisk {
  readonly directory: string

  constructor(seed: number) {
    this.directory = `/simulated/${process.pid}/${(made += 1)}`
    addon.diskNew(this.directory, seed)
  }

  /** Cuts the power now; what is opened next finds what is left. */
  cutPower(what: number, seed: number): void {
    addon.diskPowerCut(this.directory, what, seed)
  }

  /** Ends the process that has it open: what was written is there, but not durable yet. */
  kill(seed: number): void {
    addon.diskKill(this.directory, seed)
  }

  /** Everything fails from the `changes`-th write, sync or rename on, until the next cut or kill. */
  endPowerAfter(changes: number): void {
    addon.diskEndPowerAfter(this.directory, changes)
  }

  /** Operations of a kind on paths with `path` in them fail: `times` of them, after `skip`. */
  fail(operation: number, path: string, errno: number, times = 1, skip = 0): void {
    addon.diskFail(this.directory, operation, path, errno, times, skip)
  }

  get changes(): number {
    return addon.diskState(this.directory).changes
  }

  get isOff(): boolean {
    return addon.diskState(this.directory).isOff
  }

  bytes(name: string): Buffer {
    return addon.diskBytes(this.directory, `${this.directory}/${name}`)
  }

  overwrite(name: string, offset: number, bytes: Uint8Array): void {
    addon.diskOverwrite(this.directory, `${this.directory}/${name}`, offset, bytes)
  }

  /** From now on syncs report success and make nothing durable. */
  lie(): void {
    addon.diskLie(this.directory, true)
  }

  forget(): void {
    addon.diskForget(this.directory)
  }
}
