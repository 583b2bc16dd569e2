// What harness and child say to each other: one command, one line of JSON, on the child's standard
// input; reports, one line each, on its standard output. A report is in the pipe when the call that
// made it returns, so it outlives the child.
import type { EngineOptions, LogOptions } from '../../lib/index.ts'

export const operations = [
  'read',
  'write',
  'durableWrite',
  'sync',
  'allocate',
  'open',
  'create',
  'rename',
  'remove',
  'syncDirectory',
  'lock',
  'any',
] as const
export const moments = ['never', 'before', 'middle', 'during', 'after'] as const

/** When the count of operations begins. */
export type Arming = 'opening' | 'running' | 'checkpoint' | 'rollback' | 'closing'

/** An operation of the storage at which the child ends itself with SIGKILL. */
export interface KillPoint {
  readonly arming: Arming
  readonly operation: (typeof operations)[number]
  /** A glob for the path below the directory of the log; "." is that directory. */
  readonly path: string
  readonly moment: (typeof moments)[number]
  /** The n-th such operation, from 1. */
  readonly count: number
  /** For `during`: microseconds after its beginning. */
  readonly delayUs?: number
}

interface CommonCommand {
  readonly directory: string
  readonly nativeBinding: string
  /** Decides what the clients do. */
  readonly seed: number
  readonly clients: number
  /** Number of the first record or transaction: no number is ever used twice in a directory. */
  readonly firstIndex: number
  /** Records or transactions until the child ends by itself. */
  readonly steps: number
  /** What it does then. */
  readonly ending: 'close' | 'wait'
  readonly point: KillPoint | undefined
  /** The canary: acknowledges what is in memory only. */
  readonly acknowledgesEarly: boolean
}

export interface LogCommand extends CommonCommand {
  readonly kind: 'log'
  readonly options: LogOptions
  /** Decides the content of the records; the same for the whole directory. */
  readonly contentSeed: number
}

export interface EngineCommand extends CommonCommand {
  readonly kind: 'engine'
  readonly options: EngineOptions
}

export type Command = LogCommand | EngineCommand

/** Of a record in the log: LSN, type, length of the body, a hash of it. */
export type FoundRecord = readonly [number, number, number, string]
/** Page number and content; null: there is no such page. */
export type PageChange = readonly [number, string | null]

export type Report =
  | readonly ['opened', { keptFrom: number; keptTo: number; backend: string; restart: string }]
  | readonly ['records', readonly FoundRecord[]]
  | readonly ['pages', readonly PageChange[]]
  | readonly ['running']
  // Before the log is asked for the record, and what it answered.
  | readonly ['issue', number]
  | readonly ['placed', number, number]
  | readonly ['rejected', number]
  | readonly ['durable', number, number]
  | readonly ['truncate', number]
  | readonly ['truncated', number]
  // Before the commit of a transaction, and when it is acknowledged.
  | readonly ['commit', number, readonly PageChange[]]
  | readonly ['committed', number, number]
  | readonly ['finished']
  | readonly ['closed', { descriptorsBefore: number; descriptorsAfter: number }]
  | readonly ['failed', string]
