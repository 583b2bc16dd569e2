import type { ProbeHello, ProbeWelcome, Welcome } from '../protocol/messages.ts'
import type { AgentLink } from './agent-link.ts'

/** What a probe needs of the session that it works in. */
export interface ProbeSession {
  readonly link: AgentLink
  /** The probe's index. */
  readonly probe: number
  readonly run: Welcome
  readonly welcome: ProbeWelcome
}

/** One thing under test, for one session. */
export interface AgentProbe {
  readonly hello: ProbeHello
  readonly bootId?: string
  /** Streams what is there. */
  resume(session: ProbeSession): Promise<void>
  /** Works from number `first` on, until it is paused or stopped. */
  start(session: ProbeSession, first: number): void
  confirmed(upTo: number): void
  /** Issues nothing more; resolves when nothing is in flight. */
  pause(): Promise<void>
  /** Ends everything; what is in flight is waited for. */
  stop(): Promise<void>
}
