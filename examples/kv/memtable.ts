import { type Entry, entryBytes } from './entry-format.ts'

/** About what an entry costs in memory beyond its bytes. */
const overheadBytes = 64

/** What was written since the last flush: the newest value of each key, in order when asked for. */
export class Memtable {
  readonly #entries = new Map<string, Entry>()
  /** Undefined when keys have come since they were sorted. */
  #sortedKeys: string[] | undefined = []
  #bytes = 0

  get bytes(): number {
    return this.#bytes
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0
  }

  put(entry: Entry): void {
    const before = this.#entries.get(entry.key)
    if (before === undefined) this.#sortedKeys = undefined
    else this.#bytes -= entryBytes(before) + overheadBytes
    this.#entries.set(entry.key, entry)
    this.#bytes += entryBytes(entry) + overheadBytes
  }

  /** undefined: it knows nothing of the key. */
  get(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** A copy of the entries from `from` to before `to`, in order of their keys. */
  range(from: string, to: string | undefined): Entry[] {
    this.#sortedKeys ??= [...this.#entries.keys()].sort(compareKeys)
    const keys = this.#sortedKeys.filter((key) => key >= from && (to === undefined || key < to))
    return keys.map((key) => this.#entries.get(key) as Entry)
  }
}

export function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
