import type { Log, LSN } from '../../lib/index.ts'
import { decodeEntries } from './entry-format.ts'
import { Memtable } from './memtable.ts'
import { RunSet } from './run-set.ts'
import { openRun, type SortedRun } from './sorted-run.ts'

/** In the log of a store: the changes of a write, and which runs hold what was written before. */
export const recordType = { write: 1, runs: 2 } as const

export interface Recovered {
  readonly runs: RunSet
  readonly memtable: Memtable
  /** The last write; undefined when there was none. */
  readonly lastLSN: LSN | undefined
}

/** The runs that hold what was written before, newest first. */
export function encodeRuns(runs: readonly SortedRun[]): Uint8Array {
  return Buffer.from(JSON.stringify(runs.map(({ indexLSN }) => indexLSN)))
}

/**
 * The newest runs that the log names, and in memory all writes that the log has. Some of those may
 * be in the runs too: making them once more changes nothing, because all later ones follow.
 */
export async function recover(log: Log, runLog: Log): Promise<Recovered> {
  const memtable = new Memtable()
  let indexLSNs: LSN[] = []
  let lastLSN: LSN | undefined
  for await (const { lsn, type, body } of log.read()) {
    if (type === recordType.runs) {
      indexLSNs = JSON.parse(Buffer.from(body).toString()) as LSN[]
    } else if (type === recordType.write) {
      for (const entry of decodeEntries(body)) memtable.put(entry)
      lastLSN = lsn
    } else {
      throw new Error(`record ${lsn} of type ${type} is none of a key-value store`)
    }
  }
  const runs: SortedRun[] = []
  for (const lsn of indexLSNs) runs.push(await openRun(runLog, lsn))
  return { runs: new RunSet(runLog, runs), memtable, lastLSN }
}
