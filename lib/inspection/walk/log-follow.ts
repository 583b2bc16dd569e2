import { setTimeout as sleep } from 'node:timers/promises'

import { SeawallError } from '../../errors.ts'
import type { LSN } from '../../format/lsn.ts'
import { LogWalk, type Stretch } from './log-walk.ts'
import {
  type OpenSurvey,
  openSurvey,
  type SettledLog,
  settledLog,
  durableEndLSN,
  visibleEndLSN,
} from '../survey/settled-log.ts'

export interface FollowOptions {
  /** REQUIRES: a record starts there, or could. */
  readonly from: LSN
  readonly to: LSN
  readonly bodyBytesMax: number
  readonly pollMs: number
  /** Also what a power cut could still take back. */
  readonly isUndurableShown: boolean
  readonly signal: AbortSignal
  readonly open?: OpenSurvey
}

/**
 * The records of a log as they come, whoever writes it, however often it is closed, killed and
 * opened again. Each is given once and none is left out, but what was truncated before it could be
 * read.
 *
 * Given is what is known to be durable: what lies below the furthest promise in the files. A
 * promise for the last records follows them within `idleMarkMs` of the log, or at its next open. So
 * nothing is given that a power cut takes back.
 *
 * Ends when `signal` is aborted or `to` is reached.
 * @throws ERR_SEAWALL_LOG_MISMATCH when another log, or an older state of this one, is in its
 * place, and what LogSurvey throws
 */
export class LogFollow {
  readonly #directory: string
  readonly #logId: string
  readonly #options: FollowOptions
  readonly #open: OpenSurvey
  #position: LSN

  constructor(directory: string, logId: string, options: FollowOptions) {
    this.#directory = directory
    this.#logId = logId
    this.#options = options
    this.#open = options.open ?? openSurvey
    this.#position = options.from
  }

  /**
   * `undefined` stands between two looks at the log: whoever holds something back, gives it out.
   */
  async *stretches(): AsyncGenerator<Stretch | undefined, void, undefined> {
    const { signal, pollMs, to } = this.#options
    while (!signal.aborted && this.#position < to) {
      const log = await settledLog(this.#directory, this.#open)
      try {
        yield* this.#news(log)
      } finally {
        await log.survey.close()
      }
      yield undefined
      if (this.#position < to) await sleep(pollMs, undefined, { signal }).catch(() => undefined)
    }
  }

  async *#news(log: SettledLog): AsyncGenerator<Stretch, void, undefined> {
    const { layout } = log.survey
    const { tail } = log
    this.#check(layout.logId, Math.max(tail.endLSN, tail.promiseLSN))
    if (layout.oldestLSN > this.#position) {
      yield { what: 'truncated', lsn: this.#position, endLSN: layout.oldestLSN }
      this.#position = layout.oldestLSN
    }
    const shown = this.#options.isUndurableShown ? visibleEndLSN(log) : durableEndLSN(log)
    const to = Math.min(this.#options.to, shown) as LSN
    if (to <= this.#position) return
    const walk = new LogWalk(log, {
      from: this.#position,
      to,
      bodyBytesMax: this.#options.bodyBytesMax,
      open: this.#open,
    })
    for await (const stretch of walk.stretches()) {
      const sure = to < this.#options.to ? sureUpTo(stretch, to) : stretch
      if (sure !== stretch) {
        this.#position = endOf(sure, this.#position)
        if (sure !== undefined) yield sure
        return
      }
      this.#position = walk.position
      yield stretch
      if (this.#options.signal.aborted) return
    }
    this.#position = walk.position
  }

  #check(logId: string, endLSN: number): void {
    if (logId !== this.#logId) {
      throw new SeawallError('ERR_SEAWALL_LOG_MISMATCH', {
        path: this.#directory,
        detail: 'another log is in the place of the one that was followed',
      })
    }
    if (endLSN < this.#position) {
      throw new SeawallError('ERR_SEAWALL_LOG_MISMATCH', {
        path: this.#directory,
        lsn: endLSN,
        detail: `it ends before LSN ${this.#position}, which was shown: it is an older state of the log`,
      })
    }
  }
}

// What ends at the end may be unfinished: a promise can lie between the pieces of a record, and
// those are cut off when the rest of them never comes. Once something follows, it is what it is.
function sureUpTo(stretch: Stretch, endLSN: LSN): Stretch | undefined {
  if (stretch.what === 'damage' || stretch.what === 'rest') {
    return stretch.gap.endLSN >= endLSN ? undefined : stretch
  }
  if (stretch.what !== 'records') return stretch
  const last = stretch.records[stretch.records.length - 1]
  if (last?.problem === undefined || last.nextLSN < endLSN) return stretch
  const records = stretch.records.slice(0, -1)
  return records.length === 0 ? undefined : { ...stretch, records }
}

function endOf(stretch: Stretch | undefined, otherwise: LSN): LSN {
  return stretch?.what === 'records' ? (stretch.records.at(-1)?.nextLSN ?? otherwise) : otherwise
}
