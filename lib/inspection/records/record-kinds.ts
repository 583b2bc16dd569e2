import {
  recordBeginCheckpoint,
  recordCommit,
  recordCompensation,
  recordEnd,
  recordEndCheckpoint,
  recordPageCheck,
  recordPageImage,
  recordUpdate,
  userOperationMin,
} from '../../format/layout.ts'
import { builtInOperationName } from '../../operation/registry.ts'
import type { RecordSort, ScannedRecord } from '../survey/survey-types.ts'

/** The names of the types of a store's log records: each is one word. */
const engineTypeNames: ReadonlyMap<number, string> = new Map([
  [recordUpdate, 'update'],
  [recordCompensation, 'compensation'],
  [recordCommit, 'commit'],
  [recordEnd, 'end'],
  [recordPageImage, 'page-image'],
  [recordPageCheck, 'page-check'],
  [recordBeginCheckpoint, 'begin-checkpoint'],
  [recordEndCheckpoint, 'end-checkpoint'],
])

/** The records that the log writes for itself. */
const logsOwnNames: Readonly<Record<Exclude<RecordSort, 'record'>, string>> = {
  incarnation: 'incarnation',
  pad: 'padding',
}

/** What the literature and other tools call them. */
const otherNames: Readonly<Record<string, string>> = {
  clr: 'compensation',
  abort: 'end',
  fpi: 'page-image',
  pad: 'padding',
}

const operationNames: readonly (string | undefined)[] = Array.from(
  { length: userOperationMin },
  (_, operation) => builtInOperationName(operation),
)

/**
 * A record's type as one word; in a plain log, and where no engine writes such a type, its number.
 */
export function typeNameOf(record: ScannedRecord, isStore: boolean): string {
  if (record.sort !== 'record') return logsOwnNames[record.sort]
  const name = isStore ? engineTypeNames.get(record.type) : undefined
  return name ?? String(record.type)
}

/** The number where the operation is not one of the engine's. */
export function operationNameOf(operation: number): string {
  return operationNames[operation] ?? String(operation)
}

/** One of the engine's own operations. */
export function isBuiltIn(operation: number): boolean {
  return operationNames[operation] !== undefined
}

/** A type of records as somebody asks for it: a number, or one of the log's own. */
export type AskedType = number | Exclude<RecordSort, 'record'>

/** Undefined: there is no such type. Upper case and other separators are the same name. */
export function typeNamed(text: string, isStore: boolean): AskedType | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text) <= 0xffff ? Number(text) : undefined
  const given = text.toLowerCase().replaceAll(/[\s_]/g, '-')
  const name = otherNames[given] ?? given
  if (name === logsOwnNames.incarnation) return 'incarnation'
  if (name === logsOwnNames.pad) return 'pad'
  if (!isStore) return undefined
  return [...engineTypeNames].find(([, known]) => known === name)?.[0]
}

/** The names that `typeNamed` knows. */
export function typeNames(isStore: boolean): string[] {
  return [...(isStore ? engineTypeNames.values() : []), ...Object.values(logsOwnNames)]
}

/** Undefined: there is no such operation. */
export function operationNamed(text: string): number | undefined {
  if (/^\d{1,5}$/.test(text)) return Number(text) <= 0xffff ? Number(text) : undefined
  const number = operationNames.findIndex((name) => name?.toLowerCase() === text.toLowerCase())
  return number < 0 ? undefined : number
}

export function builtInOperationNames(): string[] {
  return operationNames.filter((name) => name !== undefined)
}
