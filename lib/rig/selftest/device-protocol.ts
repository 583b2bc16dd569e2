import type { Fingerprint, PowerCounters } from '../protocol/messages.ts'

/** Frames between an agent and the simulated device. */
export const deviceFrame = { request: 1, data: 2, reply: 3, error: 4 } as const

/** A write is followed by a frame with its data. */
export type DeviceRequest =
  | { do: 'identify' }
  | { do: 'read'; offset: number; bytes: number }
  | { do: 'write'; offset: number; bytes: number; through: boolean }
  | { do: 'flush' }

/** What the simulated machine and its device say they are. */
export interface DeviceIdentity {
  readonly bytes: number
  readonly blockBytes: number
  readonly atomicBytes: number
  readonly bootId: string
  readonly counters: PowerCounters
  readonly fingerprint: Fingerprint
}
