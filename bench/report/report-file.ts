import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

import type { BenchResult } from '../result/result-file.ts'
import { drawReport } from './page.ts'

/** The report stands beside the result. */
export function reportPath(resultPath: string): string {
  return `${resultPath.replace(/\.json$/, '')}.html`
}

export function writeReport(path: string, result: BenchResult): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, drawReport(result))
}
