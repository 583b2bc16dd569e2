import { SeawallError } from '../index.ts'
import { Committers } from './committers.ts'
import type { CommitObserver, LabStore } from './lab-store.ts'
import type { CutView, Happening, LabSettings, LabState, Phase, RecoveryStep } from './lab-types.ts'
import { randomFrom } from './random.ts'
import { RecordLedger } from './record-ledger.ts'
import { recoverySteps, refusalSteps } from './recovery-steps.ts'
import { judge } from './verdict.ts'

const recordsMax = 4000
const logBytesMax = 512 * 1024
const viewedInEachPlace = 60
const happeningsMax = 40
const livePlaces = ['buffer', 'cache', 'media'] as const

/**
 * One scratch log and everybody who uses it, from its creation through any number of power cuts.
 * Calls one at a time.
 */
export class LabSession {
  readonly seed: number
  readonly settings: LabSettings
  readonly #store: LabStore
  readonly #random: () => number
  readonly #committers: Committers
  readonly #ledger = new RecordLedger()
  #happenings: Happening[] = []
  #phase: Phase = 'running'
  #failure: string | undefined
  #tick = 0
  #cuts = 0
  #cut: CutView | undefined
  #allSteps: RecoveryStep[] = []
  // What recovery has found and come to, until that is shown.
  #found: ReadonlySet<number> = new Set()
  #outcome: Pick<CutView, 'report' | 'refusal' | 'verdict'> = {}
  // Since what is in the log now was flushed.
  #hasLied = false
  #liedSinceRecovery = false
  #acknowledgedNow: number[] = []
  // Clock and acknowledgements when the log was opened.
  #openedMs = 0
  #openedAcknowledged = 0

  private constructor(store: LabStore, seed: number, settings: LabSettings) {
    this.#store = store
    this.seed = seed
    this.settings = settings
    this.#random = randomFrom(seed)
    this.#committers = new Committers(randomFrom(seed ^ 0x5eed), settings.committers)
  }

  /** Creates a log in `store`. */
  static async begin(store: LabStore, seed: number, settings: LabSettings): Promise<LabSession> {
    const session = new LabSession(store, seed, settings)
    store.lie(settings.isLying)
    session.#hasLied = settings.isLying
    await store.open(session.#observer())
    session.#note('note', 'A new scratch log was created.')
    return session
  }

  get phase(): Phase {
    return this.#phase
  }

  configure(settings: Partial<LabSettings>): void {
    Object.assign(this.settings, settings)
    if (settings.committers !== undefined) this.#committers.setCount(settings.committers)
    if (settings.isLying !== undefined) {
      this.#store.lie(settings.isLying)
      this.#hasLied ||= settings.isLying
      this.#liedSinceRecovery ||= settings.isLying
    }
  }

  /** Goes on by one step: of the log and its committers, or of the recovery that is shown. */
  async tick(): Promise<void> {
    if (this.#phase === 'recovering') return this.#showRecoveryStep()
    if (this.#phase !== 'running') return
    this.#tick += 1
    await this.#store.tick()
    this.#look()
    if (this.#phase !== 'running') return
    if (this.#ledger.count >= recordsMax || this.#store.state().endLSN >= logBytesMax) {
      this.#phase = 'full'
      this.#note('note', 'The scratch log is as long as the lab lets it become.')
      return
    }
    this.#letCommit()
  }

  async cut(): Promise<void> {
    if (this.#phase !== 'running' && this.#phase !== 'full') return
    const { survival } = this.settings
    await this.#store.cutPower(survival, this.#random)
    this.#cuts += 1
    this.#committers.reset(this.#tick)
    const before = this.#ledger.cutPower(this.#store.kind === 'simulated')
    this.#cut = {
      ...{ number: this.#cuts, survival, wasLying: this.#hasLied, before },
      ...this.#ledger.answered(),
      ...{ steps: [], stepsLeft: 0 },
    }
    this.#phase = 'off'
    this.#note(
      'cut',
      this.#store.kind === 'simulated' ? 'The power is cut.' : 'The process is killed.',
    )
  }

  async recover(): Promise<void> {
    if (this.#phase !== 'off') return
    this.#liedSinceRecovery = this.settings.isLying
    try {
      const report = await this.#store.open(this.#observer())
      this.#found = new Set((await this.#store.readAll()).map(({ number }) => number))
      this.#outcome = { report }
      this.#openedMs = this.#store.state().timeMs
      this.#openedAcknowledged = this.#ledger.acknowledgedCount
      this.#allSteps = recoverySteps(report)
    } catch (error) {
      if (!(error instanceof SeawallError)) throw error
      this.#outcome = { refusal: { code: error.code, message: error.message } }
      this.#allSteps = refusalSteps(error.message)
    }
    this.#phase = 'recovering'
    this.#note('recovery', 'The log is opened; recovery begins.')
    this.#showRecoveryStep()
  }

  resume(): void {
    if (this.#phase !== 'recovered') return
    this.#ledger.goOn()
    this.#committers.reset(this.#tick)
    this.#hasLied = this.#liedSinceRecovery
    this.#phase = 'running'
    this.#note('note', 'The committers go on with the log that was recovered.')
  }

  /** Something went wrong that no power cut explains. */
  fail(error: unknown): void {
    this.#phase = 'failed'
    this.#failure = error instanceof Error ? error.message : String(error)
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  view(): Omit<LabState, 'version' | 'deviceNote' | 'speed'> {
    const { timeMs, flushedLSN, endLSN, inDrive } = this.#store.state()
    const records = this.#ledger.views(viewedInEachPlace)
    return {
      ...{
        device: this.#store.kind,
        seed: this.seed,
        phase: this.#phase,
        tick: this.#tick,
        timeMs,
      },
      ...{ settings: { ...this.settings }, committers: this.#committers.views(), records },
      ...{ flushedLSN, endLSN, bufferBytes: this.#store.bufferBytes, counts: this.#counts() },
      happenings: this.#happenings,
      ...(inDrive === undefined || this.#phase !== 'running' ? {} : { inDrive }),
      ...(this.#cut === undefined ? {} : { cut: this.#cut }),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    }
  }

  #observer(): CommitObserver {
    return {
      appended: (number, lsn) => this.#ledger.setAppended(number, lsn),
      acknowledged: (number) => {
        // Between two ticks: where it is now is where it was acknowledged.
        if (this.#store.kind === 'directory') this.#look()
        const committer = this.#ledger.setAcknowledged(number)
        if (committer === undefined) return
        this.#committers.acknowledged(committer, this.settings.mode, this.#tick)
        this.#acknowledgedNow.push(number)
      },
      failed: (error) => this.fail(error),
    }
  }

  #letCommit(): void {
    const { mode, recordBytes } = this.settings
    const due = this.#committers.due(mode, this.#tick)
    for (const committer of due) {
      const isAsync = mode === 'async'
      const number = this.#ledger.begin(committer, recordBytes, isAsync ? 'early' : 'durable')
      this.#store.commit(number, recordBytes, isAsync ? 'async' : 'flush')
    }
    if (due.length > 0) {
      const who = due.length === 1 ? `Committer ${(due[0] ?? 0) + 1}` : `${due.length} committers`
      this.#note('append', `${who} put ${countOf(due.length, 'record')} into the log buffer.`)
    }
  }

  #look(): void {
    const { toCache, toMedia } = this.#ledger.look((...record) => this.#store.placeOf(...record))
    if (toCache > 0)
      this.#note(
        'device',
        `${countOf(toCache, 'record')} went to the drive: in its cache, not safe.`,
      )
    if (toMedia > 0) {
      const isReported = this.#store.kind === 'directory'
      const how = isReported ? 'flushed, says the kernel' : 'on the media'
      this.#note('device', `${countOf(toMedia, 'record')} ${toMedia === 1 ? 'is' : 'are'} ${how}.`)
    }
    const acknowledged = this.#acknowledgedNow.splice(0)
    if (acknowledged.length > 0)
      this.#note('acknowledge', `Acknowledged: ${numbersOf(acknowledged)}.`)
  }

  #showRecoveryStep(): void {
    const cut = this.#cut
    const next = this.#allSteps.shift()
    if (cut === undefined) return
    if (next !== undefined) {
      const steps = [...cut.steps, next]
      this.#cut = { ...cut, steps, stepsLeft: this.#allSteps.length }
      if (next.isWhereFound === true) {
        const verdict = judge(this.#ledger.settle(this.#found), this.#hasLied)
        this.#outcome = { ...this.#outcome, verdict }
      }
      return
    }
    this.#cut = { ...cut, ...this.#outcome }
    this.#phase = this.#outcome.refusal === undefined ? 'recovered' : 'refused'
    const { refusal, verdict } = this.#outcome
    this.#note(
      'recovery',
      refusal === undefined ? (verdict?.sentence ?? '') : `Refused: ${refusal.code}.`,
    )
  }

  #counts(): LabState['counts'] {
    const { flushes, deviceWrites, deviceSyncs, timeMs } = this.#store.state()
    const { appended, acknowledgedCount } = this.#ledger
    const [inBuffer, inCache, onMedia] = livePlaces.map((place) => this.#ledger.countIn(place))
    const since = acknowledgedCount - this.#openedAcknowledged
    const seconds = (timeMs - this.#openedMs) / 1000
    return {
      ...{ appended, acknowledged: acknowledgedCount, flushes, deviceWrites, deviceSyncs },
      ...{ inBuffer: inBuffer ?? 0, inCache: inCache ?? 0, onMedia: onMedia ?? 0 },
      commitsPerFlush: flushes === 0 ? 0 : since / flushes,
      commitsPerSecond: seconds <= 0 ? 0 : since / seconds,
    }
  }

  #note(kind: Happening['kind'], text: string): void {
    this.#happenings = [...this.#happenings, { tick: this.#tick, kind, text }].slice(-happeningsMax)
  }
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function numbersOf(numbers: readonly number[]): string {
  const shown = numbers.slice(0, 8).map((number) => `#${number}`)
  const more = numbers.length - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
