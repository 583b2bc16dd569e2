import type { Random } from '../../test/support/random.ts'

/** A promise that was broken, with its number: I1 to I18. */
export class BrokenPromise extends Error {
  readonly oracle: string

  constructor(oracle: string, message: string) {
    super(message)
    this.oracle = oracle
  }
}

/** What a recovery showed. */
export interface Recovered<Found> {
  readonly found: Found
  /** The device's events before it was shown to anyone. */
  readonly shownAt: number
}

/** What was done, and what may be left of it. */
export interface Worked<Allowed> {
  /** Operations that were acknowledged. */
  readonly acknowledged: number
  /** The code of the error after which it was of no use any more; undefined: it was closed in order. */
  readonly failure: string | undefined
  /** What a recovery may show when the device stopped after so many events. */
  allowedAt(events: number): Allowed
}

/**
 * What is crashed: a store, how it is used, and an oracle that is kept apart from it. Options and
 * what is allowed are JSON, for failure files.
 */
export interface Subject<Options, Found, Allowed> {
  readonly name: string
  options(random: Random): Options
  /** Opens the store, which holds `found`, uses it for a while, and closes it. */
  work(
    directory: string,
    options: Options,
    found: Found,
    random: Random,
    amount: number,
    events: () => number,
  ): Promise<Worked<Allowed>>
  /** Opens the store, looks at everything, and closes it. Makes an empty one where there is none. */
  recover(directory: string, options: Options, events: () => number): Promise<Recovered<Found>>
  /** Why it may not hold this. */
  violation(found: Found, allowed: Allowed): BrokenPromise | undefined
  /** Nothing but this may be there. */
  exactly(found: Found): Allowed
}
