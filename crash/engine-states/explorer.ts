import { CrashedDisk } from '../../simulation/crashed-disk.ts'
import { type Choices, ListedChoices, RecordedChoices } from '../choices.ts'
import type { Bounds } from './ledger.ts'
import { recover, type Violation } from './recovery.ts'
import { type Beginning, runSmallWorkload, type SmallRun, type SmallScope } from './small-run.ts'

/** How many crashes in a row, each within the recovery from the one before. */
export const crashesMax = 3
// More blocks than that say nothing more.
const coveredExponentMax = 40
const findingsMax = 3

export interface ExplorerCounts {
  /** Recoveries that were run and judged. */
  states: number
  /** What they stand for, with every block that nobody looked at either way. */
  covered: number
  /** Crash images that had been seen before. */
  pruned: number
  /** Crashes within a recovery. */
  nested: number
  workloads: number
}

/** A violation and the choices that lead to it. */
export interface Finding extends Violation {
  readonly choices: readonly number[]
}

/**
 * Looks at every crash of a workload: after every event of the device, with everything that may be
 * left of what was volatile, and again within the recovery from it. What nobody reads is not
 * decided, so that one recovery stands for all images that agree on what it has read.
 */
export class Explorer {
  readonly counts: ExplorerCounts = { states: 0, covered: 0, pruned: 0, nested: 0, workloads: 0 }
  readonly findings: Finding[] = []
  readonly scope: SmallScope
  readonly #beginning: Beginning
  /** By image and what may be shown: how many crashes in a row were looked at. */
  readonly #visited = new Map<string, number>()

  readonly #crashes: number
  readonly #isTimeUp: () => boolean

  /** `crashes`: so many in a row, each within the recovery from the one before. */
  constructor(
    scope: SmallScope,
    beginning: Beginning,
    crashes: number,
    isTimeUp: () => boolean = () => false,
  ) {
    this.scope = scope
    this.#beginning = beginning
    this.#crashes = crashes
    this.#isTimeUp = isTimeUp
  }

  /** There is enough to look at, or no more time. */
  isOver(): boolean {
    return this.findings.length >= findingsMax || this.#isTimeUp()
  }

  /**
   * Runs `operations` operations and looks at the crashes during the last one. Returns the run;
   * its disk is gone.
   */
  async workload(choices: Choices, operations: number): Promise<SmallRun> {
    const recorded = new RecordedChoices(choices)
    const run = await runSmallWorkload(
      this.scope,
      this.#beginning,
      recorded,
      (done) => done < operations,
    )
    this.counts.workloads += 1
    if (!run.isExhausted) {
      for (let event = run.lastBeganAt; event <= run.disk.events; event++) {
        const path = [run.operations.length, ...recorded.picks, event]
        await this.#crash(run.disk, event, run.ledger.boundsAt(event), this.#crashes, path)
      }
    }
    run.disk.forget()
    return run
  }

  async #crash(
    disk: CrashedDisk,
    event: number,
    bounds: Bounds,
    crashes: number,
    path: readonly number[],
  ): Promise<void> {
    for (const kind of ['cut', 'kill'] as const) {
      if (this.isOver()) return
      const key = `${kind} ${disk.hashAt(event, kind)} ${nameOf(bounds)}`
      if ((this.#visited.get(key) ?? 0) >= crashes) {
        this.counts.pruned += 1
        continue
      }
      this.#visited.set(key, crashes)
      await this.#outcomes(disk, event, kind, bounds, crashes, [...path, kind === 'cut' ? 0 : 1])
    }
  }

  // Depth first through everything that recovery meets.
  async #outcomes(
    disk: CrashedDisk,
    event: number,
    kind: 'cut' | 'kill',
    bounds: Bounds,
    crashes: number,
    path: readonly number[],
  ): Promise<void> {
    let picks: number[] | undefined = []
    while (picks !== undefined && !this.isOver()) {
      const crashed = disk.crashAt(event, kind, picks)
      crashed.record()
      const outcome = await recover(crashed, this.scope.store, this.scope.bounds, bounds)
      const trace = crashed.trace()
      this.counts.states += 1
      this.counts.covered += 2 ** Math.min(crashed.undecidedBlocks, coveredExponentMax)
      const here = [...path, ...trace.picks]
      if (outcome.violation !== undefined) {
        this.findings.push({ ...outcome.violation, choices: here })
      } else if (crashes > 1) {
        await this.#again(crashed, outcome.openedAt, outcome.state, bounds, crashes - 1, here)
      }
      crashed.forget()
      picks = trace.next()
    }
  }

  // Once the store was open it has shown its state, and shows no other one any more (I5).
  async #again(
    disk: CrashedDisk,
    openedAt: number,
    state: number,
    bounds: Bounds,
    crashes: number,
    path: readonly number[],
  ): Promise<void> {
    const shown: Bounds = { ...bounds, first: state, last: state }
    for (let event = 1; event <= disk.events; event++) {
      this.counts.nested += 1
      const allowed = event >= openedAt ? shown : bounds
      await this.#crash(disk, event, allowed, crashes, [...path, event])
    }
  }
}

function nameOf({ states, first, last }: Bounds): string {
  const names = states.slice(first, last + 1).map((cells) => JSON.stringify([...cells].sort()))
  return [...new Set(names)].join()
}

/** Does again what a finding says; undefined when nothing is wrong any more. */
export async function replayFinding(
  scope: SmallScope,
  beginning: Beginning,
  choices: readonly number[],
): Promise<Violation | undefined> {
  const [operations = 0, ...rest] = choices
  const listed = new RecordedChoices(new ListedChoices(rest))
  const run = await runSmallWorkload(scope, beginning, listed, (done) => done < operations)
  let left = rest.slice(listed.picks.length)
  let disk = run.disk
  let bounds: Bounds | undefined
  let openedAt = 0
  let state = 0
  for (let crash = 0; crash < crashesMax; crash++) {
    const [event = disk.events, kind = 0, ...picks] = left
    const at = Math.min(event, disk.events)
    if (bounds === undefined) bounds = run.ledger.boundsAt(at)
    else if (at >= openedAt) bounds = { ...bounds, first: state, last: state }
    disk = disk.crashAt(at, kind === 0 ? 'cut' : 'kill', picks)
    disk.record()
    const outcome = await recover(disk, scope.store, scope.bounds, bounds)
    if (outcome.violation !== undefined) return outcome.violation
    openedAt = outcome.openedAt
    state = outcome.state
    left = picks.slice(disk.trace().picks.length)
    if (left.length === 0) return undefined
  }
  return undefined
}
