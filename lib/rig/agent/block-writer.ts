import { eventKind } from '../protocol/events.ts'
import type { BlockShape } from '../protocol/messages.ts'
import { type RunIdentity, runBytes, writeBlock } from '../workload/block-content.ts'
import { BlockPlan, type BlockWrite } from '../workload/block-plan.ts'
import { mix } from '../workload/random.ts'
import type { ProbeSession } from './agent-probe.ts'
import type { BlockTarget } from './block-target.ts'
import { Credit } from './credit.ts'

// A flush after 1 to so many writes.
const writesPerFlushMax = 48

/**
 * Issues the writes of the plan, up to `depth` at a time, and flushes. Writes that overlap follow
 * each other, so the order of versions on a block is known.
 */
export class BlockWriter {
  readonly #target: BlockTarget
  readonly #shape: BlockShape
  readonly #versions: Float64Array
  readonly #session: ProbeSession
  readonly #credit: Credit
  readonly #plan: BlockPlan
  readonly #identity: RunIdentity
  readonly #memory: Buffer[] = []
  readonly #inFlight = new Set<BlockWrite>()
  #next: number
  #unflushed = 0
  #flushes = 0
  #flushing: Promise<void> | undefined
  #failure: unknown
  #wake: (() => void) | undefined
  #running: Promise<void> | undefined

  constructor(
    target: BlockTarget,
    shape: BlockShape,
    versions: Float64Array,
    session: ProbeSession,
    first: number,
  ) {
    this.#target = target
    this.#shape = shape
    this.#versions = versions
    this.#session = session
    const { link, probe, run } = session
    this.#identity = { seed: run.seed, run: runBytes(run.run) }
    this.#plan = new BlockPlan(run.seed, shape)
    this.#next = first
    this.#credit = new Credit(first, run.window, (upTo) => link.announce(probe, upTo))
    for (let i = 0; i < shape.depth; i++) this.#memory.push(target.allocate(shape.maxWriteBytes))
  }

  confirmed(upTo: number): void {
    this.#credit.confirmed(upTo)
  }

  /** Works until it is stopped, or until an operation fails. */
  run(): Promise<void> {
    this.#running ??= this.#run()
    return this.#running
  }

  /** Issues nothing more; resolves when nothing is in flight. */
  async stop(): Promise<void> {
    this.#credit.stop()
    this.#wake?.()
    await this.#running?.catch(() => {})
  }

  async #run(): Promise<void> {
    while (!this.#credit.isStopped && this.#failure === undefined) {
      if (!this.#credit.covers(this.#next)) {
        await this.#credit.more()
        continue
      }
      const write = this.#plan.write(this.#next)
      if (this.#memory.length === 0 || this.#overlaps(write)) {
        await this.#somethingEnds()
        continue
      }
      this.#next += 1
      this.#issue(write, this.#memory.pop() as Buffer)
      this.#flushIfDue()
    }
    while (this.#inFlight.size > 0) await this.#somethingEnds()
    await this.#flushing
    if (this.#failure !== undefined) throw this.#failure
  }

  #issue(write: BlockWrite, memory: Buffer): void {
    const { link, probe } = this.#session
    const bytes = this.#fill(write, memory)
    this.#inFlight.add(write)
    this.#target.write(bytes, write.first * this.#shape.blockBytes, write.through).then(
      () => {
        const kind = write.through ? eventKind.writtenThrough : eventKind.written
        link.event(probe, kind, write.seq, this.#next - 1 - write.seq)
        this.#unflushed += 1
        this.#ended(write, memory)
      },
      (error: unknown) => {
        link.event(probe, eventKind.failed, write.seq)
        this.#failure ??= error
        this.#ended(write, memory)
      },
    )
  }

  #fill(write: BlockWrite, memory: Buffer): Buffer {
    const { blockBytes } = this.#shape
    for (let i = 0; i < write.count; i++) {
      const block = write.first + i
      const label = { block, seq: write.seq, previous: this.#versions[block] as number }
      writeBlock(memory, i * blockBytes, blockBytes, this.#identity, label)
      this.#versions[block] = write.seq
    }
    return memory.subarray(0, write.count * blockBytes)
  }

  // In FUA mode nothing needs a flush.
  #flushIfDue(): void {
    const { mode } = this.#shape
    const due = 1 + (mix(this.#identity.seed, this.#flushes, 4) % writesPerFlushMax)
    if (mode === 'fua' || this.#flushing !== undefined || this.#unflushed < due) return
    this.#flushing = this.#flush().finally(() => {
      this.#flushing = undefined
    })
  }

  async #flush(): Promise<void> {
    const { link, probe } = this.#session
    const id = ++this.#flushes
    this.#unflushed = 0
    link.event(probe, eventKind.flushBegins, id)
    try {
      await this.#target.flush()
      link.event(probe, eventKind.flushed, id)
    } catch (error) {
      this.#failure ??= error
    }
    this.#wake?.()
  }

  #overlaps(write: BlockWrite): boolean {
    for (const { first, count } of this.#inFlight) {
      if (write.first < first + count && first < write.first + write.count) return true
    }
    return false
  }

  #ended(write: BlockWrite, memory: Buffer): void {
    this.#inFlight.delete(write)
    this.#memory.push(memory)
    this.#wake?.()
  }

  #somethingEnds(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}
