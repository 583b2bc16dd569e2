/** What was said when the record of the disk had at most `recordBytes`. */
export interface Said<T> {
  readonly what: T
  readonly recordBytes: number
}

export interface Attempt {
  readonly client: number
  readonly attempt: number
}

/**
 * What the machine promised, kept outside of it, with the place in the record of its disk at which
 * each promise was known. A promise that comes late only weakens what is demanded.
 */
export class Ledger {
  /** Page ids: the shared page, then those of each client. */
  pages: Said<readonly (readonly number[])[]> | undefined
  /** The log was open. */
  begun: Said<undefined> | undefined
  readonly intents: Attempt[] = []
  readonly durable: Said<Attempt>[] = []
  readonly undone: Attempt[] = []
  /** Records by number. */
  recordIntents = 0
  readonly durableRecords: Said<number>[] = []
  readonly truncations: Said<number>[] = []
  readonly truncationIntents: number[] = []
  /** The error after which it stopped, `CODE ERRNO`. */
  failure: string | undefined
  /** What was tried after the failure was refused so often, and accepted so often. */
  refused = 0
  accepted = 0
  closeFailure: string | undefined
  /** An error that was none of Seawall's, which a user could do nothing with. */
  untyped: string | undefined
  isClosed = false
  hasEnded = false

  /** Promises so far. */
  get promises(): number {
    return this.durable.length + this.durableRecords.length
  }

  /** Takes a line from the machine. @throws Error when it makes no sense */
  take(line: string, recordBytes: number): void {
    const [word = '', ...rest] = line.split(' ')
    const [first = NaN, second = NaN] = rest.map(Number)
    const attempt: Attempt = { client: first, attempt: second }
    const isRecord = rest.length === 1
    switch (word) {
      case 'start':
        return
      case 'pages':
        this.pages = { what: rest.map((ids) => ids.split(',').map(Number)), recordBytes }
        return
      case 'begin':
        this.begun = { what: undefined, recordBytes }
        return
      case 'intent':
        if (isRecord) this.recordIntents = Math.max(this.recordIntents, first + 1)
        else this.intents.push(attempt)
        return
      case 'durable':
        if (isRecord) this.durableRecords.push({ what: first, recordBytes })
        else this.durable.push({ what: attempt, recordBytes })
        return
      case 'undone':
        this.undone.push(attempt)
        return
      case 'truncate':
        this.truncationIntents.push(first)
        return
      case 'truncated':
        this.truncations.push({ what: first, recordBytes })
        return
      default:
        this.#takeEnding(word, rest.join(' '))
    }
  }

  #takeEnding(word: string, rest: string): void {
    switch (word) {
      case 'failed':
        this.failure = rest
        this.#noteUntyped(rest)
        return
      case 'refused':
        this.refused += 1
        this.#noteUntyped(rest)
        return
      case 'accepted':
        this.accepted += 1
        return
      case 'close-failed':
        this.closeFailure = rest
        this.#noteUntyped(rest)
        return
      case 'closed':
        this.isClosed = true
        return
      case 'end':
        this.hasEnded = true
        return
      default:
        throw new Error(`the machine said ${word} ${rest}`)
    }
  }

  #noteUntyped(error: string): void {
    if (error.startsWith('untyped')) this.untyped ??= error
  }

  /** What was promised when the record was not longer than `recordBytes`. */
  promisedWithin(recordBytes: number): Promised {
    const within = <T>(list: readonly Said<T>[]): T[] =>
      list.filter((said) => said.recordBytes <= recordBytes).map(({ what }) => what)
    const clients = (this.pages?.what.length ?? 1) - 1
    const durable = new Array<number>(clients).fill(0)
    for (const { client, attempt } of within(this.durable)) {
      durable[client] = Math.max(durable[client] ?? 0, attempt)
    }
    const undone = new Set(this.undone.map(nameOf))
    const intended = Array.from({ length: clients }, (): number[] => [])
    for (const intent of this.intents) {
      if (!undone.has(nameOf(intent))) intended[intent.client]?.push(intent.attempt)
    }
    const truncated = within(this.truncations)
    const last = truncated.at(-1) ?? 0
    const isThere = (said: Said<unknown> | undefined): boolean =>
      said !== undefined && said.recordBytes <= recordBytes
    return {
      pages: this.pages !== undefined && isThere(this.pages) ? this.pages.what : undefined,
      durable,
      intended,
      durableRecords: 1 + Math.max(-1, ...within(this.durableRecords)),
      recordIntents: this.recordIntents,
      beginnings: [last, ...this.truncationIntents.filter((index) => index > last)],
    }
  }
}

const nameOf = ({ client, attempt }: Attempt): string => `${client} ${attempt}`

/** What a recovery must and may show. JSON, for failure files. */
export interface Promised {
  /** Undefined: the store was not yet made. */
  readonly pages: readonly (readonly number[])[] | undefined
  /** By client: its last transaction that was promised. */
  readonly durable: readonly number[]
  /** By client: the transactions whose commit was asked for. */
  readonly intended: readonly (readonly number[])[]
  /** So many records were promised. */
  readonly durableRecords: number
  readonly recordIntents: number
  /** The numbers of the records with which the log may begin. */
  readonly beginnings: readonly number[]
}
