import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { Engine, type EngineOptions, type LSN, type Transaction } from '../../index.ts'
import { eventKind } from '../protocol/events.ts'
import { encodeFrame, frameType } from '../protocol/frame.ts'
import type { EngineShape, Fingerprint, ProbeHello, ResumeEnd } from '../protocol/messages.ts'
import {
  cellBytes,
  firstInLane,
  type PlannedTransaction,
  planTransaction,
  writeCell,
} from '../workload/engine-plan.ts'
import { RigError } from '../rig-error.ts'
import type { AgentProbe, ProbeSession } from './agent-probe.ts'
import { Credit } from './credit.ts'

const pageBytes = 4096
/** What a page of the rig's engine holds. */
export const engineBodyBytes = pageBytes - 32
const checkpointMs = 400
const resumePagesPerFrame = 32

// Few pages fit in memory, the log is short: pages are stolen, checkpoints and recycling are
// frequent.
const engineOptions: EngineOptions = {
  pageSize: pageBytes,
  bufferPoolBytes: 160 * pageBytes,
  segmentBytes: 4 * 1024 * 1024,
  maxWalBytes: 16 * 1024 * 1024,
  bufferBytes: 1024 * 1024,
}

/** Probe B: transactions of the real engine, lane by lane. */
export class EngineProbe implements AgentProbe {
  readonly hello: ProbeHello
  readonly #directory: string
  readonly #shape: EngineShape
  #engine: Engine | undefined
  #pages: readonly number[] = []
  #credit: Credit | undefined
  #working: Promise<unknown> | undefined

  constructor(directory: string, shape: EngineShape, hello: ProbeHello) {
    this.#directory = directory
    this.#shape = shape
    this.hello = hello
  }

  async resume({ link, probe, welcome }: ProbeSession): Promise<void> {
    const startedAt = performance.now()
    const end = (rest: Omit<ResumeEnd, 'durationMs'>): void => {
      const message: ResumeEnd = { durationMs: performance.now() - startedAt, ...rest }
      link.sendJson(frameType.resumeEnd, message, probe)
    }
    link.phase(probe, { phase: 'recovery', step: 'open' })
    const directory = join(this.#directory, welcome.store ?? '')
    try {
      // Opening would create what the device has lost.
      if (!existsSync(directory)) throw new RigError(`${directory} is gone`)
      this.#engine = await Engine.open(directory, {
        ...engineOptions,
        onProgress: ({ phase }) => link.phase(probe, { phase: 'recovery', step: phase }),
      })
      this.#pages = welcome.pages ?? []
      await this.#streamPages(this.#engine, { link, probe })
      end({ recovery: recoveryOf(this.#engine) })
    } catch (error) {
      end({ error: error instanceof Error ? error.message : String(error) })
    }
  }

  start(session: ProbeSession, first: number): void {
    const { link, probe } = session
    this.#working = this.#work(session, first).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error)
      link.phase(probe, { phase: 'stopped', reason })
    })
  }

  confirmed(upTo: number): void {
    this.#credit?.confirmed(upTo)
  }

  async pause(): Promise<void> {
    this.#credit?.stop()
    await this.#working
  }

  async stop(): Promise<void> {
    await this.pause()
    await this.#engine?.close().catch(() => {})
  }

  async #work(session: ProbeSession, first: number): Promise<void> {
    const engine = this.#engine ?? (await this.#create(session))
    const { link, probe, run } = session
    const credit = new Credit(first, run.window, (upTo) => link.announce(probe, upTo))
    this.#credit = credit
    const lanes = Array.from({ length: this.#shape.lanes }, (_, lane) =>
      this.#lane(engine, session, credit, firstInLane(this.#shape.lanes, lane, first)),
    )
    // The first lane that fails stops the others.
    const working = Promise.all(lanes).finally(() => credit.stop())
    await Promise.all([working, this.#checkpoints(engine, session, credit)])
  }

  async #create({ link, probe, run }: ProbeSession): Promise<Engine> {
    const store = `store-${run.session}`
    const engine = await Engine.open(join(this.#directory, store), engineOptions)
    this.#engine = engine
    const { lanes, pagesPerLane } = this.#shape
    const pages = await engine.transaction(async (transaction) => {
      const ids: number[] = []
      while (ids.length < lanes * pagesPerLane) {
        const page = await transaction.allocatePage()
        transaction.write(page, 0, Buffer.alloc(engineBodyBytes))
        ids.push(page.id)
        page.release()
      }
      return ids
    })
    this.#pages = pages
    link.phase(probe, { phase: 'engine-ready', store, pages })
    return engine
  }

  async #lane(
    engine: Engine,
    { link, probe, run }: ProbeSession,
    credit: Credit,
    first: number,
  ): Promise<void> {
    for (let number = first; ; number += this.#shape.lanes) {
      while (!credit.isStopped && !credit.covers(number)) await credit.more()
      if (credit.isStopped) return
      const plan = planTransaction(run.seed, this.#shape, number)
      const transaction = await engine.begin()
      await this.#change(transaction, plan, run.seed)
      if (plan.outcome === 'rollback') {
        await transaction.rollback()
        link.event(probe, eventKind.rolledBack, number)
      } else {
        await transaction.commit()
        link.event(probe, eventKind.committed, number, plan.writes.length)
      }
    }
  }

  async #change(transaction: Transaction, plan: PlannedTransaction, seed: number): Promise<void> {
    const firstPage = plan.lane * this.#shape.pagesPerLane
    const cell = Buffer.alloc(cellBytes)
    const write = async (at: PlannedTransaction['writes'][number]): Promise<LSN | undefined> => {
      const page = await transaction.page(this.#pages[firstPage + at.page] as number)
      writeCell(cell, 0, seed, plan.number, at)
      return transaction.write(page, at.cell * cellBytes, cell)
    }
    if (plan.undone.length > 0) {
      const savepoint = transaction.savepoint()
      for (const at of plan.undone) await write(at)
      await transaction.rollbackTo(savepoint)
    }
    for (const at of plan.writes) await write(at)
  }

  async #checkpoints(engine: Engine, { link, probe }: ProbeSession, credit: Credit): Promise<void> {
    let lastAt = performance.now()
    while (!credit.isStopped) {
      await credit.more()
      if (performance.now() - lastAt < checkpointMs || credit.isStopped) continue
      link.phase(probe, { phase: 'checkpoint-begins' })
      await engine.checkpoint()
      link.phase(probe, { phase: 'checkpoint-ends' })
      lastAt = performance.now()
    }
  }

  async #streamPages(
    engine: Engine,
    { link, probe }: Pick<ProbeSession, 'link' | 'probe'>,
  ): Promise<void> {
    for (let first = 0; first < this.#pages.length; first += resumePagesPerFrame) {
      const ids = this.#pages.slice(first, first + resumePagesPerFrame)
      const payload = Buffer.alloc(8 + ids.length * engineBodyBytes)
      payload.writeDoubleLE(first, 0)
      await engine.transaction(
        async (transaction) => {
          for (const [i, id] of ids.entries()) {
            const page = await transaction.page(id)
            payload.set(page.body.subarray(0, engineBodyBytes), 8 + i * engineBodyBytes)
            page.release()
          }
        },
        { readOnly: true },
      )
      link.send(encodeFrame(frameType.resumeData, probe, payload))
      await link.drained()
    }
  }
}

function recoveryOf({ recovery }: Engine): Fingerprint {
  return {
    endLSN: recovery.endLSN,
    cutBytes: recovery.log.cutBytes,
    redone: recovery.redo.redone,
    losers: recovery.analysis.losers,
    tornPagesRepaired: recovery.tornPagesRepaired.length,
    damagedPages: recovery.damagedPages.length,
    durationMs: recovery.durationMs,
  }
}
