import { createHash } from 'node:crypto'
import { join } from 'node:path'

import { Log, type LogOptions, type LSN, SeawallError } from '../../lib/index.ts'
import { nativeRoot } from '../../simulation/native-root.ts'
import { LogHistory } from './log-history.ts'
import { allowedExactly, type AllowedLog, type FoundLog, logViolation } from './log-oracle.ts'
import { BrokenPromise, type Subject, type Worked } from './subject.ts'
import type { Random } from '../../test/support/random.ts'

const segmentBytes = 64 * 1024
const nativeBinding = join(nativeRoot(), 'native/build/Release/seawall.node')

/** A log by itself: commits, truncations, rotations, and records longer than a segment. */
export const logSubject: Subject<LogOptions, FoundLog, AllowedLog> = {
  name: 'log',

  options(random) {
    return {
      segmentBytes,
      bufferBytes: 64 * 1024,
      maxLogBytes: random.pick([4, 8, 16]) * segmentBytes,
      padToBlock: random.chance(0.3),
      writerDelayMs: 1,
      idleMarkMs: random.pick([1, 10]),
    }
  },

  async work(directory, options, found, random, amount, events) {
    const history = new LogHistory(found, events)
    let failure: string | undefined
    try {
      const log = await open(directory, options)
      try {
        const clients = 1 + random.below(4)
        const left = { operations: amount }
        await Promise.all(Array.from({ length: clients }, () => client(log, history, random, left)))
      } catch (error) {
        if (!(error instanceof SeawallError)) throw error
        failure = error.code
        if (failure === 'ERR_SEAWALL_POISONED') checkStaysFailed(log)
      } finally {
        await log.close()
      }
    } catch (error) {
      if (!(error instanceof SeawallError)) throw error
      failure ??= error.code
    }
    const { acknowledged } = history
    return {
      acknowledged,
      failure,
      allowedAt: (at) => history.allowedAt(at),
    } satisfies Worked<AllowedLog>
  },

  async recover(directory, options, events) {
    const log = await open(directory, options)
    try {
      const shownAt = events()
      return { found: await readAll(log), shownAt }
    } finally {
      await log.close()
    }
  },

  violation: logViolation,
  exactly: allowedExactly,
}

function open(directory: string, options: LogOptions): Promise<Log> {
  return Log.open(join(directory, 'store'), { ...options, nativeBinding })
}

async function readAll(log: Log): Promise<FoundLog> {
  const records: [number, string][] = []
  for await (const { lsn, body } of log.read()) records.push([lsn, digestOf(body)])
  return { oldestLSN: log.oldestLSN, endLSN: log.endLSN, records }
}

function digestOf(body: Uint8Array): string {
  return createHash('sha1').update(body).digest('base64').slice(0, 12)
}

function randomBody(random: Random): Buffer {
  const longest = random.pick([40, 40, 300, 3000, random.chance(0.1) ? 100_000 : 5000])
  const body = Buffer.alloc(8 + random.below(longest))
  let word = random.below(2 ** 31)
  for (let at = 0; at + 4 <= body.length; at += 4) {
    word = (Math.imul(word, 0x41c64e6d) + 0x3039) >>> 0
    body.writeUInt32LE(word, at)
  }
  return body
}

async function client(
  log: Log,
  history: LogHistory,
  random: Random,
  left: { operations: number },
): Promise<void> {
  while (left.operations > 0) {
    left.operations -= 1
    try {
      await oneOperation(log, history, random)
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_SEAWALL_LOG_FULL') throw error
      await history.truncate(log, log.flushedLSN)
    }
  }
}

async function oneOperation(log: Log, history: LogHistory, random: Random): Promise<void> {
  const what = random.next()
  if (what < 0.04) {
    const lsn = history.someDurableLSN(log.oldestLSN, log.flushedLSN, random)
    if (lsn !== undefined) await history.truncate(log, lsn as LSN)
    return
  }
  const body = randomBody(random)
  if (what < 0.3) history.append(log, body, digestOf(body))
  else await history.commit(log, body, digestOf(body))
}

// I14. Nothing may be acknowledged any more.
function checkStaysFailed(log: Log): void {
  try {
    log.append(Buffer.from('after the failure'))
  } catch (error) {
    if (error instanceof SeawallError) return
    throw error
  }
  throw new BrokenPromise('I14', 'a poisoned log took a record')
}
