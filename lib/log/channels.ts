import { channel } from 'node:diagnostics_channel'

import type { SeawallError } from '../errors.ts'
import type { RecoveryReport } from './recovery-report.ts'

/** What the diagnostics channels `seawall:<name>` carry; every message names the log's directory. */
export interface ChannelMessages {
  /** Records became durable: everything below `flushedLSN`. */
  /** Commits became durable: the new flushedLSN. */
  flush: { directory: string; flushedLSN: number }
  /** A segment was begun: its number. */
  /** The log went on into another segment: its number. */
  rotate: { directory: string; segment: number }
  /** A log was opened: what that found. */
  /** A log was opened. */
  recovery: { directory: string; recovery: RecoveryReport }
  /** A log was poisoned: why. */
  /** A log was poisoned. */
  error: { directory: string; error: SeawallError }
  /** An engine was opened: its RestartReport. */
  restart: { directory: string; restart: object }
  /** A checkpoint is complete: its CheckpointReport. */
  checkpoint: { directory: string; checkpoint: object }
}

const channels = {
  flush: channel('seawall:flush'),
  rotate: channel('seawall:rotate'),
  recovery: channel('seawall:recovery'),
  error: channel('seawall:error'),
  restart: channel('seawall:restart'),
  checkpoint: channel('seawall:checkpoint'),
}

/** Publishes on a channel if anyone listens. */
export function announce<Name extends keyof ChannelMessages>(
  name: Name,
  message: ChannelMessages[Name],
): void {
  if (channels[name].hasSubscribers) channels[name].publish(message)
}
