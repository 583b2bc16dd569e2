import { join } from 'node:path'

import type { FindingCode } from '../../../lib/inspection/verify/finding.ts'
import type { LogLayout, ScannedRecord } from '../../../lib/inspection/survey/survey-types.ts'
import type { StoreKind } from './run-seawall.ts'

export const pageBytes = 4096

/** A copy of a log or store to be damaged. */
export interface Subject {
  readonly directory: string
  readonly layout: LogLayout
  readonly records: readonly ScannedRecord[]
  readonly endLSN: number
  /** Another log or store, not to be changed. */
  other(kind: StoreKind): Promise<string>
}

export interface DamageCase {
  readonly name: string
  readonly kind: StoreKind
  damage(subject: Subject): unknown
  /** What must be found, all of it and nothing else. */
  readonly found: readonly FindingCode[]
  readonly status: 0 | 1
}

export function middle<T>(values: readonly T[]): T {
  return values[values.length >> 1] as T
}

export function segment({ layout }: Subject, index: number): string {
  return layout.segments[index]?.path ?? ''
}

export function pages({ directory }: Subject): string {
  return join(directory, 'pages')
}

export function ofType({ records }: Subject, type: number): ScannedRecord[] {
  return records.filter((record) => record.type === type)
}
