import { LogLedger } from './log-ledger.ts'
import type { Report } from './protocol.ts'
import { RecordContents } from './record-content.ts'
import { StoreLedger } from './store-ledger.ts'
import { type Violation, violation } from './violation.ts'

/** Follows the reports of the children of one directory, one after the other. */
export interface Judge {
  take(report: Report): Violation | undefined
  /** Acknowledgements so far. */
  readonly acknowledged: number
}

export class LogJudge implements Judge {
  readonly #ledger: LogLedger
  #keptFrom = 0
  #keptTo = 0

  constructor(contentSeed: number) {
    this.#ledger = new LogLedger(new RecordContents(contentSeed))
  }

  get acknowledged(): number {
    return this.#ledger.acknowledged
  }

  take(report: Report): Violation | undefined {
    const ledger = this.#ledger
    if (report[0] === 'opened') {
      this.#keptFrom = report[1].keptFrom
      this.#keptTo = report[1].keptTo
    } else if (report[0] === 'records') {
      return ledger.recovered(this.#keptFrom, this.#keptTo, report[1])
    } else if (report[0] === 'issue') ledger.issue(report[1])
    else if (report[0] === 'placed') ledger.placed(report[1], report[2])
    else if (report[0] === 'rejected') ledger.rejected(report[1])
    else if (report[0] === 'durable') ledger.durable(report[1])
    else if (report[0] === 'truncate') ledger.truncate(report[1])
    else if (report[0] === 'truncated') ledger.truncated(report[1])
    else return judgeOfAny(report)
    return undefined
  }
}

export class StoreJudge implements Judge {
  readonly #ledger = new StoreLedger()

  get acknowledged(): number {
    return this.#ledger.acknowledged
  }

  take(report: Report): Violation | undefined {
    const ledger = this.#ledger
    if (report[0] === 'opened') return ledger.logRecovered(report[1].keptFrom, report[1].keptTo)
    if (report[0] === 'pages') return ledger.recovered(report[1])
    if (report[0] === 'commit') ledger.commit(report[1], report[2])
    else if (report[0] === 'committed') ledger.committed(report[1], report[2])
    else return judgeOfAny(report)
    return undefined
  }
}

function judgeOfAny(report: Report): Violation | undefined {
  if (report[0] === 'failed') {
    const [, message] = report
    return violation(oracleOf(message), `it failed by itself: ${message}`)
  }
  if (report[0] !== 'closed') return undefined
  const { descriptorsBefore, descriptorsAfter } = report[1]
  if (descriptorsAfter <= descriptorsBefore) return undefined
  return violation(
    'I18',
    `${descriptorsBefore} descriptors were open before, ${descriptorsAfter} after it was closed`,
  )
}

// What its clients saw while it ran names the promise itself. A lock that is still held by a
// process that is gone is a leak; anything else means that the store could not be opened or used.
function oracleOf(message: string): string {
  if (message.startsWith('ERR_SEAWALL_LOCKED')) return 'I18'
  return /I\d+(?=: page)/.exec(message)?.[0] ?? 'I13'
}
