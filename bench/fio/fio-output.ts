/** What the only job of a fio run did. */
export interface FioMeasurement {
  readonly operations: number
  readonly operationsPerSecond: number
  readonly bytesPerSecond: number
  /** fsync and fdatasync calls that were completed. */
  readonly syncs: number
  /** CPU time of the job, without that of starting fio. */
  readonly cpuSeconds: number
}

export type FioDirection = 'read' | 'write'

type FioJobOutput = {
  readonly [direction in FioDirection]?: {
    readonly total_ios: number
    readonly iops: number
    readonly bw_bytes: number
  }
} & {
  readonly sync?: { readonly lat_ns?: { readonly N?: number } }
  /** Percent of the run time, which is in milliseconds. */
  readonly usr_cpu: number
  readonly sys_cpu: number
  readonly job_runtime: number
}

/** Reads what `fio --output-format=json` printed. Throws when there is no job in it. */
export function parseFioOutput(printed: string, direction: FioDirection): FioMeasurement {
  // Warnings may come before the JSON.
  const start = printed.indexOf('{')
  if (start < 0) throw new Error(`fio printed no JSON: ${printed.slice(0, 200)}`)
  const { jobs = [] } = JSON.parse(printed.slice(start)) as { jobs?: FioJobOutput[] }
  const [job] = jobs
  const done = job?.[direction]
  if (done === undefined) throw new Error('fio reported no job')
  const { usr_cpu: user, sys_cpu: system, job_runtime: runtimeMs } = job as FioJobOutput
  return {
    operations: done.total_ios,
    operationsPerSecond: done.iops,
    bytesPerSecond: done.bw_bytes,
    // fio 3.33 leaves sync.total_ios at 0; the latencies are counted.
    syncs: job?.sync?.lat_ns?.N ?? 0,
    cpuSeconds: ((user + system) / 100) * (runtimeMs / 1000),
  }
}
