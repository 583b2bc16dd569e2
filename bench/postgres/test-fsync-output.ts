/** Synced writes a second, by the way they were synced. */
export type FsyncRates = ReadonlyMap<string, number>

const section = 'Compare file sync methods using one 8kB write:'
const rateLine = /^ +(\w+) +(\d+(?:\.\d+)?) ops\/sec/

/**
 * Reads the first comparison that `pg_test_fsync` prints, that of single 8 kB writes (PostgreSQL
 * 15, src/bin/pg_test_fsync). Ways that the system does not have are left out. Throws when the
 * comparison is not there.
 */
export function parseTestFsync(printed: string): FsyncRates {
  const start = printed.indexOf(section)
  if (start < 0) throw new Error(`pg_test_fsync printed no comparison: ${printed.slice(0, 200)}`)
  const [, ...lines] = printed.slice(start).split('\n')
  const end = lines.findIndex((line) => line.startsWith('Compare'))
  const rates = new Map<string, number>()
  for (const line of end < 0 ? lines : lines.slice(0, end)) {
    const [, method, rate] = rateLine.exec(line) ?? []
    if (method !== undefined) rates.set(method, Number(rate))
  }
  return rates
}
