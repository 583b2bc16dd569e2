import { randomUUID } from 'node:crypto'

import { decodeJson, decodeNumber, type Frame, frameType } from '../protocol/frame.ts'
import type { Bye, Hello, Start, Welcome } from '../protocol/messages.ts'
import { RigError } from '../rig-error.ts'
import { AgentLink } from './agent-link.ts'
import type { AgentProbe, ProbeSession } from './agent-probe.ts'
import { bootIdOf, machineFingerprint } from './fingerprint.ts'
import { openProbes, type ProbeOptions } from './open-probes.ts'

export interface AgentOptions extends ProbeOptions {
  readonly host: string
  readonly port: number
  readonly tool: string
  /** Milliseconds for which an observer is looked for. */
  readonly connectTimeoutMs: number
  readonly say: (line: string) => void
}

const retryMs = 500

/**
 * Works for an observer until that says the run is over, session after session: a lost connection
 * begins a new one. @returns why it is over. @throws RigError
 */
export async function runAgent(options: AgentOptions): Promise<string> {
  const agentId = randomUUID()
  for (;;) {
    // Before anyone is asked: what is refused is said here, too.
    const probes = await openProbes(options)
    for (const { hello } of probes) {
      if (hello.error !== undefined) options.say(`${hello.target}: ${hello.error}`)
    }
    const bye = await runSession(await connectPatiently(options), probes, agentId, options)
    if (bye?.isRefused === true) throw new RigError(bye.reason)
    if (bye !== undefined) return bye.reason
    options.say('the connection to the observer is lost; looking for it again')
  }
}

async function connectPatiently(options: AgentOptions): Promise<AgentLink> {
  const deadline = Date.now() + options.connectTimeoutMs
  for (;;) {
    try {
      return await AgentLink.connect(options.host, options.port)
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, retryMs))
    }
  }
}

async function runSession(
  link: AgentLink,
  probes: AgentProbe[],
  agentId: string,
  options: AgentOptions,
): Promise<Bye | undefined> {
  try {
    return await new Session(link, probes, options).run(agentId)
  } finally {
    link.close()
    for (const probe of probes) await probe.stop()
  }
}

class Session {
  readonly #link: AgentLink
  readonly #probes: AgentProbe[]
  readonly #options: AgentOptions
  #sessions: ProbeSession[] = []
  #bye: Bye | undefined

  constructor(link: AgentLink, probes: AgentProbe[], options: AgentOptions) {
    this.#link = link
    this.#probes = probes
    this.#options = options
  }

  async run(agentId: string): Promise<Bye | undefined> {
    const bootId = this.#probes.find((probe) => probe.bootId !== undefined)?.bootId ?? bootIdOf()
    const hello: Hello = {
      tool: this.#options.tool,
      bootId,
      agentId,
      machine: machineFingerprint(),
      probes: this.#probes.map((probe) => probe.hello),
    }
    const over = new Promise<void>((resolve, reject) => {
      this.#link.listen((frame) => {
        this.#received(frame).then(
          () => (this.#bye === undefined ? undefined : resolve()),
          (error: unknown) => reject(error as Error),
        )
      })
    })
    this.#link.sendJson(frameType.hello, hello)
    await Promise.race([over, this.#link.closed])
    return this.#bye
  }

  async #received(frame: Frame): Promise<void> {
    switch (frame.type) {
      case frameType.welcome:
        await this.#resume(decodeJson<Welcome>(frame))
        return
      case frameType.start:
        for (const [i, first] of decodeJson<Start>(frame).first.entries()) {
          this.#probes[i]?.start(this.#session(i), first)
        }
        return
      case frameType.credit:
        this.#probes[frame.probe]?.confirmed(decodeNumber(frame))
        return
      case frameType.pause:
        for (const probe of this.#probes) await probe.pause()
        this.#link.phase(0, { phase: 'idle' })
        return
      case frameType.bye:
        this.#bye = decodeJson<Bye>(frame)
        return
    }
  }

  async #resume(run: Welcome): Promise<void> {
    this.#options.say(`run ${run.run}, session ${run.session}`)
    this.#sessions = this.#probes.map((_, probe) => {
      const welcome = run.probes[probe] ?? { resume: false }
      return { link: this.#link, probe, run, welcome }
    })
    for (const [i, probe] of this.#probes.entries()) {
      const session = this.#session(i)
      if (session.welcome.resume) await probe.resume(session)
    }
  }

  #session(probe: number): ProbeSession {
    const session = this.#sessions[probe]
    if (session === undefined) throw new RigError('the observer spoke before it said welcome')
    return session
  }
}
