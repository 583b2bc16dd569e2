import { encodeFrame, frameType } from '../protocol/frame.ts'
import type { BlockShape, ProbeHello, ResumeEnd, ResumeError } from '../protocol/messages.ts'
import { readBlock, type RunIdentity, runBytes } from '../workload/block-content.ts'
import type { AgentProbe, ProbeSession } from './agent-probe.ts'
import type { BlockTarget } from './block-target.ts'
import { BlockWriter } from './block-writer.ts'

const readBytes = 256 * 1024

/** Probes A and C: writes blocks, and reads all of them back after a restart. */
export class BlockProbe implements AgentProbe {
  readonly hello: ProbeHello
  readonly bootId?: string
  readonly #target: BlockTarget
  readonly #shape: BlockShape
  /** The last write of each block, as far as it is known. */
  readonly #versions: Float64Array
  #writer: BlockWriter | undefined

  constructor(target: BlockTarget, shape: BlockShape, hello: ProbeHello) {
    this.#target = target
    this.#shape = shape
    this.hello = hello
    this.#versions = new Float64Array(shape.blocks)
    if (target.bootId !== undefined) this.bootId = target.bootId
  }

  async resume({ link, probe, run }: ProbeSession): Promise<void> {
    const startedAt = performance.now()
    link.phase(probe, { phase: 'recovery', step: 'flush' })
    // What reads back after a mere process kill may still be volatile.
    await this.#target.flush()
    link.phase(probe, { phase: 'recovery', step: 'read' })
    const { blocks, blockBytes } = this.#shape
    const identity = { seed: run.seed, run: runBytes(run.run) }
    const memory = this.#target.allocate(Math.max(blockBytes, readBytes))
    const countMax = memory.length / blockBytes
    for (let first = 0; first < blocks; first += countMax) {
      const count = Math.min(countMax, blocks - first)
      await this.#readPart(memory, first, count, identity, { link, probe })
      await link.drained()
    }
    const durationMs = performance.now() - startedAt
    link.sendJson(frameType.resumeEnd, { durationMs } satisfies ResumeEnd, probe)
  }

  start(session: ProbeSession, first: number): void {
    const writer = new BlockWriter(this.#target, this.#shape, this.#versions, session, first)
    this.#writer = writer
    writer.run().catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      session.link.phase(session.probe, { phase: 'stopped', reason })
    })
  }

  confirmed(upTo: number): void {
    this.#writer?.confirmed(upTo)
  }

  async pause(): Promise<void> {
    await this.#writer?.stop()
  }

  async stop(): Promise<void> {
    await this.#writer?.stop()
    await this.#target.close()
  }

  async #readPart(
    memory: Buffer,
    first: number,
    count: number,
    identity: RunIdentity,
    { link, probe }: Pick<ProbeSession, 'link' | 'probe'>,
  ): Promise<void> {
    const { blockBytes } = this.#shape
    const bytes = memory.subarray(0, count * blockBytes)
    try {
      await this.#target.read(bytes, first * blockBytes)
    } catch (error) {
      if (count > 1) {
        // Which of the blocks it is.
        for (let block = first; block < first + count; block++) {
          await this.#readPart(memory, block, 1, identity, { link, probe })
        }
        return
      }
      const code = (error as NodeJS.ErrnoException).code ?? String(error)
      const message: ResumeError = { first, count, code }
      link.sendJson(frameType.resumeError, message, probe)
      return
    }
    this.#learn(bytes, first, identity)
    const payload = Buffer.allocUnsafe(8 + bytes.length)
    payload.writeDoubleLE(first, 0)
    payload.set(bytes, 8)
    link.send(encodeFrame(frameType.resumeData, probe, payload))
  }

  #learn(bytes: Buffer, first: number, identity: RunIdentity): void {
    const { blockBytes } = this.#shape
    const scratch = Buffer.alloc(blockBytes)
    for (let at = 0; at < bytes.length; at += blockBytes) {
      const finding = readBlock(bytes, at, blockBytes, identity, scratch)
      if (finding.is === 'whole') this.#versions[first + at / blockBytes] = finding.seq
    }
  }
}
