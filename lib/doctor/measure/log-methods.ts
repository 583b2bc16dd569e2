import { join } from 'node:path'

import { Log } from '../../index.ts'
import type { Method } from './method.ts'
import type { Stopwatch } from './stopwatch.ts'

const mib = 1024 * 1024
const bodyBytes = 512
const options = { segmentBytes: 4 * mib, bufferBytes: 4 * mib } as const
/** So much of a scratch log is kept at most; what is older is cut off and its files reused. */
export const keptLogBytes = 16 * mib

interface LogMethod {
  readonly id: string
  readonly method: string
  run(log: Log, stopwatch: Stopwatch): Promise<void>
}

const body = Buffer.alloc(bodyBytes, 0x5a)

async function committer(log: Log, stopwatch: Stopwatch, isFirst: boolean): Promise<void> {
  while (!stopwatch.isOver) {
    const startedAtMs = performance.now()
    await log.commit(body)
    stopwatch.record(startedAtMs)
    if (isFirst) stopwatch.report()
    if (isFirst) await keepSmall(log)
  }
}

async function keepSmall(log: Log): Promise<void> {
  if (log.endLSN - log.oldestLSN >= keptLogBytes) await log.truncateBefore(log.flushedLSN)
}

const logMethods: readonly LogMethod[] = [
  {
    id: 'commit-1',
    method: 'log.commit(), one at a time',
    run: (log, stopwatch) => committer(log, stopwatch, true),
  },
  {
    id: 'commit-64',
    method: 'log.commit(), 64 at a time',
    run: async (log, stopwatch) => {
      await Promise.all(Array.from({ length: 64 }, (_, i) => committer(log, stopwatch, i === 0)))
    },
  },
  {
    id: 'commit-sync',
    method: 'log.commitSync()',
    run: async (log, stopwatch) => {
      await stopwatch.repeat(
        () => log.commitSync(body),
        () => keepSmall(log),
      )
    },
  },
]

/** Commits to a log in the scratch directory. */
export const methodsOnLogs: readonly Method[] = logMethods.map(({ id, method, run }) => ({
  id,
  method,
  writeBytes: bodyBytes,
  run: async (directory, stopwatchFor, onTrial) => {
    await using log = await Log.open(join(directory, id), options)
    await log.commit(body)
    const stopwatch = stopwatchFor()
    await run(log, stopwatch)
    const { backend, backendReason, directIO, ioAlignmentBytes } = log.stats()
    onTrial({ backend, backendReason, directIO, ioAlignmentBytes })
    return stopwatch.result()
  },
}))
