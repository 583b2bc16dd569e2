import { randomUUID } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'

import { Ledger } from '../ledger/ledger.ts'
import {
  decodeJson,
  decodeNumber,
  encodeJson,
  encodeNumber,
  type Frame,
  frameType,
} from '../protocol/frame.ts'
import type { Bye, Hello, Phase, Start, Welcome } from '../protocol/messages.ts'
import { RigError } from '../rig-error.ts'
import { AgentSession } from './agent-session.ts'
import { type CutPlan, type CutRanges, planCut } from './cut-plan.ts'
import { CutTrigger } from './cut-trigger.ts'
import { Judging } from './judging.ts'
import { Power, type PowerCommands } from './power.ts'
import { writeReport } from './report.ts'
import { type Note, RunState } from './run-state.ts'
import type { Summary } from './summary.ts'

export interface ObserverOptions {
  /** Where the ledger and the report are. An interrupted run goes on from there. */
  readonly directory: string
  readonly host: string
  readonly port: number
  /** Cuts to make. */
  readonly cycles: number
  /** Of a new run. */
  readonly seed: number
  readonly ranges: CutRanges
  readonly power: PowerCommands
  /** No cut of a session before so many records were acknowledged. */
  readonly minAcked: number
  /** How long the power stays off. */
  readonly offMs: number
  /** How long the agent may take to come back. */
  readonly bootTimeoutMs: number
  /** How far the agent may announce ahead. */
  readonly window: number
  /** Go on after a loss instead of leaving the device as it is. */
  readonly keepGoing: boolean
  readonly tool: string
  readonly say: (line: string) => void
}

type Outcome = 'cut' | 'lost' | 'done'

/**
 * The other machine: keeps the ledger, decides when the power is cut, and judges what is left. Never
 * loads the addon.
 */
export class Observer {
  readonly #options: ObserverOptions
  readonly #state: RunState
  readonly #ledger: Ledger
  readonly #server: Server
  readonly #power: Power
  readonly #sessions: AgentSession[] = []
  #sessionCame: (() => void) | undefined
  #failure: unknown

  private constructor(options: ObserverOptions, state: RunState, ledger: Ledger) {
    this.#options = options
    this.#state = state
    this.#ledger = ledger
    this.#power = new Power(options.power)
    this.#server = createServer((socket) => this.#connected(new AgentSession(socket)))
  }

  /** Reads the ledger and listens. @throws RigError */
  static async start(options: ObserverOptions): Promise<Observer> {
    await mkdir(options.directory, { recursive: true })
    const state = new RunState()
    let observer: Observer | undefined
    const ledger = await Ledger.open(
      join(options.directory, 'ledger'),
      (entry) => state.apply(entry),
      { onFailure: (error) => observer?.fail(error) },
    )
    observer = new Observer(options, state, ledger)
    if (ledger.cutBytes > 0) options.say(`the ledger had a torn end of ${ledger.cutBytes} bytes`)
    if (state.isNew) {
      const { seed, tool } = options
      observer.#note({ note: 'run', run: randomUUID(), seed, tool })
      await ledger.sync()
    } else {
      options.say(`goes on with run ${state.run}, ${state.cycles.length} cycles so far`)
    }
    await observer.#listen()
    return observer
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get state(): RunState {
    return this.#state
  }

  /** Stops the run: `run` rejects with `error`. */
  fail(error: unknown): void {
    this.#failure ??= error
    this.#sessionCame?.()
    for (const session of this.#sessions) session.destroy()
  }

  /** Makes all cuts and judges them. Closes everything in the end. @throws RigError */
  async run(): Promise<Summary> {
    try {
      await this.#cycles()
      return await writeReport(this.#options.directory, this.#state)
    } finally {
      this.#server.close()
      for (const session of this.#sessions) session.end()
      await this.#ledger.close().catch(() => {})
    }
  }

  async #cycles(): Promise<void> {
    for (;;) {
      const session = await this.#nextSession()
      const outcome = await this.#session(session)
      if (this.#failure !== undefined) throw this.#failure
      if (outcome === 'done') {
        session.send(
          encodeJson(frameType.bye, { reason: 'the run is over', isRefused: false } satisfies Bye),
        )
        return
      }
      if (outcome === 'cut') await this.#cut(session)
      else this.#options.say('the connection is lost')
    }
  }

  async #session(session: AgentSession): Promise<Outcome> {
    const state = this.#state
    const hello = await this.#hello(session)
    if (hello === undefined) return 'lost'
    const last = state.cycles.at(-2)
    if (last?.proof !== undefined) {
      this.#options.say(`cycle ${last.session}: ${last.proof.label} (${last.proof.why})`)
    }
    const cycle = state.cycles.length
    const plan = planCut(state.seed, cycle, this.#options.ranges, {
      recover: state.mustResume,
      checkpoint: hello.probes.some(({ kind }) => kind === 'engine'),
    })
    this.#note({ note: 'plan', session: cycle, plan })
    return this.#converse(session, plan, cycle)
  }

  #converse(session: AgentSession, plan: CutPlan, cycle: number): Promise<Outcome> {
    const { window } = this.#options
    const state = this.#state
    return new Promise((resolve) => {
      const trigger = new CutTrigger(plan, {
        fire: () => resolve('cut'),
        pause: () => session.send(encodeJson(frameType.pause, {})),
        hasWorked: () => state.ackedRecords >= this.#options.minAcked,
      })
      const finish = (outcome: Outcome): void => {
        trigger.cancel()
        resolve(outcome)
      }
      const begin = (): void => {
        if (this.#isOver()) finish('done')
        else {
          this.#start(session)
          trigger.workBegins()
        }
      }
      void session.closed.then(() => finish('lost'))
      const judging = state.mustResume ? new Judging(state) : undefined
      session.listen((frame) => {
        this.#record(session, frame)
        trigger.frame(frame)
        if (judging?.take(frame) === true) {
          this.#judged(judging)
          begin()
        }
      })
      const probes = state.probes.map((model) => model.welcome())
      const { run, seed } = state
      const welcome: Welcome = { run, seed, session: cycle, window, probes }
      session.send(encodeJson(frameType.welcome, welcome))
      if (judging === undefined) begin()
      else if (!this.#isOver()) trigger.recoveryBegins()
    })
  }

  // All cuts are made and judged, or something was lost.
  #isOver(): boolean {
    const { cycles, keepGoing } = this.#options
    const past = this.#state.cycles.slice(0, -1)
    const isDirty = past.some(({ judgements }) =>
      judgements?.some(({ losses }) => losses.length > 0),
    )
    return (
      past.filter(({ cutBy }) => cutBy !== undefined).length >= cycles || (isDirty && !keepGoing)
    )
  }

  #start(session: AgentSession): void {
    const start: Start = { first: this.#state.probes.map((model) => model.nextFirst()) }
    const frame = encodeJson(frameType.start, start)
    this.#append({ type: frameType.start, probe: 0, payload: Buffer.from(JSON.stringify(start)) })
    this.#ledger.whenDurable(() => session.send(frame))
  }

  #record(session: AgentSession, frame: Frame): void {
    const { type, probe } = frame
    if (type !== frameType.intent && type !== frameType.events && type !== frameType.phase) return
    this.#append(frame)
    if (type === frameType.phase) this.#sayIfStopped(frame)
    if (type !== frameType.intent) return
    const upTo = decodeNumber(frame)
    this.#ledger.whenDurable(() => session.send(encodeNumber(frameType.credit, upTo, probe)))
  }

  #sayIfStopped(frame: Frame): void {
    const { phase, reason } = decodeJson<Phase>(frame)
    const target = this.#state.probes[frame.probe]?.hello.target
    if (phase === 'stopped') this.#options.say(`${target}: the probe has stopped: ${reason}`)
  }

  #judged(judging: Judging): void {
    const { judgements, baselines } = judging
    this.#note({ note: 'judged', judgements })
    for (const { probe, baseline } of baselines) {
      this.#append({ type: frameType.baseline, probe, payload: baseline })
    }
    const losses = judgements.reduce((sum, judgement) => sum + judgement.losses.length, 0)
    const records = judgements.reduce((sum, judgement) => sum + judgement.ackedRecords, 0)
    this.#options.say(`judged: ${records} acknowledged records, ${losses} losses`)
    void writeReport(this.#options.directory, this.#state).catch((error) => this.fail(error))
  }

  async #cut(session: AgentSession): Promise<void> {
    const { offMs, say } = this.#options
    const cycle = this.#state.cycles.at(-1)
    const kind = cycle?.plan?.kind ?? 'uniform'
    this.#note({ note: 'cut', by: this.#power.isByHand ? 'hand' : 'hook' })
    if (this.#power.isByHand) {
      say(`cycle ${cycle?.session}: cut the power NOW (${kind}), then switch it on again`)
      await session.closed
      return
    }
    say(`cycle ${cycle?.session}: cutting the power (${kind})`)
    await this.#power.off()
    await this.#ledger.sync()
    await new Promise((resolve) => setTimeout(resolve, offMs))
    session.destroy()
    await session.closed
    await this.#power.on()
  }

  #note(note: Note): void {
    const payload = Buffer.from(JSON.stringify(note))
    this.#append({ type: frameType.note, probe: 0, payload })
  }

  #append({ type, probe, payload }: Frame): void {
    const atMs = Date.now()
    this.#ledger.append(type, probe, payload, atMs)
    this.#state.apply({ type, probe, payload, atMs })
  }

  #hello(session: AgentSession): Promise<Hello | undefined> {
    return new Promise((resolve, reject) => {
      void session.closed.then(() => resolve(undefined))
      session.listen((frame) => {
        if (frame.type !== frameType.hello) return
        const hello = decodeJson<Hello>(frame)
        try {
          this.#state.checkHello(hello)
        } catch (error) {
          session.send(
            encodeJson(frameType.bye, {
              reason: (error as Error).message,
              isRefused: true,
            } satisfies Bye),
          )
          session.end()
          reject(error as Error)
          return
        }
        this.#append(frame)
        resolve(hello)
      })
    })
  }

  // The newest connection counts: those before it are of a machine that has lost its power.
  async #nextSession(): Promise<AgentSession> {
    const deadline = Date.now() + this.#options.bootTimeoutMs
    while (this.#sessions.length === 0) {
      if (this.#failure !== undefined) throw this.#failure
      const left = deadline - Date.now()
      if (left <= 0) throw new RigError('no agent came within the time given by --boot-timeout-ms')
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#sessionCame = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
    return this.#sessions.at(-1) as AgentSession
  }

  #connected(session: AgentSession): void {
    for (const old of this.#sessions.splice(0)) old.destroy()
    this.#sessions.push(session)
    void session.closed.then(() => {
      const at = this.#sessions.indexOf(session)
      if (at >= 0) this.#sessions.splice(at, 1)
    })
    this.#sessionCame?.()
  }

  #listen(): Promise<void> {
    const { host, port } = this.#options
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) =>
        reject(new RigError(`cannot listen on ${host}:${port}: ${error.message}`)),
      )
      this.#server.listen(port, host, () => resolve())
    })
  }
}
