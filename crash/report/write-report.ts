import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { RunReport } from '../outcome.ts'
import { notProven } from './not-proven.ts'
import { page } from './page.ts'

/** Writes crash-report.html and crash-report.json. Returns the path of the page. */
export function writeReport(directory: string, report: RunReport): string {
  mkdirSync(directory, { recursive: true })
  const json = JSON.stringify({ ...report, notProven }, undefined, 2)
  writeFileSync(join(directory, 'crash-report.json'), `${json}\n`)
  const path = join(directory, 'crash-report.html')
  writeFileSync(path, page(report))
  return path
}
