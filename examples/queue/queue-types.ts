import type { LogOptions } from '../../lib/index.ts'

export interface QueueOptions {
  /** Milliseconds that a consumer has before its message is delivered again. Default 30000. */
  visibilityTimeoutMs?: number
  /** After so many deliveries without an acknowledgement a message is dead. Default 5. */
  maxDeliveries?: number
  /** Messages that are not acknowledged; about 200 bytes of memory each. Default 1000000. */
  maxMessages?: number
  /** Length of the log from which on nothing more is enqueued. Default 1 GiB. */
  maxBytes?: number
  /** Log beyond twice the bytes of the messages that is not worth tidying up. Default 64 MiB. */
  slackBytes?: number
  /** What time it is, for tests. Default `performance.now`. */
  nowMs?: () => number
  /** Options of the log. */
  log?: LogOptions
}

/** A message as a consumer gets it. */
export interface Delivery {
  readonly id: number
  readonly body: Uint8Array
  /** 1 for the first delivery. Higher: somebody had it before, and may have done the work. */
  readonly attempt: number
}

/** Nothing was enqueued: consumers have to catch up first. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError'
}

export const queueDefaults: Required<QueueOptions> = {
  visibilityTimeoutMs: 30_000,
  maxDeliveries: 5,
  maxMessages: 1_000_000,
  maxBytes: 1024 * 1024 * 1024,
  slackBytes: 64 * 1024 * 1024,
  nowMs: (): number => performance.now(),
  log: {},
}
