import { type Durability, Log, type RecoveryReport } from '../index.ts'
import type { LabMachine } from './lab-device.ts'
import {
  type CommitObserver,
  type FoundRecord,
  type LabStore,
  type LivePlace,
  scratchLog,
  type StoreState,
} from './lab-store.ts'
import type { CutSurvival, VolatileRange } from './lab-types.ts'
import { numberOf, recordBody } from './record-body.ts'

// docs/FORMAT.md: in front of every body.
const recordHeaderBytes = 24
// A tick ends when something can be seen; much of what a log does cannot.
const stepsPerTick = 12
const tickMs = 1
// What is in the cache stays there for so many ticks, so that others can commit meanwhile, and the
// power can be cut.
const driveTicks = 2
// Longer than a power cut takes to be pressed: the mark writes to the master record only.
const idleMarkMs = 500

/**
 * A log on a simulated machine. What happened on its disk is shown change by change; the log learns
 * of it after the last one, and makes no step before.
 */
export class SimulatedStore implements LabStore {
  readonly kind = 'simulated'
  readonly bufferBytes = scratchLog.bufferBytes
  readonly #machine: LabMachine
  #log: Log | undefined
  #observer: CommitObserver | undefined
  #hasNews = false
  // Until the disk's next change is shown.
  #driveTicksLeft = 0
  #state: StoreState = {
    timeMs: 0,
    flushedLSN: 0,
    endLSN: 0,
    flushes: 0,
    deviceWrites: 0,
    deviceSyncs: 0,
  }

  constructor(machine: LabMachine) {
    this.#machine = machine
  }

  async open(observer: CommitObserver): Promise<RecoveryReport> {
    const { nativeBinding, clock } = this.#machine
    const options = { ...scratchLog, nativeBinding, clock, idleMarkMs }
    this.#observer = observer
    this.#log = await this.#machine.run(Log.open(this.#machine.mount(), options))
    this.#learn()
    return this.#log.recovery
  }

  commit(number: number, bytes: number, durability: Durability): void {
    const log = this.#openLog()
    const observer = this.#observer
    const body = recordBody(number, bytes)
    // The same microtask: nobody comes between.
    const lsn = log.endLSN
    const committed = log.commit(body, { durability })
    observer?.appended(number, lsn)
    this.#state = { ...this.#state, endLSN: log.endLSN }
    committed.then(
      () => {
        this.#hasNews = true
        observer?.acknowledged(number)
      },
      (error: unknown) => observer?.failed(error),
    )
  }

  async tick(): Promise<void> {
    const machine = this.#machine
    this.#hasNews = false
    const isBusy = this.#showDrive()
    for (let i = 0; !isBusy && i < stepsPerTick; i++) {
      const hasStepped = await machine.step()
      if (this.#hasNews || this.#showDrive() || !hasStepped) break
    }
    await machine.passTime(tickMs)
    this.#learn()
  }

  placeOf(number: number, bytes: number, lsn: number): LivePlace {
    const body = recordBody(number, bytes)
    let place: LivePlace = 'media'
    for (const piece of this.#piecesOf(lsn, recordHeaderBytes + bytes)) {
      const from = Math.max(piece.at - recordHeaderBytes, 0)
      const to = piece.at - recordHeaderBytes + piece.bytes
      const skipped = Math.max(recordHeaderBytes - piece.at, 0)
      const part = body.subarray(from, Math.max(to, from))
      if (!this.#machine.shows(piece.segment, piece.offset + skipped, part)) return 'buffer'
      if (!this.#machine.isDurable(piece.segment, piece.offset, piece.bytes)) place = 'cache'
    }
    return place
  }

  state(): StoreState {
    const inDrive = this.#volatileRange()
    return { ...this.#state, ...(inDrive === undefined ? {} : { inDrive }) }
  }

  lie(lies: boolean): void {
    this.#machine.lie(lies)
  }

  cutPower(survival: CutSurvival, random: () => number): Promise<void> {
    this.#log = undefined
    this.#observer = undefined
    this.#machine.cutPower(survival, random)
    return Promise.resolve()
  }

  readAll(): Promise<FoundRecord[]> {
    return this.#machine.run(foundIn(this.#openLog()))
  }

  close(): Promise<void> {
    this.#log = undefined
    this.#machine.close()
    return Promise.resolve()
  }

  // True while the disk is at it; the log makes no step then.
  #showDrive(): boolean {
    if (this.#machine.unshown === 0) return false
    if (this.#driveTicksLeft > 0) {
      this.#driveTicksLeft -= 1
      return true
    }
    const isShown = this.#machine.showNext()
    const isHolding = this.#machine.unshown > 0 && this.#machine.volatileBlocks().length > 0
    if (isShown && isHolding) this.#driveTicksLeft = driveTicks
    return isShown
  }

  #openLog(): Log {
    return this.#log as Log
  }

  // The log is ahead of the disk that is shown until the last change is.
  #learn(): void {
    const log = this.#log
    const timeMs = this.#machine.clock.monotonicMs()
    this.#state = { ...this.#state, timeMs }
    if (log === undefined || this.#machine.unshown > 0) return
    const { flushedLSN, endLSN, flushes, deviceWrites, deviceSyncs } = log.stats()
    this.#state = { timeMs, flushedLSN, endLSN, flushes, deviceWrites, deviceSyncs }
  }

  /** The stretches of segments that hold `bytes` of the stream from `lsn` on. */
  #piecesOf(
    lsn: number,
    bytes: number,
  ): { segment: number; offset: number; at: number; bytes: number }[] {
    const { segmentBytes, blockBytes } = this.#geometry()
    const payload = segmentBytes - blockBytes
    const pieces = []
    for (let at = 0; at < bytes;) {
      const inSegment = (lsn + at) % payload
      const piece = Math.min(bytes - at, payload - inSegment)
      const segment = Math.floor((lsn + at) / payload)
      pieces.push({ segment, offset: inSegment + blockBytes, at, bytes: piece })
      at += piece
    }
    return pieces
  }

  #volatileRange(): VolatileRange | undefined {
    const blocks = this.#machine.volatileBlocks()
    const { segmentBytes, blockBytes } = this.#geometry()
    // The first block of a segment is its header.
    const starts = blocks
      .filter(({ offset }) => offset >= blockBytes)
      .map(({ segment, offset }) => segment * (segmentBytes - blockBytes) + offset - blockBytes)
    if (starts.length === 0) return undefined
    const fromLSN = Math.min(...starts)
    return { fromLSN, toLSN: Math.max(...starts) + blockBytes, blocks: blocks.length }
  }

  #geometry(): { segmentBytes: number; blockBytes: number } {
    return { segmentBytes: scratchLog.segmentBytes, blockBytes: 4096 }
  }
}

/** The lab's records in `log`, in order. */
export async function foundIn(log: Log): Promise<FoundRecord[]> {
  const found: FoundRecord[] = []
  for await (const { lsn, body } of log.read()) found.push({ lsn, number: numberOf(body) ?? -1 })
  return found
}
