import { channel } from 'node:diagnostics_channel'

import type { SeawallError } from '../errors.ts'
import type { RecoveryReport } from './recovery-report.ts'

/** What the diagnostics channels `seawall:<name>` carry; every message names the log's directory. */
export interface ChannelMessages {
  flush: { directory: string; flushedLSN: number }
  rotate: { directory: string; segment: number }
  recovery: { directory: string; recovery: RecoveryReport }
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
