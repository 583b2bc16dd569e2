// The whole log in a thin strip, with the window that is shown below it.
import { svg } from '../dom.js'
import { mosaic } from './mosaic.js'
import { scaleOf } from './scale.js'

/** @typedef {import('./time-line.js').Drawing} Drawing */

/** @param {SVGSVGElement} element @param {Drawing} drawing @param {number} height */
export function drawOverview(element, drawing, height) {
  const { index, summary, whole, window, left, right, width } = drawing
  const scale = scaleOf(whole, left, right)
  const [top, bottom] = [4, height - 4]
  const [x0, x1] = [scale.x(window.from), scale.x(window.to)]
  const readTo = scale.clampedX(index.isComplete ? index.toLSN : index.atLSN)
  element.setAttribute('width', String(width))
  const parts = [
    svg('text', { x: 0, y: height / 2 + 4, class: 'name', text: 'Whole log' }),
    svg('rect', { x: left, y: top, width: right - left, height: bottom - top, class: 'trough' }),
    ...mosaic(index.buckets, index.bucketBytes, scale, {
      top,
      bottom,
      from: whole.from,
      to: whole.to,
    }),
    ...index.problems.map(({ lsn, endLSN }) => {
      const wide = Math.max(2, scale.clampedX(endLSN) - scale.clampedX(lsn))
      return svg('rect', {
        ...{ x: scale.clampedX(lsn), y: top - 3, width: wide },
        height: bottom - top + 6,
        class: 'damage',
      })
    }),
    svg('rect', {
      x: left,
      y: top,
      width: Math.max(0, x0 - left),
      height: bottom - top,
      class: 'shade',
    }),
    svg('rect', {
      x: x1,
      y: top,
      width: Math.max(0, right - x1),
      height: bottom - top,
      class: 'shade',
    }),
    svg('rect', {
      ...{ x: x0, y: top - 2, width: Math.max(3, x1 - x0) },
      height: bottom - top + 4,
      rx: 2,
      class: 'frame',
    }),
    // Until everything has been read.
    index.isComplete
      ? undefined
      : svg('line', { x1: readTo, x2: readTo, y1: 0, y2: height, class: 'reading' }),
    svg('title', { text: `${summary.directory}: drag to move the window` }),
  ]
  element.replaceChildren(...parts.filter((part) => part !== undefined))
}
