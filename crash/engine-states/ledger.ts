/** The cells of the store that hold something, by name. */
export type Cells = ReadonlyMap<string, number>

interface Issued {
  readonly cells: Cells
  /** The device's events when the commit was asked for. */
  readonly issuedAt: number
  /** The device's events when the store promised that it survives; undefined: it never did. */
  promisedAt: number | undefined
}

/** A commit that may still be promised. */
export interface Commit {
  promised(event: number): void
}

/** The states that a recovery may show: those after commits from `first` to `last`. */
export interface Bounds {
  readonly states: readonly Cells[]
  readonly first: number
  readonly last: number
}

/**
 * What was asked of a store and what it promised, each with the number of device events before it
 * (I1, I2, I4). Kept by the harness; nothing in it comes from the store.
 *
 * Commits are in the log in the order in which they were asked for, so a recovered store shows the
 * state after one of them and all before it.
 */
export class Ledger {
  readonly #issued: Issued[]

  constructor(cells: Cells) {
    this.#issued = [{ cells, issuedAt: 0, promisedAt: 0 }]
  }

  /** After everything that was asked for. */
  get latest(): Cells {
    return (this.#issued.at(-1) as Issued).cells
  }

  get hasUnpromised(): boolean {
    return this.#issued.at(-1)?.promisedAt === undefined
  }

  /** `changes`: the new value of each cell, undefined for one that is gone. */
  commit(changes: ReadonlyMap<string, number | undefined>, event: number): Commit {
    const cells = new Map(this.latest)
    for (const [name, value] of changes) {
      if (value === undefined) cells.delete(name)
      else cells.set(name, value)
    }
    const issued: Issued = { cells, issuedAt: event, promisedAt: undefined }
    this.#issued.push(issued)
    return {
      promised: (at) => {
        issued.promisedAt ??= at
      },
    }
  }

  /** Something that was asked for after so many events was promised. */
  hasPromisedFrom(event: number): boolean {
    return this.#issued.some(
      ({ issuedAt, promisedAt }) => issuedAt >= event && promisedAt !== undefined,
    )
  }

  /** Somebody was shown everything that was asked for so far. */
  shown(event: number): void {
    const latest = this.#issued.at(-1) as Issued
    latest.promisedAt ??= event
  }

  /** When the power goes after `event` events. */
  boundsAt(event: number): Bounds {
    const first = this.#issued.findLastIndex(
      ({ promisedAt }) => promisedAt !== undefined && promisedAt <= event,
    )
    const last = this.#issued.findLastIndex(({ issuedAt }) => issuedAt <= event)
    return { states: this.#issued.map(({ cells }) => cells), first, last }
  }
}

/** The one of the allowed states that `cells` is; undefined when it is none. */
export function stateWithin(bounds: Bounds, cells: Cells): number | undefined {
  for (let state = bounds.last; state >= bounds.first; state--) {
    if (sameCells(bounds.states[state] as Cells, cells)) return state
  }
  return undefined
}

function sameCells(a: Cells, b: Cells): boolean {
  if (a.size !== b.size) return false
  for (const [name, value] of a) if (b.get(name) !== value) return false
  return true
}

/** Which promise a state breaks that is not within the bounds. */
export function brokenPromise(bounds: Bounds, cells: Cells): { oracle: string; message: string } {
  const known = bounds.states.findIndex((state) => sameCells(state, cells))
  const shown = [...cells].map(([name, value]) => `${name}=${value}`).join(' ')
  if (known >= 0 && known < bounds.first) {
    const message = `the state after commit ${known}, but ${bounds.first} was promised: ${shown}`
    return { oracle: 'I1', message }
  }
  if (known > bounds.last)
    return { oracle: 'I3', message: `commit ${known} was not asked for yet: ${shown}` }
  const states = bounds.states.slice(bounds.first, bounds.last + 1)
  const values = new Set(bounds.states.flatMap((state) => [...state.values()]))
  const isInvented = [...cells.values()].some((value) => !values.has(value))
  const oracle = isInvented ? 'I3' : 'I2'
  const expected = states.map((state) => [...state].map(([n, v]) => `${n}=${v}`).join(' '))
  return { oracle, message: `${shown} is none of: ${expected.join(' | ')}` }
}
