import { randomUUID } from 'node:crypto'

import { RigError } from '../rig-error.ts'
import { SeededRandom } from '../workload/random.ts'
import type { DeviceIdentity } from './device-protocol.ts'

/** What is wrong with a simulated device. */
export type DeviceFault =
  | 'none'
  | 'flush-dropped'
  | 'through-ignored'
  | 'torn-unit'
  | 'shorn-block'
  | 'misdirected'
  | 'old-version'
  | 'bit-rot'
  | 'neighbours'
  | 'unreadable'
  | 'gone'
  | 'warm-reset'

export interface DeviceShape {
  readonly bytes: number
  readonly blockBytes: number
  readonly atomicBytes: number
}

/** A part of a write within one atomic unit, in the volatile cache. */
interface Piece {
  readonly offset: number
  readonly data: Buffer
}

const sectorBytes = 512
const destageChance = 0.02
const damagedBlocks = 24

/**
 * A device with a volatile cache. At a power cut every atomic unit keeps any of the versions that
 * it had since the last flush. Faults are added to that.
 */
export class SimulatedDevice {
  readonly #shape: DeviceShape
  readonly #fault: DeviceFault
  readonly #random: SeededRandom
  readonly #stable: Buffer
  /** By atomic unit, in the order of the writes. */
  readonly #cache = new Map<number, Piece[]>()
  readonly #unreadable = new Set<number>()
  #touched = new Set<number>()
  /** What was on the medium after each power cut. */
  readonly #history: Buffer[] = []
  #bootId = randomUUID()
  #counters = { powerCycles: 100, unsafeShutdowns: 7 }

  constructor(shape: DeviceShape, fault: DeviceFault, seed: number) {
    this.#shape = shape
    this.#fault = fault
    this.#random = new SeededRandom(seed)
    this.#stable = Buffer.alloc(shape.bytes)
  }

  /** After its first power cut a device may not be there any more. */
  get isGone(): boolean {
    return this.#fault === 'gone' && this.#history.length > 0
  }

  identity(): DeviceIdentity {
    return {
      ...this.#shape,
      bootId: this.#bootId,
      counters: { ...this.#counters },
      fingerprint: { model: 'simulated', fault: this.#fault, write_cache: 'write back' },
    }
  }

  read(offset: number, bytes: number): Buffer {
    for (let at = offset; at < offset + bytes; at += this.#shape.blockBytes) {
      if (this.#unreadable.has(at)) {
        throw Object.assign(new RigError('unreadable'), { code: 'EIO' })
      }
    }
    const result = Buffer.from(this.#stable.subarray(offset, offset + bytes))
    const last = this.#unitOf(offset + bytes - 1)
    for (let unit = this.#unitOf(offset); unit <= last; unit++) {
      for (const piece of this.#cache.get(unit) ?? []) overlay(result, offset, piece)
    }
    return result
  }

  write(offset: number, data: Buffer, through: boolean): void {
    const { atomicBytes, blockBytes } = this.#shape
    for (let at = offset; at < offset + data.length; at += blockBytes) this.#touched.add(at)
    for (let at = 0; at < data.length;) {
      const unit = this.#unitOf(offset + at)
      const end = Math.min(data.length, (unit + 1) * atomicBytes - offset)
      const pieces = this.#cache.get(unit) ?? []
      pieces.push({ offset: offset + at, data: Buffer.from(data.subarray(at, end)) })
      this.#cache.set(unit, pieces)
      const mustKeep = through && this.#fault !== 'through-ignored'
      if (mustKeep || this.#random.chance(destageChance)) this.#destage(unit, pieces.length)
      at = end
    }
  }

  flush(): void {
    if (this.#fault === 'flush-dropped') return
    for (const [unit, pieces] of this.#cache) this.#destage(unit, pieces.length)
  }

  powerOff(): void {
    if (this.#fault === 'warm-reset') return
    this.#tear()
    for (const [unit, pieces] of this.#cache)
      this.#destage(unit, this.#random.below(pieces.length + 1))
    this.#cache.clear()
    this.#damage()
    this.#history.push(Buffer.from(this.#stable))
  }

  powerOn(): void {
    this.#bootId = randomUUID()
    this.#touched = new Set()
    if (this.#fault === 'warm-reset') return
    this.#counters.powerCycles += 1
    this.#counters.unsafeShutdowns += 1
  }

  #unitOf(offset: number): number {
    return Math.floor(offset / this.#shape.atomicBytes)
  }

  // Moves the first `count` writes of a unit to the medium.
  #destage(unit: number, count: number): void {
    const pieces = this.#cache.get(unit) ?? []
    for (const { offset, data } of pieces.slice(0, count)) data.copy(this.#stable, offset)
    if (count >= pieces.length) this.#cache.delete(unit)
    else this.#cache.set(unit, pieces.slice(count))
  }

  #tear(): void {
    const { atomicBytes, blockBytes } = this.#shape
    if (this.#fault !== 'torn-unit' && this.#fault !== 'shorn-block') return
    for (const [unit, pieces] of this.#cache) {
      const whole = pieces.findIndex(({ data }) => data.length === atomicBytes)
      if (whole < 0) continue
      this.#destage(unit, whole)
      const { offset, data } = pieces[whole] as Piece
      const step = this.#fault === 'torn-unit' ? blockBytes : sectorBytes
      const parts = atomicBytes / step
      data.copy(this.#stable, offset, 0, (1 + this.#random.below(parts - 1)) * step)
      this.#cache.delete(unit)
    }
  }

  #damage(): void {
    const { blockBytes } = this.#shape
    const touched = [...this.#touched]
    const pick = (): number => touched[this.#random.below(touched.length)] ?? 0
    for (let i = 0; i < damagedBlocks; i++) {
      const block = pick()
      if (this.#fault === 'bit-rot') this.#flipBit(block + this.#random.below(blockBytes))
      if (this.#fault === 'unreadable') this.#unreadable.add(block)
      if (this.#fault === 'old-version') this.#goBack(block)
      if (this.#fault === 'misdirected') this.#copyOver(block, pick())
      if (this.#fault === 'neighbours') {
        this.#stable.fill(0x5a, ...this.#rangeOf(this.#untouched()))
      }
    }
  }

  #copyOver(block: number, other: number): void {
    this.#stable.copy(this.#stable, block, ...this.#rangeOf(other))
  }

  // To what was there before the last but one cut, where that was something else.
  #goBack(block: number): void {
    const range = this.#rangeOf(block)
    const [older, newer] = this.#history.slice(-2).map((image) => image.subarray(...range))
    if (older === undefined || newer === undefined) return
    if (!older.equals(newer) && older.some((byte) => byte !== 0)) older.copy(this.#stable, block)
  }

  #flipBit(at: number): void {
    this.#stable.writeUInt8(this.#stable.readUInt8(at) ^ (1 << this.#random.below(8)), at)
  }

  #untouched(): number {
    const { bytes, blockBytes } = this.#shape
    for (let tries = 0; tries < 1000; tries++) {
      const block = this.#random.below(bytes / blockBytes) * blockBytes
      if (!this.#touched.has(block)) return block
    }
    return 0
  }

  #rangeOf(block: number): [number, number] {
    return [block, block + this.#shape.blockBytes]
  }
}

function overlay(result: Buffer, start: number, { offset, data }: Piece): void {
  const from = Math.max(start, offset)
  const to = Math.min(start + result.length, offset + data.length)
  if (from < to) data.copy(result, from - start, from - offset, to - offset)
}
