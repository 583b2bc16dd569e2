import { Log, type LogOptions, type LSN } from '../../lib/index.ts'
import type { Commit, EventStore } from './event-store.ts'

export interface ProjectionOptions<State> {
  /** The state before the first event. */
  readonly initial: State
  /** The state after a commit. Nothing but its two arguments may matter. */
  readonly apply: (state: State, commit: Commit) => State
  /** Commits from one checkpoint to the next. Default 1000. */
  readonly checkpointEvery?: number
  readonly log?: LogOptions
}

interface Checkpoint<State> {
  /** The state is that of all commits before it. Not there before the first commit. */
  readonly position?: LSN
  readonly state: State
}

/**
 * A view of all events, kept up to date. State and position are one record in a log of its own, so
 * each commit counts exactly once, whenever a crash comes: what came after the last checkpoint is
 * applied again to the state that does not have it. States are what JSON can hold.
 */
export class Projection<State> {
  readonly #store: EventStore
  readonly #log: Log
  readonly #options: ProjectionOptions<State>
  #state: State
  #position: LSN | undefined
  #sinceCheckpoint = 0

  static async open<State>(
    directory: string,
    store: EventStore,
    options: ProjectionOptions<State>,
  ): Promise<Projection<State>> {
    const log = await Log.open(directory, options.log)
    try {
      let checkpoint: Checkpoint<State> = { state: options.initial }
      for await (const { body } of log.read()) {
        checkpoint = JSON.parse(Buffer.from(body).toString()) as Checkpoint<State>
      }
      return new Projection(store, log, options, checkpoint)
    } catch (error) {
      await log.close().catch(() => {})
      throw error
    }
  }

  private constructor(
    store: EventStore,
    log: Log,
    options: ProjectionOptions<State>,
    { state, position }: Checkpoint<State>,
  ) {
    this.#store = store
    this.#log = log
    this.#options = options
    this.#state = state
    this.#position = position
  }

  get state(): State {
    return this.#state
  }

  /** Where the next commit is read from. */
  get position(): LSN | undefined {
    return this.#position
  }

  /** Applies all commits that are durable now. */
  async catchUp(): Promise<State> {
    await this.#applyAll(false)
    return this.#state
  }

  /** Applies commits until `signal` is aborted or the store is closed. One call at a time. */
  async follow(signal?: AbortSignal): Promise<void> {
    try {
      await this.#applyAll(true, signal)
    } catch (error) {
      if (signal?.aborted !== true) throw error
    }
  }

  /**
   * Makes the state durable. The event store shows durable commits only, so no checkpoint is ever
   * ahead of it.
   */
  async checkpoint(): Promise<void> {
    if (this.#position === undefined || this.#sinceCheckpoint === 0) return
    const checkpoint: Checkpoint<State> = { position: this.#position, state: this.#state }
    this.#sinceCheckpoint = 0
    const lsn = await this.#log.commit(Buffer.from(JSON.stringify(checkpoint)), {
      durability: 'flush',
    })
    await this.#log.truncateBefore(lsn)
  }

  async close(): Promise<void> {
    await this.checkpoint()
    await this.#log.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #applyAll(live: boolean, signal?: AbortSignal): Promise<void> {
    const { apply, checkpointEvery = 1000 } = this.#options
    for await (const commit of this.#store.readAll({ from: this.#position, live, signal })) {
      this.#state = apply(this.#state, commit)
      this.#position = commit.nextPosition
      this.#sinceCheckpoint += 1
      if (this.#sinceCheckpoint >= checkpointEvery) await this.checkpoint()
    }
  }
}
