import { existsSync } from 'node:fs'
import { appendFile, mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'

import { encodeEntry } from '../ledger/ledger-entry.ts'
import type { Summary } from '../observer/summary.ts'
import { EventBuffer, eventKind } from '../protocol/events.ts'
import { frameType } from '../protocol/frame.ts'
import { RigError } from '../rig-error.ts'
import type { SelftestCase } from './cases.ts'
import { Child } from './child.ts'
import { DeviceServer } from './device-server.ts'
import { SimulatedDevice } from './simulated-device.ts'

const pollMs = 4
const caseTimeoutMs = 60_000
const engineLanes = 16

export interface CaseContext {
  readonly directory: string
  readonly seed: number
  readonly command: readonly string[]
}

/** Runs one case: an observer, an agent that comes back after every cut, and what they work on. */
export async function runCase(
  one: SelftestCase,
  context: CaseContext,
): Promise<{ exitCode: number; summary: Summary }> {
  await mkdir(context.directory, { recursive: true })
  const run = new CaseRun(one, context)
  try {
    return await run.run()
  } finally {
    await run.close()
  }
}

class CaseRun {
  readonly #case: SelftestCase
  readonly #context: CaseContext
  #server: DeviceServer | undefined
  #observer: Child | undefined
  #agent: Child | undefined
  #port = 0
  #cuts = 0

  constructor(one: SelftestCase, context: CaseContext) {
    this.#case = one
    this.#context = context
  }

  async run(): Promise<{ exitCode: number; summary: Summary }> {
    const { device } = this.#case
    if (device !== undefined) {
      const simulated = new SimulatedDevice(device, device.fault, this.#context.seed)
      this.#server = await DeviceServer.start(simulated, this.#path('device'))
    }
    await this.#startObserver()
    this.#startAgent()
    const deadline = Date.now() + caseTimeoutMs
    let observer = this.#observer as Child
    while (!observer.isOver) {
      if (Date.now() > deadline) throw new RigError(`no end in sight: ${observer.output}`)
      if (existsSync(this.#path('off'))) await this.#powerOff()
      if (existsSync(this.#path('on'))) await this.#powerOn()
      await new Promise((resolve) => setTimeout(resolve, pollMs))
      observer = this.#observer as Child
    }
    const exitCode = await observer.exitCode
    const summary = await readFile(this.#path('run/summary.json'), 'utf8').catch(() => {
      throw new RigError(`no summary: ${observer.output}`)
    })
    return { exitCode, summary: JSON.parse(summary) as Summary }
  }

  async close(): Promise<void> {
    await this.#observer?.kill()
    await this.#agent?.kill()
    this.#server?.close()
  }

  #path(name: string): string {
    return join(this.#context.directory, name)
  }

  // The machine loses its power and its device what it had not written.
  async #powerOff(): Promise<void> {
    this.#cuts += 1
    this.#server?.powerOff()
    await this.#agent?.kill()
    await rm(this.#path('off'))
  }

  async #powerOn(): Promise<void> {
    this.#server?.powerOn()
    const { observer } = this.#case
    if (observer !== undefined && this.#cuts === 1) {
      await this.#observer?.kill()
      if (observer === 'demand-more') await this.#demandMore()
      await rm(this.#path('on'))
      await this.#startObserver()
    } else {
      await rm(this.#path('on'))
    }
    this.#startAgent()
  }

  // Claims that a transaction was acknowledged that was never issued: the judge must miss it.
  async #demandMore(): Promise<void> {
    const upTo = Buffer.alloc(8)
    const number = 64_000_001
    upTo.writeDoubleLE(number, 0)
    const events = new EventBuffer()
    events.add(eventKind.committed, number, 1)
    const at = Date.now()
    await appendFile(
      this.#path('run/ledger'),
      Buffer.concat([
        encodeEntry(frameType.intent, 0, upTo, at),
        encodeEntry(frameType.events, 0, events.take(), at),
      ]),
    )
  }

  async #startObserver(): Promise<void> {
    const { cycles, cuts = 'uniform,ack,flush' } = this.#case
    const wait = (file: string): string => {
      const path = `'${this.#path(file)}'`
      return `touch ${path}; while [ -e ${path} ]; do sleep 0.01; done`
    }
    const observer = new Child(this.#context.command, [
      ...['rig', 'observer', '--out', this.#path('run'), '--host', '127.0.0.1'],
      ...['--port', String(this.#port), '--seed', String(this.#context.seed)],
      ...['--cycles', String(cycles), '--cuts', cuts, '--min-ms', '50', '--max-ms', '150'],
      ...['--min-acked', '250'],
      ...['--off-ms', '10', '--window', '512', '--idle-ms', '50', '--boot-timeout-ms', '30000'],
      ...['--power-off', wait('off'), '--power-on', wait('on')],
    ])
    this.#observer = observer
    this.#port = Number(await observer.says(/listening on [^ ]*:(\d+)/))
  }

  #startAgent(): void {
    const { device, engine } = this.#case
    const target =
      device === undefined
        ? []
        : [
            ...['--device', `sim:${this.#path('device')}`, '--bytes', String(device.bytes)],
            ...['--mode', device.mode, '--depth', String(device.depth)],
            ...['--max-write-bytes', '16384'],
          ]
    if (engine) target.push('--engine', this.#path('engine'), '--lanes', String(engineLanes))
    const observer = `127.0.0.1:${this.#port}`
    this.#agent = new Child(this.#context.command, [
      ...['rig', 'agent', '--observer', observer, '--connect-timeout-ms', '30000'],
      ...['--device-timeout-ms', '100'],
      ...target,
    ])
  }
}
