import { join } from 'node:path'

import { type Durability, Log, type LogOptions, type LSN, SeawallError } from '../../lib/index.ts'
import { decodeEntries, encodeEntries, keyBytes, keyOf } from './entry-format.ts'
import { Memtable } from './memtable.ts'
import { merge, withoutDeletions } from './merge.ts'
import { encodeRuns, type Recovered, recordType, recover } from './recover.ts'
import type { RunSet } from './run-set.ts'
import { findInRun, scanRun } from './sorted-run.ts'

export interface StoreOptions {
  /** Changes that are kept in memory before they become a sorted run. Default 4 MiB. */
  memtableBytes?: number
  /** With so many runs all of them become one. Default 4. */
  runsMax?: number
  /** Options of both logs. `durability: 'async'` makes writes return at once. */
  log?: LogOptions
}

type Key = string | Uint8Array
/** A change of a batch; without a value the key is deleted. */
export interface Change {
  readonly key: Key
  readonly value?: Uint8Array | undefined
}

export interface WriteOptions {
  /** Default: that of the log options, which is `flush` by default. */
  durability?: Durability
}

/**
 * Keys and values of bytes, in the order of the keys. A write is one record of the log, so all of a
 * batch survives a crash or nothing of it. What is written is seen at once, in the order of the log;
 * a crash takes back the newest writes at most, and none that was acknowledged with `flush`.
 * Methods may be called in any order and any number at a time.
 */
export class KeyValueStore {
  readonly #log: Log
  readonly #runs: RunSet
  readonly #memtableBytes: number
  readonly #runsMax: number
  readonly #durability: Durability
  #memtable: Memtable
  /** The memtable that is being written to a run. */
  #flushing: Memtable | undefined
  #lastLSN: LSN | undefined
  #flush: Promise<void> | undefined
  #failure: unknown

  /** Opens the store in `directory`, or creates it: the runs it knows, and the log since then. */
  static async open(directory: string, options: StoreOptions = {}): Promise<KeyValueStore> {
    const log = await Log.open(directory, options.log)
    try {
      const runLog = await Log.open(join(directory, 'runs'), options.log)
      try {
        const store = new KeyValueStore(log, await recover(log, runLog), options)
        for (const each of [log, runLog]) each.on('error', (error) => (store.#failure ??= error))
        return store
      } catch (error) {
        await runLog.close().catch(() => {})
        throw error
      }
    } catch (error) {
      await log.close().catch(() => {})
      throw error
    }
  }

  private constructor(
    log: Log,
    { runs, memtable, lastLSN }: Recovered,
    { memtableBytes = 4 * 1024 * 1024, runsMax = 4, log: logOptions }: StoreOptions,
  ) {
    this.#log = log
    this.#runs = runs
    this.#memtable = memtable
    this.#lastLSN = lastLSN
    this.#memtableBytes = memtableBytes
    this.#runsMax = runsMax
    this.#durability = logOptions?.durability ?? 'flush'
  }

  put(key: Key, value: Uint8Array, options?: WriteOptions): Promise<void> {
    return this.write([{ key, value }], options)
  }

  delete(key: Key, options?: WriteOptions): Promise<void> {
    return this.write([{ key }], options)
  }

  /**
   * Makes all changes, or none: of two with the same key the later one counts. Waits when memory is
   * full, until a run is written.
   *
   * @durability `flush` (default): all of it survives a power cut when it resolves. `async`: within
   * `writerDelayMs`; until then it is in memory alone. `sync` waits for everything.
   * @throws as `log.append`: nothing was written; ERR_SEAWALL_POISONED: the next open decides
   */
  async write(changes: readonly Change[], options?: WriteOptions): Promise<void> {
    this.#check()
    const entries = changes.map(({ key, value }) => ({ key: keyOf(key), value }))
    const record = encodeEntries(entries)
    while (this.#flush !== undefined && this.#memtable.bytes >= this.#memtableBytes) {
      await this.#flush
      this.#check()
    }
    // Append and memtable in one step: both have the same order.
    const lsn = this.#log.append(record, { type: recordType.write })
    this.#lastLSN = lsn
    for (const entry of decodeEntries(record)) this.#memtable.put(entry)
    if (this.#memtable.bytes >= this.#memtableBytes) this.#startFlush()
    if ((options?.durability ?? this.#durability) === 'flush') await this.#log.flush(lsn)
  }

  /** The value of `key`; undefined when there is none. */
  async get(key: Key): Promise<Uint8Array | undefined> {
    this.#check()
    const name = keyOf(key)
    const recent = this.#memtable.get(name) ?? this.#flushing?.get(name)
    if (recent !== undefined) return recent.value
    const { log, runs, release } = this.#runs.hold()
    try {
      for (const run of runs) {
        const found = await findInRun(log, run, name)
        if (found !== undefined) return found.value
      }
      return undefined
    } finally {
      release()
    }
  }

  /** Keys from `from` to before `to`, as they are when it begins, whatever is written meanwhile. */
  async *scan(from: Key = '', to?: Key): AsyncGenerator<[Buffer, Uint8Array], void, void> {
    this.#check()
    const first = keyOf(from)
    const end = to === undefined ? undefined : keyOf(to)
    const recent = [this.#memtable.range(first, end), this.#flushing?.range(first, end) ?? []]
    const { log, runs, release } = this.#runs.hold()
    try {
      const sources = [...recent, ...runs.map((run) => scanRun(log, run, first, end))]
      for await (const { key, value } of withoutDeletions(merge(sources))) {
        yield [keyBytes(key), value as Uint8Array]
      }
    } finally {
      release()
    }
  }

  /** Resolves when everything that was written survives a power cut. */
  async sync(): Promise<void> {
    this.#check()
    await this.#log.flush()
  }

  /** Writes what is in memory to a run, and cuts off the log before it. */
  async flush(): Promise<void> {
    await this.#flush
    this.#check()
    this.#startFlush()
    await this.#flush
    this.#check()
  }

  /** Length of both logs. */
  get logBytes(): { writes: number; runs: number } {
    return { writes: this.#log.endLSN - this.#log.oldestLSN, runs: this.#runs.logBytes }
  }

  /** Makes everything durable, and ends. */
  async close(): Promise<void> {
    await this.#flush
    this.#failure ??= new SeawallError('ERR_SEAWALL_CLOSED')
    try {
      await this.#log.close()
    } finally {
      await this.#runs.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #startFlush(): void {
    const lastLSN = this.#lastLSN
    if (this.#flush !== undefined || this.#memtable.isEmpty || lastLSN === undefined) return
    const memtable = this.#memtable
    this.#flushing = memtable
    this.#memtable = new Memtable()
    this.#flush = this.#writeMemtable(memtable, lastLSN)
      // Every later call says so.
      .catch((error: unknown) => (this.#failure ??= error))
      .then(() => {
        this.#flush = undefined
      })
  }

  /**
   * The order matters. The run is durable before the log names it. The log names it, behind the
   * writes that are in it, before it is cut off there. A crash in between leaves a run that nobody
   * names, or writes that are in memory and in a run; both do no harm.
   */
  async #writeMemtable(memtable: Memtable, lastLSN: LSN): Promise<void> {
    await this.#runs.add(memtable.range('', undefined))
    if (this.#runs.runs.length > this.#runsMax) await this.#runs.mergeAll()
    const named = this.#log.append(encodeRuns(this.#runs.runs), { type: recordType.runs })
    await this.#log.flush(named)
    this.#flushing = undefined
    // Before its last write, which stays: `truncateBefore` takes the LSN of a durable record.
    await this.#log.truncateBefore(lastLSN)
    await this.#runs.named()
  }

  // After a failed write memory may hold what the log does not: open the store again.
  #check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }
}
