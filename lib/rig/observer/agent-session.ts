import type { Socket } from 'node:net'

import { type Frame, FrameReader } from '../protocol/frame.ts'

// A machine without power does not close its connections.
const silenceMs = 30_000

/** One connection of an agent, as the observer sees it. */
export class AgentSession {
  readonly #socket: Socket
  readonly #reader = new FrameReader()
  #onFrame: ((frame: Frame) => void) | undefined
  #early: Frame[] = []
  /** Resolves when the connection is gone; with an error if that is why. */
  readonly closed: Promise<Error | undefined>
  isClosed = false

  constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 1000)
    socket.setTimeout(silenceMs, () => socket.destroy())
    this.closed = new Promise((resolve) => {
      let failure: Error | undefined
      socket.on('error', (error) => {
        failure = error
      })
      socket.on('close', () => {
        this.isClosed = true
        resolve(failure)
      })
    })
    socket.on('data', (data: Buffer) => this.#received(data))
  }

  get peer(): string {
    return this.#socket.remoteAddress ?? 'an agent'
  }

  /** Every frame goes to `onFrame` from now on, also those that came before. */
  listen(onFrame: (frame: Frame) => void): void {
    this.#onFrame = onFrame
    const early = this.#early
    this.#early = []
    for (const frame of early) onFrame(frame)
  }

  send(frame: Buffer): void {
    if (!this.isClosed) this.#socket.write(frame)
  }

  /** Closes once everything sent is on its way. */
  end(): void {
    this.#socket.end()
  }

  destroy(error?: Error): void {
    this.#socket.destroy(error)
  }

  #received(data: Buffer): void {
    try {
      for (const frame of this.#reader.push(data)) {
        if (this.#onFrame === undefined) this.#early.push(frame)
        else this.#onFrame(frame)
      }
    } catch (error) {
      // Whatever it said cannot be trusted; what it said before stands in the ledger.
      this.destroy(error as Error)
    }
  }
}
