import { connect, type Socket } from 'node:net'

import { EventBuffer } from '../protocol/events.ts'
import {
  encodeFrame,
  encodeJson,
  encodeNumber,
  type Frame,
  FrameReader,
  frameType,
} from '../protocol/frame.ts'
import type { Phase } from '../protocol/messages.ts'
import { RigError } from '../rig-error.ts'

/** The agent's connection to the observer. Frames and events arrive in the order of the calls. */
export class AgentLink {
  readonly #socket: Socket
  readonly #reader = new FrameReader()
  readonly #events: EventBuffer[] = []
  #onFrame: (frame: Frame) => void = () => {}
  #isScheduled = false
  #drain: (() => void)[] = []
  /** Resolves when the connection is gone; with the reason if there is one. */
  readonly closed: Promise<Error | undefined>

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 1000)
    this.closed = new Promise((resolve) => {
      let failure: Error | undefined
      socket.on('error', (error) => {
        failure = error
      })
      socket.on('close', () => {
        for (const resolveDrain of this.#drain.splice(0)) resolveDrain()
        resolve(failure)
      })
    })
    socket.on('drain', () => {
      for (const resolve of this.#drain.splice(0)) resolve()
    })
    socket.on('data', (data: Buffer) => this.#received(data))
  }

  static connect(host: string, port: number): Promise<AgentLink> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port })
      const refused = (error: Error): void =>
        reject(new RigError(`no observer at ${host}:${port}: ${error.message}`))
      socket.once('error', refused)
      socket.once('connect', () => {
        socket.off('error', refused)
        resolve(new AgentLink(socket))
      })
    })
  }

  listen(onFrame: (frame: Frame) => void): void {
    this.#onFrame = onFrame
  }

  send(frame: Buffer): void {
    this.#flush()
    this.#socket.write(frame)
  }

  sendJson(type: number, message: unknown, probe = 0): void {
    this.send(encodeJson(type, message, probe))
  }

  announce(probe: number, upTo: number): void {
    this.send(encodeNumber(frameType.intent, upTo, probe))
  }

  phase(probe: number, phase: Phase): void {
    this.sendJson(frameType.phase, phase, probe)
  }

  /** Sent together with the others of this turn of the event loop. */
  event(probe: number, kind: number, number: number, other = 0): void {
    const events = (this.#events[probe] ??= new EventBuffer())
    events.add(kind, number, other)
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => this.#flush())
  }

  /** Resolves when not much is on its way any more. */
  async drained(): Promise<void> {
    if (!this.#socket.writableNeedDrain) return
    await new Promise<void>((resolve) => this.#drain.push(resolve))
  }

  close(): void {
    this.#socket.destroy()
  }

  #flush(): void {
    this.#isScheduled = false
    for (const [probe, events] of this.#events.entries()) {
      if (events === undefined || events.isEmpty) continue
      this.#socket.write(encodeFrame(frameType.events, probe, events.take()))
    }
  }

  #received(data: Buffer): void {
    try {
      for (const frame of this.#reader.push(data)) this.#onFrame(frame)
    } catch (error) {
      this.#socket.destroy(error as Error)
    }
  }
}
