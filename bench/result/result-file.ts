import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import type { Machine } from '../measure/machine.ts'
import type { Settings } from '../settings.ts'
import type { CaseResult } from './row.ts'

/** Goes up when a reader of older files would misunderstand newer ones. */
export const resultFormat = 2

export interface FinishedCase extends CaseResult {
  readonly title: string
  readonly seconds: number
}

/** One run of the benchmarks, as it is kept. */
export interface BenchResult {
  readonly format: typeof resultFormat
  readonly date: string
  readonly machine: Machine
  /** Without the places on this machine: a result is there to be shown. */
  readonly settings: Omit<Settings, 'directory' | 'output'>
  readonly disk: {
    readonly pauses: number
    readonly repeats: number
    readonly bestProbeMs: number
  }
  readonly seconds: number
  /** By the name of the case. */
  readonly cases: Readonly<Record<string, FinishedCase>>
}

export function writeResult(path: string, result: BenchResult): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(result, undefined, 1)}\n`)
}

/** Throws an Error that names the file when it is not the result of a run, or of another format. */
export function readResult(path: string): BenchResult {
  let parsed: Partial<BenchResult>
  try {
    parsed = JSON.parse(readFileSync(path, 'utf8')) as Partial<BenchResult>
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`, { cause: error })
  }
  if (parsed.format !== resultFormat || parsed.cases === undefined) {
    throw new Error(`${path}: not a result of npm run bench in format ${resultFormat}`)
  }
  return parsed as BenchResult
}
