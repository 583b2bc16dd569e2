import { eventKind } from '../protocol/events.ts'
import type { BlockShape, ProbeHello, ProbeWelcome } from '../protocol/messages.ts'
import { BlockPlan } from '../workload/block-plan.ts'
import type { RunIdentity } from '../workload/block-content.ts'
import { BlockJudge } from './block-judge.ts'
import type { ProbeModel } from './probe-model.ts'

/** Where a block stands before it was ever seen whole or acknowledged as durable. */
export const unknownVersion = 0

export const durableBy = { nothing: 0, flush: 1, through: 2 } as const

/** A write that completed and that no flush covers yet. */
export interface Completed {
  readonly seq: number
  /** The highest number that had been issued when it completed. */
  readonly issued: number
}

/** Probes A and C: which version of each block must be there, and which may be. */
export class BlockModel implements ProbeModel {
  readonly hello: ProbeHello
  readonly shape: BlockShape
  readonly identity: RunIdentity
  readonly plan: BlockPlan
  /** The version that each block had at the last judgement. */
  readonly baseline: Float64Array
  /** The newest version since then that was acknowledged as durable; 0: none. */
  readonly durable: Float64Array
  readonly durableKind: Uint8Array
  /** When it was acknowledged. */
  readonly durableAtMs: Float64Array
  /** The first number since the last judgement. */
  first = 1
  intent = 0
  ackedRecords = 0
  ackedBytes = 0
  failures = 0
  #started = false
  #completed: Completed[] = []
  #covered = new Map<number, Completed[]>()

  constructor(hello: ProbeHello & { block: BlockShape }, identity: RunIdentity) {
    this.hello = hello
    this.shape = hello.block
    this.identity = identity
    this.plan = new BlockPlan(identity.seed, this.shape)
    const { blocks } = this.shape
    this.baseline = new Float64Array(blocks)
    this.durable = new Float64Array(blocks)
    this.durableKind = new Uint8Array(blocks)
    this.durableAtMs = new Float64Array(blocks)
  }

  get mustResume(): boolean {
    return this.#started
  }

  /** Completed, and acknowledged as durable by nothing. */
  get volatile(): readonly Completed[] {
    return [...this.#covered.values(), this.#completed].flat()
  }

  welcome(): ProbeWelcome {
    return { resume: this.#started }
  }

  announced(upTo: number): void {
    this.intent = Math.max(this.intent, upTo)
  }

  event(kind: number, number: number, other: number, atMs: number): void {
    switch (kind) {
      case eventKind.written:
        this.#completed.push({ seq: number, issued: number + other })
        break
      case eventKind.writtenThrough:
        this.#makeDurable(number, durableBy.through, atMs)
        break
      case eventKind.flushBegins:
        this.#covered.set(number, this.#completed)
        this.#completed = []
        break
      case eventKind.flushed:
        for (const { seq } of this.#covered.get(number) ?? []) {
          this.#makeDurable(seq, durableBy.flush, atMs)
        }
        this.#covered.delete(number)
        break
      case eventKind.failed:
        this.failures += 1
        break
    }
  }

  phase(): void {}

  nextFirst(): number {
    return this.intent + 1
  }

  started(first: number): void {
    this.first = first
    this.#started = true
  }

  judge(cutAtMs: number): BlockJudge {
    return new BlockJudge(this, cutAtMs)
  }

  adopt(baseline: Buffer): void {
    for (let block = 0; block < this.shape.blocks; block++) {
      this.baseline[block] = baseline.readDoubleLE(block * 8)
    }
    this.durable.fill(0)
    this.durableKind.fill(durableBy.nothing)
    this.ackedRecords = 0
    this.ackedBytes = 0
    this.failures = 0
    this.#completed = []
    this.#covered.clear()
  }

  #makeDurable(seq: number, kind: number, atMs: number): void {
    const { first, count } = this.plan.write(seq)
    this.ackedRecords += 1
    this.ackedBytes += count * this.shape.blockBytes
    for (let block = first; block < first + count; block++) {
      if ((this.durable[block] as number) >= seq) continue
      this.durable[block] = seq
      this.durableKind[block] = kind
      this.durableAtMs[block] = atMs
    }
  }
}
