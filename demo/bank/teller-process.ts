import type { ChildProcess } from 'node:child_process'

import { forkProgram } from '../../programs/child-processes.ts'
import type { ObserverMessage, OpeningPhase, TellerMessage, TellerRequest } from './messages.ts'

type MessageOf<Kind extends TellerMessage['kind']> = Extract<TellerMessage, { kind: Kind }>

/** When to kill a teller that is opening the store. */
export interface OpeningKill {
  /** Counted from when it comes to this phase. */
  readonly phase: OpeningPhase
  readonly delayMs: number
}

// A slow disk may take long, but not so long.
const silenceMaxMs = 120_000

/** The observer's side of a teller: its messages, its death. */
export class TellerProcess {
  readonly #child: ChildProcess
  readonly #onMessage: (message: TellerMessage) => void
  readonly #heard = new Map<string, TellerMessage>()
  /** Settles when the process has ended and every message that it ever sent has been taken. */
  readonly #ended: Promise<void>
  #wake: () => void = () => {}
  #openingKill: OpeningKill | undefined
  #killTimer: NodeJS.Timeout | undefined
  #isKilled = false
  #isReleased = false
  #hasEnded = false
  #failure: unknown
  /** The last one that it told before the store was open. */
  phase: OpeningPhase = 'start'

  /** `onMessage` sees everything; what it throws ends the teller and is passed on. */
  constructor(onMessage: (message: TellerMessage) => void) {
    this.#onMessage = onMessage
    this.#child = forkProgram(import.meta.url, './teller.ts', [], {
      serialization: 'advanced',
      stdio: 'inherit',
    })
    this.#child.on('message', (message: TellerMessage) => this.#take(message))
    const exit = new Promise((resolve) => this.#child.once('exit', resolve))
    const disconnect = new Promise((resolve) => this.#child.once('disconnect', resolve))
    this.#child.once('error', (error) => this.#fail(error))
    this.#ended = Promise.all([exit, disconnect]).then(() => {
      this.#hasEnded = true
      if (!this.#isKilled && !this.#isReleased) this.#fail(new Error('the teller ended by itself'))
      this.#wake()
    })
  }

  send(message: ObserverMessage): void {
    // A teller that is gone by now says so by its end.
    if (this.#child.connected) this.#child.send(message, () => {})
  }

  /** Lets it open the store. undefined: it was killed meanwhile. */
  async open(
    request: TellerRequest,
    kill: OpeningKill | undefined,
  ): Promise<MessageOf<'opened'> | undefined> {
    this.#openingKill = kill
    this.send({ kind: 'open', request })
    this.#enterPhase('start')
    const opened = await this.#hear('opened')
    this.#openingKill = undefined
    clearTimeout(this.#killTimer)
    if (!this.#isKilled) return opened
    await this.#ended
    return undefined
  }

  /** The next message of this kind. */
  async hear<Kind extends TellerMessage['kind']>(kind: Kind): Promise<MessageOf<Kind>> {
    const message = await this.#hear(kind)
    if (message === undefined) throw new Error('the teller was killed')
    return message
  }

  /** Resolves when nothing more can come of it. */
  async kill(): Promise<void> {
    this.#killNow()
    await this.#ended
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Lets transfers run for so long. Rejects at once when the teller fails meanwhile. */
  async runFor(durationMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, durationMs)
    })
    await Promise.race([over, this.#ended])
    clearTimeout(timer)
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Lets it end its transfers and close the store. */
  async close(): Promise<void> {
    this.send({ kind: 'stop' })
    await this.hear('closed')
    this.#isReleased = true
    if (this.#child.connected) this.#child.disconnect()
    await this.#ended
  }

  async #hear<Kind extends TellerMessage['kind']>(
    kind: Kind,
  ): Promise<MessageOf<Kind> | undefined> {
    const silence = setTimeout(() => {
      this.#fail(new Error(`the teller said nothing for ${silenceMaxMs / 1000} s`))
    }, silenceMaxMs)
    try {
      for (;;) {
        if (this.#failure !== undefined) throw this.#failure
        const message = this.#heard.get(kind)
        this.#heard.delete(kind)
        if (message !== undefined) return message as MessageOf<Kind>
        if (this.#hasEnded) return undefined
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        silence.refresh()
      }
    } finally {
      clearTimeout(silence)
    }
  }

  #take(message: TellerMessage): void {
    if (this.#failure !== undefined) return
    try {
      if (message.kind === 'failed') throw new Error(`the teller failed: ${message.message}`)
      if (message.kind === 'phase') this.#enterPhase(message.phase)
      this.#onMessage(message)
    } catch (error) {
      this.#fail(error)
    }
    if (message.kind === 'opened' || message.kind === 'observed' || message.kind === 'closed') {
      this.#heard.set(message.kind, message)
    }
    this.#wake()
  }

  #enterPhase(phase: OpeningPhase): void {
    this.phase = phase
    const kill = this.#openingKill
    if (kill?.phase === phase) this.#killAfter(kill.delayMs)
  }

  #killAfter(delayMs: number): void {
    if (delayMs === 0) this.#killNow()
    else this.#killTimer = setTimeout(() => this.#killNow(), delayMs)
  }

  #killNow(): void {
    this.#isKilled = true
    this.#child.kill('SIGKILL')
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#child.kill('SIGKILL')
    this.#wake()
  }
}
