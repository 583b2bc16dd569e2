import { CrashedDisk } from '../crashed-disk.ts'

const blockBytes = 4096
const sectorBytes = 512
const sectorsPerBlock = blockBytes / sectorBytes
const segmentName = /\/(\d+)\.wal$/

/** What a file of the log holds at one moment. */
interface SegmentImage {
  /** What a reader sees: the cache above the medium. */
  readonly visible: Buffer
  /** What every power cut leaves, as far as it was ever seen. */
  readonly durable: Buffer
  /** Blocks that a power cut may change back, by number. */
  readonly volatileBlocks: ReadonlySet<number>
}

/** What survives a power cut of that which is only in the cache. */
export type CutSurvival = 'nothing' | 'everything' | 'torn' | 'random'

/**
 * A simulated disk that is shown event by event, behind what has happened to it. It answers for the
 * moment that is shown.
 *
 * A block that no power cut can change holds what a reader sees; its content is remembered, and is
 * what the medium holds while a newer version waits in the cache. So every event must be shown, in
 * order.
 */
export class WatchedDisk {
  readonly #disk: CrashedDisk
  readonly #segments = new Map<number, SegmentImage>()
  #shown = 0
  #undecidedBlocks = 0
  // Of what a power cut would leave, at the moment that is shown.
  #hash = ''

  private constructor(disk: CrashedDisk) {
    this.#disk = disk
    disk.record()
    this.#look()
  }

  static empty(): WatchedDisk {
    return new WatchedDisk(CrashedDisk.empty({ sectorBytes, outcomes: 'sectors' }))
  }

  mount(): string {
    return this.#disk.mount()
  }

  /** Events that have happened and are not shown. */
  get unshown(): number {
    return this.#disk.events - this.#shown
  }

  /** Goes on to the next event that changes what segments hold; false when there is none. */
  showNext(): boolean {
    while (this.unshown > 0) {
      this.#shown += 1
      if (this.#look()) return true
    }
    this.#disk.record()
    this.#shown = 0
    return false
  }

  /** A reader finds `bytes` at `offset` of segment `number`. */
  shows(number: number, offset: number, bytes: Uint8Array): boolean {
    const image = this.#segments.get(number)
    const end = offset + bytes.length
    if (image === undefined || end > image.visible.length) return false
    return image.visible.compare(bytes, 0, bytes.length, offset, end) === 0
  }

  /** What a reader finds there survives every power cut. */
  isDurable(number: number, offset: number, bytes: number): boolean {
    const image = this.#segments.get(number)
    const end = offset + bytes
    if (image === undefined || end > image.visible.length) return false
    return image.visible.compare(image.durable, offset, end, offset, end) === 0
  }

  /** Blocks of segments that are not durable, as file offsets. */
  volatileBlocks(): { segment: number; offset: number; bytes: number }[] {
    const blocks: { segment: number; offset: number; bytes: number }[] = []
    for (const [segment, image] of this.#segments) {
      for (const block of image.volatileBlocks)
        blocks.push({ segment, offset: block * blockBytes, bytes: blockBytes })
    }
    return blocks
  }

  /** Syncs and durable writes report success and make nothing durable, until `lies` is false. */
  lie(lies: boolean): void {
    this.#disk.clearFaults()
    if (lies) this.#disk.fault({ operation: 'sync', effect: 'lose', times: 0 })
  }

  /** What the next start finds after a power cut at the moment that is shown. */
  cutPower(survival: CutSurvival, random: () => number): WatchedDisk {
    const picks = this.#picks(survival, random)
    return new WatchedDisk(this.#disk.crashAt(this.#shown, 'cut', picks))
  }

  forget(): void {
    this.#disk.forget()
  }

  // One for each sector that differs, in the order in which somebody looks at them: 0 is the sector
  // of the medium, a high number the newest one.
  #picks(survival: CutSurvival, random: () => number): number[] {
    const newest = 255
    const tear = Math.floor(random() * (this.#differingSectors() + 1))
    return Array.from({ length: this.#undecidedBlocks * sectorsPerBlock }, (_, i) => {
      if (survival === 'nothing') return 0
      if (survival === 'everything') return newest
      if (survival === 'torn') return i < tear ? newest : 0
      return random() < 0.5 ? 0 : 1 + Math.floor(random() * 3)
    })
  }

  #differingSectors(): number {
    let sectors = 0
    for (const image of this.#segments.values()) {
      for (const block of image.volatileBlocks) {
        for (let at = block * blockBytes; at < (block + 1) * blockBytes; at += sectorBytes) {
          const end = at + sectorBytes
          sectors += Number(image.visible.compare(image.durable, at, end, at, end) !== 0)
        }
      }
    }
    return sectors
  }

  // True when something is different from what was shown before.
  #look(): boolean {
    const hash = this.#disk.hashAt(this.#shown, 'cut')
    if (hash === this.#hash) return false
    this.#hash = hash
    const crashed = this.#disk.crashAt(this.#shown, 'cut', [])
    let hasChanged = false
    this.#undecidedBlocks = crashed.undecidedBlocks
    for (const path of crashed.paths()) {
      const number = Number(segmentName.exec(path)?.[1] ?? Number.NaN)
      if (!Number.isNaN(number)) hasChanged = this.#lookAt(crashed, path, number) || hasChanged
    }
    crashed.forget()
    return hasChanged
  }

  #lookAt(crashed: CrashedDisk, path: string, number: number): boolean {
    const visible = crashed.bytes(path)
    const volatileBlocks = undecidedBlocks(crashed, path, visible.length)
    const before = this.#segments.get(number)
    const durable = volatileBlocks.size === 0 ? visible : Buffer.alloc(visible.length)
    if (durable !== visible) before?.durable.copy(durable)
    for (let at = 0; at < visible.length; at += blockBytes) {
      if (durable !== visible && !volatileBlocks.has(at / blockBytes))
        visible.copy(durable, at, at, at + blockBytes)
    }
    this.#segments.set(number, { visible, durable, volatileBlocks })
    return (
      before?.visible.equals(visible) !== true ||
      !before.durable.equals(durable) ||
      before.volatileBlocks.size !== volatileBlocks.size
    )
  }
}

// A block that is overwritten on the medium is decided: if there are fewer undecided ones then, it
// was one of them. `crashed` is of no other use afterwards.
function undecidedBlocks(crashed: CrashedDisk, path: string, bytes: number): Set<number> {
  const blocks = new Set<number>()
  let left = crashed.undecidedBlocks
  for (let block = 0; left > 0 && block * blockBytes < bytes; block++) {
    crashed.flipBit(path, block * blockBytes, 0)
    const now = crashed.undecidedBlocks
    if (now < left) blocks.add(block)
    left = now
  }
  return blocks
}
