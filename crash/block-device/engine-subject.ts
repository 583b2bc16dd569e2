import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Engine, type EngineOptions, SeawallError } from '../../lib/index.ts'
import {
  type Contents,
  difference,
  type PageModel,
  readContents,
} from '../../test/support/page-model.ts'
import { PageWorkload } from '../../test/support/page-workload.ts'
import type { Random } from '../../test/support/random.ts'
import { nativeRoot } from '../../simulation/native-root.ts'
import { BrokenPromise, type Recovered, type Subject, type Worked } from './subject.ts'

/** The states that may be there, each as [page id, content] pairs. */
type AllowedStates = [number, string][][]

const pageBytes = 4096
// docs/FORMAT.md, not the layout of the code under test.
const pageLSNOffset = 8
const nativeBinding = join(nativeRoot(), 'native/build/Release/seawall.node')

/** Transactions on pages: the whole engine on the real addon. */
export const engineSubject: Subject<EngineOptions, Contents, AllowedStates> = {
  name: 'engine',

  options(random) {
    return {
      pageSize: pageBytes,
      bufferPoolBytes: random.pick([16, 24, 64]) * pageBytes,
      segmentBytes: random.pick([64, 128]) * 1024,
      bufferBytes: 64 * 1024,
      maxWalBytes: random.pick([64, 128, 256]) * 1024,
      maxLogBytes: 1024 * 1024,
      tornPages: random.pick(['doublewrite', 'fullPageImages']),
      padToBlock: random.chance(0.3),
      writerDelayMs: 1,
      idleMarkMs: random.pick([1, 10]),
      checkpointTimeoutMs: random.pick([10, 30, 100]),
      lockTimeoutMs: 1000,
    }
  },

  work: (directory, options, found, random, amount, events) =>
    new EngineWork(random, found, events).run(directory, options, amount),

  async recover(directory, options, events) {
    const pageLSNs = storedPageLSNs(directory)
    const engine = await open(directory, options)
    try {
      const shownAt = events()
      checkRecovery(engine, pageLSNs)
      return { found: await readContents(engine), shownAt } satisfies Recovered<Contents>
    } finally {
      await engine.close()
    }
  },

  violation(found, allowed) {
    const states = allowed.map((pages) => new Map(pages))
    const differences = states.map((state) => difference(found, state))
    if (differences.includes(undefined)) return undefined
    const message = `none of ${states.length} states; the first: ${String(differences[0])}`
    return new BrokenPromise('I1/I2', message)
  },

  exactly: (found) => [[...found]],
}

function open(directory: string, options: EngineOptions): Promise<Engine> {
  return Engine.open(join(directory, 'store'), { ...options, nativeBinding })
}

function toAllowed(states: readonly PageModel[]): AllowedStates {
  return states.map((contents) => [...contents])
}

/**
 * The pageLSN of every page in the data file, as the crash has left them; torn ones too. None when
 * the device does not let it be read: that is for the engine to find.
 */
function storedPageLSNs(directory: string): number[] {
  let bytes: Buffer
  try {
    bytes = readFileSync(join(directory, 'store/pages'))
  } catch {
    return []
  }
  const lsns: number[] = []
  for (let at = pageBytes; at + pageBytes <= bytes.length; at += pageBytes) {
    lsns.push(Number(bytes.readBigUInt64LE(at + pageLSNOffset)))
  }
  return lsns
}

function checkRecovery(engine: Engine, pageLSNs: readonly number[]): void {
  const { log, damagedPages } = engine.recovery
  if (damagedPages.length > 0) {
    throw new BrokenPromise(
      'I10',
      `pages that redo could not mend: ${JSON.stringify(damagedPages)}`,
    )
  }
  const ahead = pageLSNs.findIndex((lsn) => lsn >= log.keptTo)
  if (ahead >= 0) {
    const lsn = String(pageLSNs[ahead])
    throw new BrokenPromise('I8', `page ${ahead + 1} has LSN ${lsn}, the log ends at ${log.keptTo}`)
  }
}

/** One use of a store: transactions of several clients, and checkpoints. */
class EngineWork {
  readonly #random: Random
  readonly #workload: PageWorkload

  constructor(random: Random, found: Contents, events: () => number) {
    this.#random = random
    this.#workload = new PageWorkload(random, found, events)
  }

  async run(
    directory: string,
    options: EngineOptions,
    amount: number,
  ): Promise<Worked<AllowedStates>> {
    const workload = this.#workload
    let failure: string | undefined
    try {
      const engine = await open(directory, options)
      const clients = 1 + this.#random.below(5)
      try {
        for (let left = amount; left > 0 && failure === undefined; left -= 20) {
          await workload.run(engine, clients, Math.min(left, 20))
          if (this.#random.chance(0.3)) await engine.checkpoint({ immediate: true })
          failure = await failureOf(engine)
        }
      } finally {
        await engine.close()
      }
    } catch (error) {
      if (!(error instanceof SeawallError)) throw error
      failure ??= error.code
    }
    if (workload.mismatch !== undefined) throw new BrokenPromise('I17', workload.mismatch)
    const { acknowledged } = workload
    return {
      acknowledged,
      failure,
      allowedAt: (events) => toAllowed(workload.possibleContents(events)),
    }
  }
}

/** Asks twice, because an engine that has failed must stay so (I14). */
async function failureOf(engine: Engine): Promise<string | undefined> {
  const first = await tryToBegin(engine)
  if (first !== undefined && (await tryToBegin(engine)) === undefined) {
    throw new BrokenPromise('I14', `a transaction began after ${first}`)
  }
  return first
}

async function tryToBegin(engine: Engine): Promise<string | undefined> {
  try {
    const transaction = await engine.begin({ readOnly: true })
    await transaction.rollback()
    return undefined
  } catch (error) {
    if (error instanceof SeawallError) return error.code
    throw error
  }
}
