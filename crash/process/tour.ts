import { Chain, type ChainOptions, type Round } from './chain.ts'
import { enginePoints } from './engine-points.ts'
import { logPoints } from './log-points.ts'
import type { NamedPoint } from './named-point.ts'
import type { Place } from './place.ts'
import type { Arming, KillPoint } from './protocol.ts'
import type { RoundOutcome } from './round.ts'
import { type Violation, violation } from './violation.ts'

export interface TourResult {
  readonly kills: number
  readonly acknowledged: number
  /** Names of the points that were reached. */
  readonly hit: readonly string[]
  /** What was broken, or was not reached, and at which point. */
  readonly violations: readonly { readonly point: NamedPoint; readonly violation: Violation }[]
}

export const namedPoints = { log: logPoints, engine: enginePoints }

// Records or transactions after which a point should have been reached.
const stepsMax = { log: 1500, engine: 400 }
const stepsBefore = 12
// What the clients did decides whether there is anything to repair, to undo, to remove.
const triesMax = 6
// How far a process has come when it is killed at a point of its own.
const comesTo: Record<Arming, RoundOutcome['reached']> = {
  opening: 'nothing',
  checkpoint: 'opened',
  rollback: 'opened',
  running: 'running',
  closing: 'running',
}
const smallOptions = {
  log: { bufferBytes: 64 * 1024, writerDelayMs: 2, idleMarkMs: 5 },
  engine: { bufferBytes: 128 * 1024, bufferPoolBytes: 24 * 4096, maxWalBytes: 256 * 1024 },
}

/**
 * Kills a process at each point, one after the other, with one client. Processes follow each other
 * in one directory, so each point is met by what the one before it has left.
 */
export async function tour(
  options: ChainOptions,
  points: readonly NamedPoint[],
  place: Place,
  seed: number,
): Promise<TourResult> {
  const visit = new Tour(options, place, seed)
  for (const point of points) await visit.goTo(point)
  await visit.leave()
  return visit
}

class Tour implements TourResult {
  readonly violations: { point: NamedPoint; violation: Violation }[] = []
  readonly hit: string[] = []
  kills = 0
  acknowledged = 0
  readonly #options: ChainOptions
  readonly #place: Place
  #seed: number
  #chain: Chain | undefined
  #last: NamedPoint | undefined

  constructor(options: ChainOptions, place: Place, seed: number) {
    this.#options = options
    this.#place = place
    this.#seed = seed
  }

  async goTo(point: NamedPoint): Promise<void> {
    if (point.isNew === true) await this.leave()
    const { program, pool, workDirectory } = this.#place
    const chain = (this.#chain ??= new Chain(
      this.#options,
      program,
      pool,
      workDirectory,
      this.#seed,
    ))
    this.#last = point
    const before = this.violations.length
    for (let tries = 0; tries < triesMax && this.violations.length === before; tries++) {
      if (!(await this.#isReached(chain, point))) continue
      if (this.violations.length === before) this.hit.push(point.name)
      return
    }
    if (this.violations.length > before) {
      // What is left is not what the next point needs.
      this.#forget(chain)
    } else {
      this.#note(point, violation('coverage', 'it was not reached'))
    }
  }

  /** A last process sees what the last kill has left. */
  async leave(): Promise<void> {
    if (this.#chain === undefined || this.#last === undefined) return
    this.#take(this.#last, await this.#chain.check())
    this.#forget(this.#chain)
  }

  async #isReached(chain: Chain, point: NamedPoint): Promise<boolean> {
    const { before, leaves } = point
    if (before !== undefined) this.#take(point, await chain.run(this.#roundAt(before, point)))
    const outcome = await chain.run(this.#roundAt(point, point))
    this.#take(point, outcome)
    if (!outcome.wasKilled || outcome.reached !== comesTo[point.arming]) return false
    if (leaves === undefined) return true
    const next = await chain.check()
    this.#take(point, next)
    return leaves.test(next.restart ?? '')
  }

  #roundAt(at: KillPoint, point: NamedPoint): Round {
    this.#seed += 1
    return roundAt(this.#options.kind, at, point, this.#seed)
  }

  #take(point: NamedPoint, outcome: RoundOutcome): void {
    if (outcome.wasKilled) this.kills += 1
    this.#note(point, outcome.violation)
  }

  #note(point: NamedPoint, found: Violation | undefined): void {
    if (found !== undefined) this.violations.push({ point, violation: found })
  }

  #forget(chain: Chain): void {
    this.acknowledged += chain.acknowledged
    chain.remove()
    this.#chain = undefined
  }
}

function roundAt(
  kind: ChainOptions['kind'],
  { arming, operation, path, moment, count }: KillPoint,
  named: NamedPoint,
  seed: number,
): Round {
  const isShort = arming !== 'running'
  return {
    seed,
    clients: 1,
    steps: isShort ? stepsBefore : stepsMax[kind],
    ending: arming === 'closing' ? 'close' : 'wait',
    kill: undefined,
    point: { arming, operation, path, moment, count, delayUs: 100 },
    options: { ...smallOptions[kind], ...named.options },
  }
}
