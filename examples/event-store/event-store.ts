import { Log, type LogOptions, type LogRecord, type LSN } from '../../lib/index.ts'
import {
  decodeHeader,
  decodeRecord,
  encodeRecord,
  type NewEvent,
  recordType,
  type StoredEvent,
} from './record-format.ts'
import { StreamIndex } from './stream-index.ts'

/** Events that were appended together. */
export interface Commit {
  /** Where it stands among all commits of all streams: positions rise, with gaps. */
  readonly position: LSN
  /** Read from here to go on behind it. */
  readonly nextPosition: LSN
  readonly stream: string
  readonly events: readonly StoredEvent[]
}

export interface Snapshot {
  /** Of the last event that is in the state. */
  readonly version: number
  readonly state: Uint8Array
}

export interface Appended {
  readonly position: LSN
  /** Of the last event that was appended. */
  readonly version: number
}

/** Nothing was appended: the stream is not at the version that the caller has seen. */
export class WrongVersionError extends Error {
  override readonly name = 'WrongVersionError'
  readonly actualVersion: number

  constructor(stream: string, expected: number, actual: number) {
    super(`${stream} is at version ${actual}, not ${expected}`)
    this.actualVersion = actual
  }
}

const readsAtOnce = 32

/**
 * Streams of events in one log. Whoever reads sees durable events only, in one order of all streams.
 * Methods may be called in any order and any number at a time.
 */
export class EventStore {
  readonly #log: Log
  readonly #index: StreamIndex

  /** Opens the store in `directory`, or creates it. Reads the whole log once, for its index. */
  static async open(directory: string, options?: LogOptions): Promise<EventStore> {
    const log = await Log.open(directory, options)
    try {
      return new EventStore(log, await readIndex(log))
    } catch (error) {
      await log.close().catch(() => {})
      throw error
    }
  }

  private constructor(log: Log, index: StreamIndex) {
    this.#log = log
    this.#index = index
  }

  /** Of the last event of `stream`, 0 if it has none. It may not be durable yet. */
  versionOf(stream: string): number {
    return this.#index.versionOf(stream)
  }

  /**
   * Appends events to `stream`, all or none.
   *
   * @param expectedVersion the version that the decision to append them was based on; `any` without
   * one. Between this look at the version and the append nothing comes, so of two that expect the
   * same version one fails.
   * @durability all events, and everything appended before them, survive a power cut when it
   * resolves. When it rejects with ERR_SEAWALL_POISONED, the next open decides.
   * @throws WrongVersionError, and as `log.append`; nothing was appended then
   */
  async append(
    stream: string,
    expectedVersion: number | 'any',
    events: readonly NewEvent[],
  ): Promise<Appended> {
    if (events.length === 0) throw new RangeError('no events')
    const actual = this.#index.versionOf(stream)
    if (expectedVersion !== 'any' && expectedVersion !== actual) {
      throw new WrongVersionError(stream, expectedVersion, actual)
    }
    const record = encodeRecord({ stream, version: actual + 1, events })
    const position = this.#log.append(record, { type: recordType.commit })
    this.#index.addCommit(stream, actual + 1, events.length, position)
    await this.#log.flush(position)
    return { position, version: actual + events.length }
  }

  /** The events of a stream from `fromVersion` on, as far as they are appended when it begins. */
  async *readStream(stream: string, fromVersion = 1): AsyncGenerator<StoredEvent, void, void> {
    const commits = this.#index.commitsFrom(stream, fromVersion)
    const last = commits.at(-1)
    if (last === undefined) return
    // The index knows them from their append on; what is shown must not be lost in a crash.
    await this.#log.flush(last)
    for (let i = 0; i < commits.length; i += readsAtOnce) {
      const records = commits.slice(i, i + readsAtOnce).map((lsn) => this.#log.get(lsn))
      for (const record of await Promise.all(records)) {
        for (const event of commitOf(record).events) if (event.version >= fromVersion) yield event
      }
    }
  }

  /**
   * Commits of all streams from `from` on: a `nextPosition`, a `position`, or the beginning.
   *
   * @param options.live go on with new ones, as they become durable, until `signal` or `close`
   */
  async *readAll(
    options: { from?: LSN | undefined; live?: boolean; signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<Commit, void, void> {
    const { from = this.#log.oldestLSN, live = false, signal } = options
    const scan = this.#log.read({ from, live, ...(signal === undefined ? {} : { signal }) })
    for await (const record of scan) {
      if (record.type === recordType.commit) yield commitOf(record)
    }
  }

  /**
   * Keeps the state of a stream, so that a reader need not begin at its first event.
   *
   * @param version of the last event that is in `state`
   */
  async saveSnapshot(stream: string, version: number, state: Uint8Array): Promise<void> {
    if (!(version >= 1 && version <= this.#index.versionOf(stream))) {
      throw new RangeError(`${stream} has no version ${version}`)
    }
    const record = encodeRecord({ stream, version, events: [{ type: '', data: state }] })
    const lsn = this.#log.append(record, { type: recordType.snapshot })
    await this.#log.flush(lsn)
    this.#index.addSnapshot(stream, version, lsn)
  }

  /** The newest snapshot; go on with `readStream(stream, snapshot.version + 1)`. */
  async readSnapshot(stream: string): Promise<Snapshot | undefined> {
    const snapshot = this.#index.snapshotOf(stream)
    if (snapshot === undefined) return undefined
    const { version, events } = decodeRecord((await this.#log.get(snapshot.lsn)).body)
    return { version, state: events[0]?.data ?? new Uint8Array() }
  }

  /** Makes everything appended durable. Live readers end. */
  close(): Promise<void> {
    return this.#log.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

function commitOf({ lsn, nextLSN, body }: LogRecord): Commit {
  const { stream, version, events } = decodeRecord(body)
  return {
    position: lsn,
    nextPosition: nextLSN,
    stream,
    events: events.map((event, i) => ({ ...event, version: version + i })),
  }
}

async function readIndex(log: Log): Promise<StreamIndex> {
  const index = new StreamIndex()
  for await (const batch of log.read().batches()) {
    for (let i = 0; i < batch.count; i++) {
      const lsn = batch.lsn(i)
      const type = batch.type(i)
      if (type !== recordType.commit && type !== recordType.snapshot) {
        throw new Error(`record ${lsn} of type ${type} is none of an event store`)
      }
      const { stream, version, count } = decodeHeader(batch.body(i))
      if (type === recordType.commit) index.addCommit(stream, version, count, lsn)
      else index.addSnapshot(stream, version, lsn)
    }
  }
  return index
}
