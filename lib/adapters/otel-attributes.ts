import type { Attributes } from '@opentelemetry/api'

import type { CheckpointReport, RestartReport, TraceMessages } from '../index.ts'

type Name = keyof TraceMessages
type Message<AnyName extends Name> = TraceMessages[AnyName]

/**
 * What is known when a call begins. `common`: only what does not differ from one call to the next,
 * for metrics.
 */
export function attributesAtStart(name: Name, message: Message<Name>, common = false): Attributes {
  const attributes: Attributes = {
    'db.system.name': 'seawall',
    'db.namespace': message.directory,
    'db.operation.name': name,
  }
  if (common) return attributes
  if ('cause' in message) attributes['seawall.checkpoint.cause'] = message.cause
  if ('form' in message) attributes['seawall.transaction.form'] = message.form
  return attributes
}

/** What is known when it has ended; those that are undefined are left out by OpenTelemetry. */
export function attributesAtEnd(name: Name, message: Message<Name>): Attributes {
  switch (name) {
    case 'transaction':
      return ofTransaction(message as Message<'transaction'>)
    case 'checkpoint':
      return ofCheckpoint((message as Message<'checkpoint'>).checkpoint as CheckpointReport)
    case 'recovery':
      return ofRecovery(message as Message<'recovery'>)
    case 'restart':
      return ofRestart((message as Message<'restart'>).restart as RestartReport)
  }
}

/** The code of an error, as the conventions ask for: few different words. */
export function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER'
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : error.name
}

type Values = Record<string, string | number | boolean | undefined>

function known(values: Values): Attributes {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}

function ofTransaction(message: Message<'transaction'>): Attributes {
  return known({
    'seawall.transaction.id': message.transactionId,
    'seawall.transaction.read_only': message.readOnly,
    'seawall.transaction.outcome': message.outcome,
    'seawall.transaction.records': message.records,
    'seawall.transaction.commit_lsn': message.commitLSN,
    'seawall.log.flushed_lsn': message.flushedLSN,
  })
}

function ofCheckpoint(report: CheckpointReport | undefined): Attributes {
  return known({
    'seawall.checkpoint.lsn': report?.checkpointLSN,
    'seawall.checkpoint.redo_lsn': report?.redoLSN,
    'seawall.checkpoint.dirty_pages': report?.dirtyPages,
    'seawall.checkpoint.transactions': report?.transactions,
    'seawall.log.oldest_lsn': report?.oldestLSN,
  })
}

function ofRecovery({ readOnly, recovery }: Message<'recovery'>): Attributes {
  return known({
    'seawall.log.read_only': readOnly,
    'seawall.recovery.decision': recovery?.decision,
    'seawall.recovery.scanned_records': recovery?.scannedRecords,
    'seawall.recovery.cut_bytes': recovery?.cutBytes,
    'seawall.recovery.kept_to': recovery?.keptTo,
  })
}

function ofRestart(report: RestartReport | undefined): Attributes {
  return known({
    'seawall.restart.created': report?.created,
    'seawall.restart.redo_lsn': report?.redoLSN,
    'seawall.restart.redo_records': report?.redo.records,
    'seawall.restart.redone': report?.redo.redone,
    'seawall.restart.losers': report?.analysis.losers,
    'seawall.restart.compensations': report?.undo.compensations,
    'seawall.restart.damaged_pages': report?.damagedPages.length,
  })
}
