import { setTimeout as sleep } from 'node:timers/promises'

import { Log, type LSN } from '../../../lib/index.ts'
import { Random } from '../../../test/support/random.ts'
import type { FoundRecord, LogCommand } from '../protocol.ts'
import { hashOf, RecordContents } from '../record-content.ts'
import { arm } from './kill-switch.ts'
import { openDescriptors, report } from './reporter.ts'

// Log that is kept before a client lets go of some of it.
const keptBytesMax = 600 * 1024

/** Opens a log, reports what it holds, and adds to it until somebody or something ends it. */
export async function runLog(command: LogCommand): Promise<void> {
  const { directory, options, nativeBinding } = command
  const descriptorsBefore = openDescriptors()
  arm(command, 'opening')
  const log = await Log.open(directory, { ...options, nativeBinding })
  const { keptFrom, keptTo } = log.recovery
  const { backend } = log.stats()
  report(['opened', { keptFrom, keptTo, backend, restart: log.recovery.reason }])
  report(['records', await recordsOf(log)])
  arm(command, 'running')
  report(['running'])
  await new LogClients(log, command).run()
  if (command.ending === 'wait') {
    report(['finished'])
    await sleep(60_000)
    return
  }
  arm(command, 'closing')
  await log.close()
  report(['closed', { descriptorsBefore, descriptorsAfter: openDescriptors() }])
}

async function recordsOf(log: Log): Promise<FoundRecord[]> {
  const found: FoundRecord[] = []
  for await (const { lsn, type, body } of log.read()) {
    found.push([lsn, type, body.length, hashOf(body)])
  }
  return found
}

/** Clients of one log that write, wait, read and truncate at the same time. */
class LogClients {
  readonly #log: Log
  readonly #command: LogCommand
  readonly #random: Random
  readonly #contents: RecordContents
  #next: number
  #isTruncating = false
  /** Records that are known to be durable, oldest first. */
  #durable: LSN[] = []

  constructor(log: Log, command: LogCommand) {
    this.#log = log
    this.#command = command
    this.#random = new Random(command.seed)
    this.#contents = new RecordContents(command.contentSeed)
    this.#next = command.firstIndex
  }

  async run(): Promise<void> {
    const end = this.#command.firstIndex + this.#command.steps
    const client = async (): Promise<void> => {
      while (this.#next < end) await this.#step()
    }
    await Promise.all(Array.from({ length: this.#command.clients }, client))
  }

  async #step(): Promise<void> {
    const what = this.#random.next()
    if (what < 0.03) await this.#readSome()
    if (what > 0.9 && this.#keptBytes > keptBytesMax) await this.#truncate()
    const records = what < 0.15 ? 1 + this.#random.below(8) : 1
    const numbers: number[] = []
    const lsns: LSN[] = []
    for (let i = 0; i < records; i++) {
      const index = this.#next++
      const lsn = this.#append(index)
      if (lsn === undefined) {
        await sleep(1)
        return this.#truncate()
      }
      numbers.push(index)
      lsns.push(lsn)
    }
    if (this.#command.acknowledgesEarly) this.#acknowledge(numbers, lsns)
    // Nobody waits for some of them.
    if (what > 0.3 || this.#command.clients === 1) await this.#waitFor(numbers, lsns)
    else if (this.#random.chance(0.3)) await sleep(1)
  }

  // Appending is one synchronous step with the report before it, so the order of the reports is the
  // order in the log. Undefined: the log is full, and the record is not in it.
  #append(index: number): LSN | undefined {
    const { type, body } = this.#contents.of(index)
    report(['issue', index])
    try {
      const lsn = this.#log.append(body, { type })
      report(['placed', index, lsn])
      return lsn
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_SEAWALL_LOG_FULL') throw error
      report(['rejected', index])
      return undefined
    }
  }

  async #waitFor(numbers: number[], lsns: LSN[]): Promise<void> {
    await this.#log.flush(lsns.at(-1) as LSN)
    if (!this.#command.acknowledgesEarly) this.#acknowledge(numbers, lsns)
    this.#durable.push(...lsns)
  }

  #acknowledge(numbers: number[], lsns: LSN[]): void {
    const last = numbers.length - 1
    report(['durable', numbers[last] as number, lsns[last] as LSN])
  }

  get #keptBytes(): number {
    return this.#log.endLSN - this.#log.oldestLSN
  }

  async #truncate(): Promise<void> {
    if (this.#isTruncating) return
    this.#isTruncating = true
    try {
      await this.#log.flush()
      const { oldestLSN } = this.#log
      const candidates = this.#durable.filter((lsn) => lsn >= oldestLSN)
      const from = Math.floor(candidates.length * (0.3 + 0.7 * this.#random.next()))
      const { endLSN, flushedLSN } = this.#log
      const lsn = candidates[from] ?? (endLSN === flushedLSN ? endLSN : undefined)
      if (lsn === undefined) return
      this.#durable = candidates.slice(from)
      report(['truncate', lsn])
      const oldest = await this.#log.truncateBefore(lsn)
      report(['truncated', oldest])
    } finally {
      this.#isTruncating = false
    }
  }

  async #readSome(): Promise<void> {
    const { oldestLSN } = this.#log
    let left = 1 + this.#random.below(300)
    try {
      for await (const record of this.#log.read({ from: oldestLSN })) {
        left -= record.body.length > 10_000 ? 20 : 1
        if (left < 0) break
      }
    } catch (error) {
      // Somebody has let go of what this was to read.
      if ((error as { code?: string }).code !== 'ERR_SEAWALL_LSN_TRUNCATED') throw error
    }
  }
}
