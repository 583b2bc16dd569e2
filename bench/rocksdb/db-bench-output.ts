/** What db_bench says of one benchmark. */
export interface DbBenchMeasurement {
  readonly operations: number
  readonly perSecond: number
  readonly seconds: number
  readonly p50Us: number
  readonly p99Us: number
}

/**
 * Reads what `db_bench --histogram` printed (RocksDB 7.8, tools/db_bench_tool.cc, Stats::Report).
 * Operations of all threads together; the latency of each. Throws when the benchmark is not in it.
 */
export function parseDbBench(printed: string, benchmark: string): DbBenchMeasurement {
  const lineOf = new RegExp(
    `^${benchmark} +: +[\\d.]+ micros/op (\\d+) ops/sec ([\\d.]+) seconds (\\d+) operations;`,
    'm',
  )
  const [, perSecond, seconds, operations] = lineOf.exec(printed) ?? []
  const [, p50, p99] = /^Percentiles: P50: ([\d.]+) .*?P99: ([\d.]+)/m.exec(printed) ?? []
  if (perSecond === undefined || p50 === undefined) {
    throw new Error(`db_bench printed no result: ${printed.trim().split('\n').at(-1)}`)
  }
  return {
    operations: Number(operations),
    perSecond: Number(perSecond),
    seconds: Number(seconds),
    p50Us: Number(p50),
    p99Us: Number(p99),
  }
}

/** Debian builds RocksDB with its assertions, which db_bench says itself. */
export function hasAssertions(printed: string): boolean {
  return printed.includes('Assertions are enabled')
}
