import { Log, type LSN, SeawallError } from '../../../lib/index.ts'
import type { LogPlan } from '../plan/machine-plan.ts'
import { recordBody, recordPlan } from '../plan/record-plan.ts'
import { tell } from './wire.ts'

export const logWorkload = {
  open: (directory: string, plan: LogPlan): Promise<Log> => Log.open(directory, plan.options),

  async run(log: Log, plan: LogPlan): Promise<void> {
    tell('begin')
    const work = new LogWork(log, plan)
    await Promise.all(Array.from({ length: plan.clients }, () => work.client()))
  },

  /** Must be refused when the log has failed. */
  async tryAgain(log: Log): Promise<void> {
    await log.commit(Buffer.from('after the failure'))
  },
}

class LogWork {
  readonly #log: Log
  readonly #plan: LogPlan
  readonly #lsns: LSN[] = []
  #truncating: Promise<unknown> = Promise.resolve()

  constructor(log: Log, plan: LogPlan) {
    this.#log = log
    this.#plan = plan
  }

  async client(): Promise<void> {
    const { seed, amount, clients } = this.#plan
    while (this.#lsns.length < amount * clients) {
      const index = this.#lsns.length
      const { waits, truncatesTo } = recordPlan(seed, index)
      try {
        tell(`intent ${index}`)
        // In the same turn as the number was given: records stand in the order of their numbers.
        const lsn = this.#log.append(recordBody(seed, index))
        this.#lsns.push(lsn)
        if (waits) {
          await this.#log.flush(lsn)
          tell(`durable ${index}`)
        }
        if (truncatesTo !== undefined) await this.#truncate(truncatesTo)
      } catch (error) {
        const isFull = error instanceof SeawallError && error.code === 'ERR_SEAWALL_LOG_FULL'
        if (!isFull) throw error
        await this.#truncate(1)
      }
    }
  }

  /** One at a time: of two at once it could not be said which comes last. */
  async #truncate(recordsLeft: number): Promise<void> {
    const before = this.#truncating
    const mine = before.then(() => this.#truncateNow(recordsLeft))
    this.#truncating = mine.catch(() => {})
    await mine
  }

  async #truncateNow(recordsLeft: number): Promise<void> {
    const log = this.#log
    const durable = this.#lsns.findLastIndex((lsn) => lsn < log.flushedLSN)
    const index = durable + 1 - recordsLeft
    const lsn = this.#lsns[index]
    if (lsn === undefined || lsn <= log.oldestLSN) return
    tell(`truncate ${index}`)
    await log.truncateBefore(lsn)
    tell(`truncated ${index}`)
  }
}
