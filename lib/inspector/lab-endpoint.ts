import type { IncomingMessage, ServerResponse } from 'node:http'

import { SeawallError } from '../errors.ts'
import { createLab, type Lab } from '../lab/lab.ts'
import { beginEvents } from './answers.ts'

const commandBytesMax = 16 * 1024
const streamsMax = 16
const heartbeatMs = 15_000

/** The lab on the wire: commands in, states out as server-sent events. */
export class LabEndpoint {
  readonly #lab: Lab
  readonly #streams = new Set<ServerResponse>()

  constructor(scratchRoot: string) {
    this.#lab = createLab({ scratchRoot })
  }

  /** @throws ERR_SEAWALL_INVALID_ARGUMENT, and what Lab.handle throws */
  async command(request: IncomingMessage): Promise<unknown> {
    const body = await bodyOf(request, commandBytesMax)
    let command: unknown
    try {
      command = JSON.parse(body)
    } catch {
      throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail: 'this is not JSON' })
    }
    return this.#lab.handle(command)
  }

  /** Sends every state until the client goes. @throws ERR_SEAWALL_INVALID_ARGUMENT: too many listen */
  events(response: ServerResponse): void {
    if (this.#streams.size >= streamsMax) {
      const detail = `${streamsMax} pages listen to the lab; close one of them`
      throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail })
    }
    beginEvents(response)
    this.#streams.add(response)
    let waiting: unknown
    const send = (state: unknown): void => {
      // Whoever is slow gets the newest state when there is room again, and none of those between.
      if (response.writableNeedDrain) waiting = state
      else response.write(`data: ${JSON.stringify(state)}\n\n`)
    }
    response.on('drain', () => {
      const state = waiting
      waiting = undefined
      if (state !== undefined) send(state)
    })
    const unsubscribe = this.#lab.subscribe(send)
    const heartbeat = setInterval(() => response.write(': \n\n'), heartbeatMs)
    heartbeat.unref()
    response.on('close', () => {
      clearInterval(heartbeat)
      unsubscribe()
      this.#streams.delete(response)
    })
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) stream.end()
    await this.#lab.close()
  }
}

/** The body is too large: the server answers with 413. */
export class BodyTooLarge extends SeawallError {
  constructor(bytesMax: number) {
    super('ERR_SEAWALL_INVALID_ARGUMENT', { detail: `more than ${bytesMax} bytes of request` })
  }
}

async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length
    if (bytes > bytesMax) throw new BodyTooLarge(bytesMax)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}
