import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel'

import type { LSN } from '../format/lsn.ts'
import type { RecoveryReport } from './recovery-report.ts'

/** What every message has; the tracing channel itself adds `result` and `error`. */
interface TracedCall {
  /** The log's directory. */
  readonly directory: string
  /** What the call resolves with; there from `asyncStart` on. */
  result?: unknown
  /** Why it failed; there from `error` on. */
  error?: unknown
}

/** How a transaction ended. */
export type TransactionOutcome =
  | 'committed'
  | 'rolledBack'
  /** Its commit was not acknowledged, or it could not be rolled back: the next open decides. */
  | 'unknown'

/**
 * What the tracing channels `seawall:<name>` carry. One object for all events of one call: what is
 * optional is filled in by the time of `asyncStart`.
 */
export interface TraceMessages {
  /** `Log.open`, also that of an engine. */
  recovery: TracedCall & { readonly readOnly: boolean; recovery?: RecoveryReport }
  /** `Engine.open`: its RestartReport. */
  restart: TracedCall & { restart?: object }
  /** A checkpoint, also one that begins by itself: its CheckpointReport. */
  checkpoint: TracedCall & { readonly cause: string; checkpoint?: object }
  /** A transaction, from its beginning to its end. */
  transaction: TracedCall & {
    /** `callback`: `engine.transaction`; `explicit`: from `engine.begin` to commit or rollback. */
    readonly form: 'callback' | 'explicit'
    /** `transaction.id`; undefined when it could not begin. */
    transactionId?: number
    /** The option; undefined when it could not begin. */
    readOnly?: boolean
    /** How it ended; undefined when it could not begin. */
    outcome?: TransactionOutcome
    /** Where its commit stands in the log; undefined when it has written nothing. */
    commitLSN?: LSN
    /** Exclusive end of the durable log when it ended. */
    flushedLSN?: LSN
    /** Changes and compensations that it has logged. */
    records?: number
    /** From the call until it ended, in milliseconds. */
    durationMs?: number
  }
}

export type TraceName = keyof TraceMessages

type Channels = {
  readonly [Name in TraceName]: TracingChannel<unknown, TraceMessages[Name]>
}

const channels: Channels = {
  recovery: tracingChannel('seawall:recovery'),
  restart: tracingChannel('seawall:restart'),
  checkpoint: tracingChannel('seawall:checkpoint'),
  transaction: tracingChannel('seawall:transaction'),
}

/**
 * Whether anyone listens to any event of the channel. TracingChannel.hasSubscribers would say the
 * same, from Node 20.13 on.
 */
export function isTraced(name: TraceName): boolean {
  const { start, end, asyncStart, asyncEnd, error } = channels[name]
  return (
    start.hasSubscribers ||
    end.hasSubscribers ||
    asyncStart.hasSubscribers ||
    asyncEnd.hasSubscribers ||
    error.hasSubscribers
  )
}

/**
 * Runs `run` with the events of the channel around it and the stores that are bound to its start
 * (AsyncLocalStorage) within it; just runs it when nobody listens.
 *
 * What a subscriber throws becomes an uncaughtException of the process and changes nothing here.
 */
export function traced<Name extends TraceName, T>(
  name: Name,
  message: TraceMessages[Name],
  run: () => Promise<T>,
): Promise<T> {
  if (!isTraced(name)) return run()
  const channel = channels[name] as TracingChannel<unknown, TraceMessages[Name]>
  return channel.tracePromise(run, message)
}

/** The first events of what begins in one call and ends in another; `traceEnd` has the others. */
export function traceStart<Name extends TraceName>(name: Name, message: TraceMessages[Name]): void {
  const { start, end } = channels[name] as TracingChannel<unknown, TraceMessages[Name]>
  start.runStores(message, () => {})
  end.publish(message)
}

export function traceEnd<Name extends TraceName>(name: Name, message: TraceMessages[Name]): void {
  const { asyncStart, asyncEnd, error } = channels[name] as TracingChannel<
    unknown,
    TraceMessages[Name]
  >
  if (message.error !== undefined) error.publish(message)
  asyncStart.publish(message)
  asyncEnd.publish(message)
}
