import type { BenchContext } from '../bench-case.ts'
import {
  alternate,
  type Guard,
  type Sample,
  type Samples,
  type Subject,
} from '../measure/rounds.ts'
import type { Cell, CommitEngine, EngineSession } from './engine.ts'
import { cellInWords } from './engine.ts'

/** How a cell is measured. */
export interface CellPlan extends Cell {
  /** Of Seawall and fio. */
  readonly rounds: number
  /** Of the others too; the first ones. */
  readonly peerRounds: number
  readonly seconds: number
  readonly warmUpSeconds: number
}

export interface MeasuredCell extends Cell {
  /** By the name of the engine; without those that are not measured there, or failed. */
  readonly samples: Samples
}

export interface Measured {
  readonly cells: readonly MeasuredCell[]
  /** Why an engine is missing somewhere. */
  readonly skipped: readonly string[]
}

/** Engines that stay open for one size of records; those that fail are left out from then on. */
class OpenEngines {
  readonly #sessions = new Map<CommitEngine, EngineSession>()
  readonly #failures = new Map<CommitEngine, string>()
  readonly skipped: string[] = []

  static async open(engines: readonly CommitEngine[], bodyBytes: number): Promise<OpenEngines> {
    const opened = new OpenEngines()
    const sessions = new Map<CommitEngine, EngineSession>()
    const open = (engine: CommitEngine): Promise<void> =>
      opened.#tried(engine, 'opening it', async () => {
        sessions.set(engine, await engine.open(bodyBytes))
      })
    await Promise.all(engines.map(open))
    // In the order of the engines, not in that of their starts.
    for (const engine of engines) {
      const session = sessions.get(engine)
      if (session !== undefined) opened.#sessions.set(engine, session)
    }
    return opened
  }

  /** A peer that does not work is no reason to measure nothing; without the log there is. */
  async #tried(engine: CommitEngine, where: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (engine.role !== 'peer') throw error
      const why = `${engine.name}, ${where}: ${(error as Error).message}`
      this.#failures.set(engine, why)
      this.skipped.push(why)
    }
  }

  subjectsFor(cell: CellPlan, withPeers: boolean): Subject[] {
    return [...this.#sessions]
      .filter(([{ role }]) => withPeers || role !== 'peer')
      .filter(([engine]) => engine.cellFor(cell)?.committers === cell.committers)
      .map(([engine, session]) => ({
        name: engine.name,
        run: async () => {
          let sample: Sample = { value: Number.NaN }
          if (this.#failures.has(engine)) return sample
          await this.#tried(engine, cellInWords(cell), async () => {
            sample = await session.run(cell, cell.seconds, cell.warmUpSeconds)
          })
          return sample
        },
      }))
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions.values()].map((session) => session.close()))
  }
}

function isComplete(samples: readonly Sample[]): boolean {
  return samples.length > 0 && samples.every(({ value }) => Number.isFinite(value))
}

async function measureCell(
  opened: OpenEngines,
  plan: CellPlan,
  seed: number,
  guard: Guard,
): Promise<Samples> {
  const { rounds, peerRounds } = plan
  const everyone = await alternate(opened.subjectsFor(plan, true), peerRounds, seed, guard)
  const alone = opened.subjectsFor(plan, false)
  const more = await alternate(alone, Math.max(0, rounds - peerRounds), seed + peerRounds, guard)
  return new Map(
    [...everyone]
      .map(([name, samples]) => [name, [...samples, ...(more.get(name) ?? [])]] as const)
      .filter(([, samples]) => isComplete(samples)),
  )
}

async function measureSize(
  engines: readonly CommitEngine[],
  plans: readonly CellPlan[],
  seed: number,
  guard: Guard,
): Promise<Measured> {
  const opened = await OpenEngines.open(engines, plans[0]?.bodyBytes ?? 0)
  const cells: MeasuredCell[] = []
  try {
    for (const plan of plans) {
      const { bodyBytes, committers } = plan
      const samples = new Map(await measureCell(opened, plan, seed, guard))
      // Where it makes no difference how many there are, another cell has the answer.
      for (const engine of engines) {
        const elsewhere = engine.cellFor(plan)?.committers
        const found = cells.find((cell) => cell.committers === elsewhere)?.samples.get(engine.name)
        if (found !== undefined && elsewhere !== committers) samples.set(engine.name, [...found])
      }
      cells.push({ bodyBytes, committers, samples })
    }
  } finally {
    await opened.close()
  }
  return { cells, skipped: opened.skipped }
}

/** All cells of one size after each other, all engines of a cell by turns. */
export async function measureCells(
  context: Pick<BenchContext, 'settings' | 'guard'>,
  engines: readonly CommitEngine[],
  plans: readonly CellPlan[],
): Promise<Measured> {
  const cells: MeasuredCell[] = []
  const skipped: string[] = []
  for (const bodyBytes of new Set(plans.map((plan) => plan.bodyBytes))) {
    const ofSize = plans.filter((plan) => plan.bodyBytes === bodyBytes)
    const measured = await measureSize(engines, ofSize, context.settings.seed, context.guard)
    cells.push(...measured.cells)
    skipped.push(...measured.skipped)
  }
  return { cells, skipped }
}
