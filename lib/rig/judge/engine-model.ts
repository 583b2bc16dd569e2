import { eventKind } from '../protocol/events.ts'
import type { EngineShape, Phase, ProbeHello, ProbeWelcome } from '../protocol/messages.ts'
import {
  cellBytes,
  firstInLane,
  outcomeOf,
  planTransaction,
  writeCell,
} from '../workload/engine-plan.ts'
import { EngineJudge } from './engine-judge.ts'
import type { ProbeModel } from './probe-model.ts'

/** The last transaction of a lane that was acknowledged as committed, and when. */
export interface LaneAck {
  number: number
  atMs: number
}

/** Probe B: what the pages of each lane hold after which of its transactions. */
export class EngineModel implements ProbeModel {
  readonly hello: ProbeHello
  readonly shape: EngineShape
  readonly seed: number
  /** All pages, lane by lane, as they were at the last judgement. */
  readonly baseline: Buffer
  readonly acked: LaneAck[]
  first = 1
  intent = 0
  ackedRecords = 0
  failures = 0
  #pages: readonly number[] | undefined
  #store: string | undefined

  constructor(hello: ProbeHello & { engine: EngineShape }, seed: number) {
    this.hello = hello
    this.shape = hello.engine
    this.seed = seed
    const { lanes, pagesPerLane, bodyBytes } = this.shape
    this.baseline = Buffer.alloc(lanes * pagesPerLane * bodyBytes)
    this.acked = Array.from({ length: lanes }, () => ({ number: 0, atMs: 0 }))
  }

  get ackedBytes(): number {
    return this.ackedRecords * cellBytes
  }

  get mustResume(): boolean {
    return this.#pages !== undefined
  }

  get laneBytes(): number {
    return this.shape.pagesPerLane * this.shape.bodyBytes
  }

  welcome(): ProbeWelcome {
    if (this.#pages === undefined || this.#store === undefined) return { resume: false }
    return { resume: true, store: this.#store, pages: this.#pages }
  }

  announced(upTo: number): void {
    this.intent = Math.max(this.intent, upTo)
  }

  event(kind: number, number: number, other: number, atMs: number): void {
    if (kind === eventKind.failed) this.failures += 1
    if (kind !== eventKind.committed) return
    this.ackedRecords += other
    const ack = this.acked[number % this.shape.lanes] as LaneAck
    if (number > ack.number) Object.assign(ack, { number, atMs })
  }

  phase({ phase, store, pages }: Phase): void {
    if (phase !== 'engine-ready' || store === undefined || pages === undefined) return
    this.#store = store
    this.#pages = pages
    this.baseline.fill(0)
    for (const ack of this.acked) Object.assign(ack, { number: 0, atMs: 0 })
  }

  nextFirst(): number {
    return firstInLane(this.shape.lanes, 0, this.intent + 1)
  }

  started(first: number): void {
    this.first = first
  }

  judge(cutAtMs: number): EngineJudge {
    return new EngineJudge(this, cutAtMs)
  }

  adopt(baseline: Buffer): void {
    if (baseline.length > 0) this.baseline.set(baseline)
    // What it held is beyond repair: the next agent begins a new store.
    else this.#pages = undefined
    this.ackedRecords = 0
    this.failures = 0
    for (const ack of this.acked) Object.assign(ack, { number: 0, atMs: 0 })
  }

  /** The pages of a lane as they must be when `upTo` is the last transaction that counts. */
  laneAfter(lane: number, upTo: number): Buffer {
    const bytes = Buffer.from(
      this.baseline.subarray(lane * this.laneBytes, (lane + 1) * this.laneBytes),
    )
    const { lanes, bodyBytes } = this.shape
    for (let n = firstInLane(lanes, lane, this.first); n <= upTo; n += lanes) {
      if (outcomeOf(this.seed, n) === 'rollback') continue
      for (const write of planTransaction(this.seed, this.shape, n).writes) {
        writeCell(bytes, write.page * bodyBytes + write.cell * cellBytes, this.seed, n, write)
      }
    }
    return bytes
  }
}
