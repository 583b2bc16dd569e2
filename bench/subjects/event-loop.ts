// A server that does a little work for each request and commits a record for it: how long do other
// events wait for their turn?
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { poissonGapsMs } from '../measure/latency-arrivals.ts'
import { openStore, type StoreConfig } from './open-store.ts'
import { subject } from './subject.ts'

export interface EventLoopConfig extends StoreConfig {
  /** 0: a server without requests. */
  readonly requestsPerSecond: number
  readonly workUs: number
  readonly bodyBytes: number
  readonly seconds: number
  readonly seed: number
}

const warmUpSeconds = 0.1
const drainMs = 1000

function work(us: number): void {
  const end = performance.now() + us / 1000
  while (performance.now() < end);
}

subject(async (config: EventLoopConfig) => {
  const { requestsPerSecond, workUs, bodyBytes, seconds, seed } = config
  const store = await openStore(config)
  const body = Buffer.alloc(bodyBytes, 1)
  const gap =
    requestsPerSecond > 0 ? poissonGapsMs(requestsPerSecond, seed) : () => Number.POSITIVE_INFINITY
  const turns = new LatencyHistogram()
  const answers = new LatencyHistogram()
  const started = performance.now()
  const measuredFrom = started + warmUpSeconds * 1000
  const end = measuredFrom + seconds * 1000
  let accepted = 0
  let dueInTime = 0
  let answered = 0
  let answeredInTime = 0
  let failure: unknown
  const answer = (due: number): void => {
    const now = performance.now()
    answered += 1
    if (due < measuredFrom) return
    answers.record((now - due) * 1000)
    if (now <= end) answeredInTime += 1
  }
  const fail = (error: unknown): void => {
    failure ??= error
  }
  const serve = (due: number): void => {
    accepted += 1
    if (due >= measuredFrom && due < end) dueInTime += 1
    work(workUs)
    if (store.commitSync === undefined) store.commit?.(body).then(() => answer(due), fail)
    else {
      store.commitSync(body)
      answer(due)
    }
  }
  let due = started + gap()
  let last = performance.now()
  // Turns follow each other without a pause, so that each is as long as what was done in it.
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const now = performance.now()
      if (now >= measuredFrom) turns.record((now - last) * 1000)
      last = now
      if (now >= end || failure !== undefined) return resolve()
      // What is ready when the loop comes round is served in one turn, but not what comes meanwhile.
      for (; due <= now; due += gap()) serve(due)
      setImmediate(turn)
    }
    turn()
  })
  while (answered < accepted && failure === undefined && performance.now() < end + drainMs) {
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (failure !== undefined) throw failure
  await store.close()
  // Those that a store which blocks did not get to.
  for (; due < end; due += gap()) if (due >= measuredFrom) dueInTime += 1
  return {
    value: answeredInTime / seconds,
    details: {
      turns: JSON.stringify(turns.buckets()),
      answeredShare: dueInTime > 0 ? answeredInTime / dueInTime : 1,
      longestUs: turns.maxUs,
      answerP50Us: answers.percentile(50),
      answerP99Us: answers.percentile(99),
    },
  }
})
