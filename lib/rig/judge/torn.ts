import type { BlockModel } from './block-model.ts'

/**
 * Blocks that lack a write which is on other blocks of the same atomic unit: the device promises
 * that such a unit is written whole or not at all. By block, the number of the write.
 */
export function findTorn(model: BlockModel, found: Float64Array): Map<number, number> {
  const { shape, plan, first } = model
  const unit = Math.floor(shape.atomicBytes / shape.blockBytes)
  const torn = new Map<number, number>()
  if (unit < 2) return torn
  for (let start = 0; start + unit <= shape.blocks; start += unit) {
    const versions = found.subarray(start, start + unit)
    const newest = Math.max(...versions)
    const oldest = Math.min(...versions)
    if (newest < first || newest === oldest || newest > model.intent) continue
    const write = plan.write(newest)
    if (write.first > start || write.first + write.count < start + unit) continue
    for (const [at, version] of versions.entries()) {
      // What is negative has a verdict of its own.
      if (version > 0 && version < newest) torn.set(start + at, newest)
    }
  }
  return torn
}
