// Stretches of the log, each as high as the strip, divided by the bytes that each type of records has.
import { svg } from '../dom.js'
import { typeClass } from '../type-colours.js'

/** @typedef {import('../../../inspection/timeline/log-index.ts').LogBucket} LogBucket */

/**
 * @param {readonly LogBucket[]} buckets
 * @param {number} bucketBytes
 * @param {{ x: (lsn: number) => number, clampedX: (lsn: number) => number }} scale
 * @param {{ top: number, bottom: number, from: number, to: number }} box
 */
export function mosaic(buckets, bucketBytes, scale, { top, bottom, from, to }) {
  const parts = []
  const first = Math.max(
    0,
    buckets.findIndex(({ lsn }) => lsn + bucketBytes > from),
  )
  for (let i = first; i < buckets.length; i++) {
    const bucket = /** @type {LogBucket} */ (buckets[i])
    if (bucket.lsn >= to) break
    const [x0, x1] = [
      scale.clampedX(bucket.lsn),
      scale.clampedX(Math.min(bucket.lsn + bucketBytes, to)),
    ]
    if (x1 <= x0) continue
    parts.push(...column(bucket, x0, x1 - x0 + 0.3, top, bottom - top))
  }
  return parts
}

/** @param {LogBucket} bucket @param {number} x @param {number} width @param {number} top @param {number} height */
function column(bucket, x, width, top, height) {
  const entries = Object.entries(bucket.bytes)
  const all = entries.reduce((sum, [, bytes]) => sum + bytes, 0)
  let y = top
  return entries.map(([typeName, bytes]) => {
    const high = (bytes / all) * height
    const part = svg('rect', {
      x: x.toFixed(1),
      y: y.toFixed(1),
      width: width.toFixed(1),
      height: high.toFixed(1),
      class: typeClass(typeName),
    })
    y += high
    return part
  })
}
