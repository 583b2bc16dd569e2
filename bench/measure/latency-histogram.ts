/** A latency and how often it was seen. */
export type Bucket = readonly [us: number, count: number]

// In sixteenths of a microsecond, so that a word holds four minutes.
const unitsPerUs = 16
const unitsMax = 2 ** 32 - 1
// 64 to the octave: no bucket is wider than 1.6 % of its value.
const subBucketBits = 6
const subBuckets = 2 ** subBucketBits
const bucketCount = (32 - subBucketBits + 1) * subBuckets

function bucketOf(units: number): number {
  const shift = Math.max(0, 31 - Math.clz32(units) - subBucketBits)
  return shift * subBuckets + (units >>> shift)
}

/** The middle of a bucket. */
function valueOf(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / subBuckets) - 1)
  const lowest = (bucket - shift * subBuckets) * 2 ** shift
  return (lowest + (2 ** shift - 1) / 2) / unitsPerUs
}

/**
 * Latencies in buckets that grow with the value, as in HdrHistogram (Tene): recording takes
 * nanoseconds and no memory, so that measuring does not slow down what is measured.
 */
export class LatencyHistogram {
  readonly #counts = new Float64Array(bucketCount)
  #count = 0
  #maxUs = 0

  record(us: number): void {
    const units = Math.min(unitsMax, Math.max(0, Math.round(us * unitsPerUs)))
    const bucket = bucketOf(units)
    this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#count += 1
    if (us > this.#maxUs) this.#maxUs = us
  }

  get count(): number {
    return this.#count
  }

  /** Exact, unlike everything else. */
  get maxUs(): number {
    return this.#maxUs
  }

  /** Those that are not empty, in rising order. */
  buckets(): Bucket[] {
    const filled: Bucket[] = []
    this.#counts.forEach((count, bucket) => {
      if (count > 0) filled.push([valueOf(bucket), count])
    })
    return filled
  }

  /** The value that `percent` of all are at or below; NaN without any. */
  percentile(percent: number): number {
    return percentileOf(this.buckets(), percent)
  }
}

/** As `LatencyHistogram.percentile`, for buckets that came from another process. */
export function percentileOf(buckets: readonly Bucket[], percent: number): number {
  const total = buckets.reduce((sum, [, count]) => sum + count, 0)
  let below = 0
  for (const [us, count] of buckets) {
    below += count
    if (below >= (total * percent) / 100) return us
  }
  return Number.NaN
}

/** Several runs as one. */
export function mergeBuckets(runs: readonly (readonly Bucket[])[]): Bucket[] {
  const counts = new Map<number, number>()
  for (const [us, count] of runs.flat()) counts.set(us, (counts.get(us) ?? 0) + count)
  return [...counts].sort(([a], [b]) => a - b)
}

/** Which share is at or below each of the latencies `us`, which rise. */
export function sharesAt(buckets: readonly Bucket[], us: readonly number[]): number[] {
  const total = buckets.reduce((sum, [, count]) => sum + count, 0)
  let below = 0
  let next = 0
  return us.map((limit) => {
    for (; (buckets[next]?.[0] ?? Number.POSITIVE_INFINITY) <= limit; next++) {
      below += buckets[next]?.[1] ?? 0
    }
    return below / total
  })
}

/** From `from` to at least `to`, each `1 / perDecade` of a decade above the one before. */
export function logarithmicGrid(from: number, to: number, perDecade: number): number[] {
  const steps = Math.ceil(Math.log10(to / from) * perDecade)
  return Array.from({ length: steps + 1 }, (_, i) => from * 10 ** (i / perDecade))
}
