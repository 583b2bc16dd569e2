/** A transaction in pgbench's log. */
export interface PgbenchTransaction {
  readonly completedUs: number
  readonly tookUs: number
}

/** What came of a part of a run. */
export interface PgbenchMeasurement {
  readonly perSecond: number
  readonly commits: number
  readonly p50Us: number
  readonly p99Us: number
}

const logLine = /^\d+ \d+ (\d+) \d+ (\d+) (\d+)$/

/**
 * Reads what `pgbench --log` wrote: client, transaction, microseconds that it took, script, and the
 * time of its end in seconds and microseconds (PostgreSQL 15, pgbench, "Per-Transaction Logging").
 * Throws at a transaction that failed.
 */
export function parsePgbenchLog(log: string): PgbenchTransaction[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, took, seconds, microseconds] = logLine.exec(line) ?? []
      if (took === undefined) throw new Error(`pgbench logged "${line}"`)
      const completedUs = Number(seconds) * 1e6 + Number(microseconds)
      return { completedUs, tookUs: Number(took) }
    })
}

/**
 * Counts the transactions that ended within `seconds`, beginning `warmUpSeconds` after the first
 * transaction began.
 */
export function measureTransactions(
  transactions: readonly PgbenchTransaction[],
  warmUpSeconds: number,
  seconds: number,
): PgbenchMeasurement {
  const begun = transactions.reduce(
    (first, { completedUs, tookUs }) => Math.min(first, completedUs - tookUs),
    Number.POSITIVE_INFINITY,
  )
  const fromUs = begun + warmUpSeconds * 1e6
  const toUs = fromUs + seconds * 1e6
  const tookUs = transactions
    .filter(({ completedUs }) => completedUs >= fromUs && completedUs < toUs)
    .map((transaction) => transaction.tookUs)
    .sort((a, b) => a - b)
  const percentile = (p: number): number =>
    tookUs[Math.ceil((p / 100) * tookUs.length) - 1] ?? Number.NaN
  return {
    perSecond: tookUs.length / seconds,
    commits: tookUs.length,
    p50Us: percentile(50),
    p99Us: percentile(99),
  }
}

/** The rate that pgbench reports itself: of the whole run, without the time of connecting. */
export function parsePgbenchRate(printed: string): number {
  const rate = /^tps = (\d+(?:\.\d+)?) /m.exec(printed)?.[1]
  if (rate === undefined) throw new Error(`pgbench printed no rate: ${printed}`)
  return Number(rate)
}
