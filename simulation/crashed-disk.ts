import { createRequire } from 'node:module'

import { steppedBinding } from './stepped-world.ts'

interface CrashedDiskAddon {
  crashedMount(name: string): void
  crashedNew(name: string, parameters: DeviceParameters): void
  crashedCopy(from: string, to: string): void
  crashedRecord(name: string): void
  crashedEvents(name: string): number
  crashedHash(name: string, event: number, isKill: boolean): string
  crashedAt(
    from: string,
    event: number,
    isKill: boolean,
    picks: readonly number[],
    to: string,
  ): void
  crashedTrace(name: string): Uint32Array
  crashedUndecided(name: string): number
  crashedForget(name: string): void
  crashedNow(from: string, isKill: boolean, seed: number, to: string): void
  crashedFault(name: string, fault: Required<FaultParameters>): void
  crashedClearFaults(name: string): void
  crashedHits(name: string): number
  crashedOperations(name: string): Uint32Array
  crashedLie(name: string): void
  crashedReorder(name: string, seed: number): void
  crashedEndPowerAfter(name: string, changes: number): void
  crashedIsOff(name: string): boolean
  crashedPaths(name: string): string[]
  crashedBytes(name: string, path: string): Buffer
  crashedFlipBit(name: string, path: string, offset: number, bit: number): void
  crashedMakeUnreadable(name: string, path: string, offset: number): void
}

const addon = createRequire(import.meta.url)(steppedBinding) as CrashedDiskAddon

/** simulation/device/block_state.h says what they mean. */
export interface DeviceParameters {
  readonly sectorBytes: 512 | 4096
  readonly outcomes: 'whole' | 'torn' | 'sectors'
  readonly damagesNeighbours?: boolean
  readonly mergesWrites?: boolean
  readonly showsRecycledBlocks?: boolean
}

/** What can be asked of a disk, in the order of simulation/device/faults.h. */
export const operationKinds = [
  'read',
  'write',
  'sync',
  'allocate',
  'open',
  'rename',
  'remove',
  'syncDirectory',
] as const
export type OperationKind = (typeof operationKinds)[number]

/** What becomes of it instead, in the order of simulation/device/faults.h. */
export const faultEffects = [
  'none',
  'fail',
  'failDone',
  'failInPart',
  'lose',
  'syncInPart',
  'syncLate',
  'misdirect',
  'stale',
  'failLosing',
] as const
export type FaultEffect = (typeof faultEffects)[number]

export interface DiskFault {
  readonly operation: OperationKind
  readonly effect: FaultEffect
  readonly errno?: number
  /** Part of the path. Default: all. */
  readonly path?: string
  /** So many are let through first. Default 0. */
  readonly skip?: number
  /** Default 1: each one behind them. */
  readonly every?: number
  /** How often it hits; 0 is always. Default 1. */
  readonly times?: number
  /** Bytes, blocks or operations. Default 0. */
  readonly amount?: number
}

interface FaultParameters {
  operation: number
  effect: number
  errno: number
  path: string
  skip: number
  every: number
  times: number
  amount: number
}

const inputOutputError = 5

export type CrashKind = 'cut' | 'kill'

/** What was picked while a disk was looked at, and what is to be picked next time. */
export class PickTrace {
  readonly picks: number[] = []
  readonly #counts: number[] = []

  constructor(table: Uint32Array) {
    for (let i = 0; i < table.length; i += 2) {
      this.picks.push(table[i] as number)
      this.#counts.push(table[i + 1] as number)
    }
  }

  /** The beginning of the next list, depth first; undefined when this was the last one. */
  next(): number[] | undefined {
    for (let last = this.picks.length - 1; last >= 0; last--) {
      const next = (this.picks[last] as number) + 1
      if (next < (this.#counts[last] as number)) return [...this.picks.slice(0, last), next]
    }
    return undefined
  }
}

// What is on a disk does not know which disk it is.
const mountPoint = '/store'
let made = 0

/**
 * A disk of the stepped addon (simulation/device), of which one directory holds a store. It can
 * crash at any event of its past, and what is left is chosen when somebody reads it.
 */
export class CrashedDisk {
  readonly #name = `disk ${(made += 1)}`

  static empty(parameters: DeviceParameters): CrashedDisk {
    const disk = new CrashedDisk()
    addon.crashedNew(disk.#name, parameters)
    return disk
  }

  /** The same machine, for another process. */
  copy(): CrashedDisk {
    const disk = new CrashedDisk()
    addon.crashedCopy(this.#name, disk.#name)
    return disk
  }

  /** Every directory that is opened from now on lies on this disk. Returns one. */
  mount(): string {
    addon.crashedMount(this.#name)
    return mountPoint
  }

  /** Remembers from now on what it holds after each event. */
  record(): void {
    addon.crashedRecord(this.#name)
  }

  /** Events since `record`. */
  get events(): number {
    return addon.crashedEvents(this.#name)
  }

  /** The same for crashes that no recovery can tell apart. */
  hashAt(event: number, kind: CrashKind): string {
    return addon.crashedHash(this.#name, event, kind === 'kill')
  }

  /** What the next start finds after a crash behind `event`; `picks` as far as they go, then 0. */
  crashAt(event: number, kind: CrashKind, picks: readonly number[]): CrashedDisk {
    const disk = new CrashedDisk()
    addon.crashedAt(this.#name, event, kind === 'kill', picks, disk.#name)
    return disk
  }

  /** Of a disk that came out of a crash. */
  trace(): PickTrace {
    return new PickTrace(addon.crashedTrace(this.#name))
  }

  /** Blocks that nobody has looked at: each may be one of at least two. */
  get undecidedBlocks(): number {
    return addon.crashedUndecided(this.#name)
  }

  /** After a crash now; `seed` decides what is left. Faults end with it. */
  crash(kind: CrashKind, seed: number): CrashedDisk {
    const disk = new CrashedDisk()
    addon.crashedNow(this.#name, kind === 'kill', seed, disk.#name)
    return disk
  }

  fault({ operation, effect, ...rest }: DiskFault): void {
    addon.crashedFault(this.#name, {
      errno: inputOutputError,
      path: '',
      skip: 0,
      every: 1,
      times: 1,
      amount: 0,
      ...rest,
      operation: operationKinds.indexOf(operation),
      effect: faultEffects.indexOf(effect),
    })
  }

  /** Faults that have not come to pass never will. */
  clearFaults(): void {
    addon.crashedClearFaults(this.#name)
  }

  /** How often faults have hit. */
  get hits(): number {
    return addon.crashedHits(this.#name)
  }

  /** What was asked of it so far, by kind. */
  operations(): Record<OperationKind, number> {
    const counts = addon.crashedOperations(this.#name)
    const entries = operationKinds.map((kind, i) => [kind, counts[i] ?? 0] as const)
    return Object.fromEntries(entries) as Record<OperationKind, number>
  }

  /** Flushes report success from now on, and do nothing. */
  lie(): void {
    addon.crashedLie(this.#name)
  }

  /** What is in flight together completes in any order. */
  reorder(seed: number): void {
    addon.crashedReorder(this.#name, seed)
  }

  /** The `changes`-th change from now fails, and may have been made; nothing works after it. */
  endPowerAfter(changes: number): void {
    addon.crashedEndPowerAfter(this.#name, changes)
  }

  get isOff(): boolean {
    return addon.crashedIsOff(this.#name)
  }

  /** Files, by full name. */
  paths(): string[] {
    return addon.crashedPaths(this.#name)
  }

  bytes(path: string): Buffer {
    return addon.crashedBytes(this.#name, path)
  }

  /** On the medium. */
  flipBit(path: string, offset: number, bit: number): void {
    addon.crashedFlipBit(this.#name, path, offset, bit)
  }

  /** The sector at `offset` cannot be read until it is written. */
  makeUnreadable(path: string, offset: number): void {
    addon.crashedMakeUnreadable(this.#name, path, offset)
  }

  forget(): void {
    addon.crashedForget(this.#name)
  }
}
