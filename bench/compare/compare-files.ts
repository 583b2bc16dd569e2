import { readResult } from '../result/result-file.ts'
import { compareResults } from './compare.ts'
import { warningsFor } from './conditions.ts'
import { type Paint, showComparison } from './show-comparison.ts'

/** Throws an Error that names the file that cannot be read. */
export function compareFiles(before: string, after: string, paint: Paint) {
  const runs = [readResult(before), readResult(after)] as const
  const comparison = compareResults(...runs)
  const text = showComparison(runs, comparison, warningsFor(...runs), paint)
  return { text, comparison }
}
