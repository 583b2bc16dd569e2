import type { LSN } from '../../lib/index.ts'

interface Stream {
  /** Of the last event. */
  version: number
  /** The first version in each commit, and the record of each commit; both rise. */
  readonly firstVersions: number[]
  readonly commits: LSN[]
  snapshot: { readonly version: number; readonly lsn: LSN } | undefined
}

/** Where the events of each stream stand. In memory, 16 bytes a commit; made anew at each open. */
export class StreamIndex {
  readonly #streams = new Map<string, Stream>()

  get streamCount(): number {
    return this.#streams.size
  }

  /** Of the last event; 0 for a stream that has none. */
  versionOf(stream: string): number {
    return this.#streams.get(stream)?.version ?? 0
  }

  snapshotOf(stream: string): Stream['snapshot'] {
    return this.#streams.get(stream)?.snapshot
  }

  /** REQUIRES: `firstVersion` follows the version of the stream. */
  addCommit(stream: string, firstVersion: number, count: number, lsn: LSN): void {
    let entry = this.#streams.get(stream)
    if (entry === undefined) {
      entry = { version: 0, firstVersions: [], commits: [], snapshot: undefined }
      this.#streams.set(stream, entry)
    }
    if (firstVersion !== entry.version + 1) {
      throw new Error(`${stream}: version ${firstVersion} behind ${entry.version} at LSN ${lsn}`)
    }
    entry.firstVersions.push(firstVersion)
    entry.commits.push(lsn)
    entry.version += count
  }

  /** An older snapshot than the one that is known is left aside. */
  addSnapshot(stream: string, version: number, lsn: LSN): void {
    const entry = this.#streams.get(stream)
    if (entry === undefined || version < (entry.snapshot?.version ?? 0)) return
    entry.snapshot = { version, lsn }
  }

  /** The records with the events from `version` on; those of the first may begin before it. */
  commitsFrom(stream: string, version: number): readonly LSN[] {
    const entry = this.#streams.get(stream)
    if (entry === undefined || version > entry.version) return []
    let low = 0
    let high = entry.firstVersions.length
    // The last commit that begins at or before `version`.
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((entry.firstVersions[middle] as number) <= version) low = middle
      else high = middle
    }
    return entry.commits.slice(low)
  }
}
