// The parent: starts tellers and kills them, and holds what each next one finds in the store
// against what the ones before had acknowledged. Never touches the store.
import type { RestartReport } from '../../lib/index.ts'
import { mix } from '../chunks.ts'
import { ProgressView } from '../../programs/progress-view.ts'
import type { BankArguments } from './arguments.ts'
import { Ledger } from './ledger.ts'
import type { OpeningPhase, TellerMessage } from './messages.ts'
import { type Counts, Tally } from './tally.ts'
import { type OpeningKill, TellerProcess } from './teller-process.ts'
import { judge } from './verdict.ts'
import { describeRestart, describeVerdict, grouped, perSecond, seconds } from './words.ts'

// Draws the moments of the kills from other numbers than the transfers.
const killStream = 0x5ea3a11
const progressIntervalMs = 200
const openingKillOneIn = 3
// Half of the kills at a phase come as soon as it is reported.
const phaseKillDelayMsMax = 40
const phases: readonly OpeningPhase[] = ['start', 'log', 'analysis', 'redo', 'undo']

const whereKilled: Readonly<Record<OpeningPhase, string>> = {
  start: 'before it came to the store',
  log: 'while the log was opened',
  analysis: 'in analysis',
  redo: 'in redo',
  undo: 'in undo, or in the checkpoint after it',
  checkpoint: 'in the checkpoint after undo',
}

/** A teller that was started. */
export interface BankRestart {
  /** Where it was killed before the store was open; null: it was not. */
  readonly killedIn: OpeningPhase | null
  readonly recovery: RestartReport | null
}

export interface BankFindings extends Counts {
  readonly kills: number
  /** Of these, kills of tellers that recovered. */
  readonly recoveryKills: number
  /** What is wrong with the store that was looked at last, in words. */
  readonly violations: readonly string[]
  readonly restarts: readonly BankRestart[]
}

export class Observer {
  readonly #arguments: BankArguments
  readonly #directory: string
  readonly #say: (text: string) => void
  readonly #ledger: Ledger
  readonly #tally = new Tally()
  readonly #restarts: BankRestart[] = []
  #violations: readonly string[] = []
  #view = new ProgressView()
  #teller: TellerProcess | undefined
  #isStopped = false
  #catalogPageId: number | undefined
  #numbersDrawn = 0
  #openedMs = 0
  /** What the last opening took: from the start of the process, and of it the recovery. */
  #opening = { startMs: 1000, recoveryMs: 100 }

  constructor(bankArguments: BankArguments, directory: string, say: (text: string) => void) {
    this.#arguments = bankArguments
    this.#directory = directory
    this.#say = say
    this.#ledger = new Ledger(bankArguments.seed, bankArguments.accounts)
  }

  /** Throws an Error that says what is not as it must be. */
  async run(): Promise<void> {
    const { rounds, secondsPerRound } = this.#arguments
    for (let round = 1; round <= rounds; round++) {
      this.#say(`round ${round} of ${rounds}`)
      const teller = await this.#openBank()
      const killAfterMs = secondsPerRound * 1000 * (0.1 + 1.8 * this.#random())
      await this.#runTransfers(teller, killAfterMs)
      await teller.kill()
      this.#tally.kills += 1
      this.#say(`  ${this.#tally.describeWork()}; killed after ${seconds(killAfterMs)}`)
    }
    this.#say('the last teller may close the store in order')
    const last = await this.#openBank()
    await this.#runTransfers(last, secondsPerRound * 1000)
    await last.close()
    this.#say(`  ${this.#tally.describeWork()}; closed`)
    this.#say('once more, to look')
    const visitor = await this.#openBank()
    await visitor.close()
    for (const line of this.#tally.summary(rounds)) this.#say(line)
  }

  /** A store was made: what goes wrong from here on is a finding. */
  get hasBegun(): boolean {
    return this.#restarts.some(({ recovery }) => recovery !== null)
  }

  /** What was found so far, for programs. */
  found(): BankFindings {
    const { kills, recoveryKills, all } = this.#tally
    const [violations, restarts] = [this.#violations, this.#restarts]
    return { kills, recoveryKills, ...all, violations, restarts }
  }

  /** Ends whatever runs. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#view.end()
    await this.#teller?.kill().catch(() => {})
  }

  // Starts tellers until one is not killed while it opens the store, and looks at what it finds.
  async #openBank(): Promise<TellerProcess> {
    let teller = await this.#startTeller()
    while (teller === undefined) teller = await this.#startTeller()
    const { catalogPageId, content } = await teller.hear('observed')
    this.#view.end()
    this.#catalogPageId = catalogPageId
    const { acknowledged } = this.#ledger
    const verdict = judge(this.#ledger, content)
    this.#violations = verdict.violations
    for (const line of describeVerdict(verdict, acknowledged)) this.#say(`  ${line}`)
    if (verdict.violations.length > 0) throw new Error('the store is not what it must be')
    return teller
  }

  /** undefined: it was killed while it opened the store. */
  async #startTeller(): Promise<TellerProcess | undefined> {
    if (this.#isStopped) throw new Error('stopped')
    const { seed, accounts, clients } = this.#arguments
    const directory = this.#directory
    const catalogPageId = this.#catalogPageId
    const startedMs = performance.now()
    const teller = new TellerProcess((message) => this.#take(message, teller))
    this.#teller = teller
    const opened = await teller.open(
      { directory, seed, accounts, clients, catalogPageId },
      this.#chooseOpeningKill(),
    )
    if (opened === undefined) {
      this.#tally.kills += 1
      if (teller.phase !== 'start') this.#tally.recoveryKills += 1
      this.#restarts.push({ killedIn: teller.phase, recovery: null })
      this.#say(`  killed ${whereKilled[teller.phase]}`)
      return undefined
    }
    this.#openedMs = performance.now()
    const { recovery, backend, directIO } = opened
    this.#restarts.push({ killedIn: null, recovery })
    this.#opening = {
      startMs: performance.now() - startedMs,
      recoveryMs: recovery.log.durationMs + recovery.durationMs,
    }
    const place = directIO ? 'O_DIRECT' : 'page cache (no O_DIRECT here)'
    if (recovery.created) this.#say(`  a new store; backend ${backend}, ${place}`)
    else this.#report(recovery)
    return teller
  }

  #report(recovery: RestartReport): void {
    for (const line of describeRestart(recovery)) this.#say(`  ${line}`)
    const [damaged] = recovery.damagedPages
    if (damaged === undefined) return
    const { pageId, code } = damaged
    throw new Error(`${recovery.damagedPages.length} pages are damaged, as page ${pageId}: ${code}`)
  }

  // Some are killed in a phase, some at any moment of their start or of the recovery.
  #chooseOpeningKill(): OpeningKill | undefined {
    const isFirst = this.#catalogPageId === undefined
    if (isFirst || this.#random() * openingKillOneIn >= 1) return undefined
    const phase = phases[Math.floor(this.#random() * phases.length)] as OpeningPhase
    const part = this.#random()
    if (phase === 'start') return { phase, delayMs: part * this.#opening.startMs }
    if (phase === 'log') return { phase, delayMs: part * this.#opening.recoveryMs }
    return { phase, delayMs: Math.max(0, (2 * part - 1) * phaseKillDelayMsMax) }
  }

  async #runTransfers(teller: TellerProcess, durationMs: number): Promise<void> {
    this.#tally.tellerBegins()
    const startedMs = performance.now()
    const acknowledgedBefore = this.#ledger.acknowledged
    const showing = setInterval(() => {
      const elapsedMs = performance.now() - startedMs
      const acknowledged = this.#ledger.acknowledged - acknowledgedBefore
      const text = `${grouped(acknowledged)} transfers acknowledged, ${perSecond(acknowledged, elapsedMs)}`
      this.#view.show(Math.min(1, elapsedMs / durationMs), text)
    }, progressIntervalMs)
    const numbersFrom = this.#ledger.issuedTo
    teller.send({ kind: 'start', numbersFrom, numbersTo: this.#ledger.issue() })
    try {
      await teller.runFor(durationMs)
    } finally {
      clearInterval(showing)
      this.#view.end()
    }
  }

  #take(message: TellerMessage, teller: TellerProcess): void {
    if (message.kind === 'filling') {
      const { accounts } = message
      this.#showAccounts(accounts, 'filled')
    } else if (message.kind === 'reading') {
      this.#showAccounts(message.accounts, 'read')
    } else if (message.kind === 'more') {
      teller.send({ kind: 'numbers', numbersTo: this.#ledger.issue() })
    } else if (message.kind === 'outcomes') {
      for (const number of message.committed) this.#ledger.acknowledge(number)
      for (const number of message.rolledBack) this.#ledger.noteRolledBack(number)
      this.#tally.take(message)
    }
  }

  #showAccounts(accounts: number, done: 'filled' | 'read'): void {
    const rate = perSecond(accounts, performance.now() - this.#openedMs)
    const part = accounts / this.#arguments.accounts
    this.#view.show(part, `${grouped(accounts)} accounts ${done}, ${rate}`)
  }

  /** From 0 to 1. */
  #random(): number {
    this.#numbersDrawn += 1
    return mix(this.#arguments.seed ^ killStream, this.#numbersDrawn) / 2 ** 32
  }
}
