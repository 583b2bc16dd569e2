// The three passes over the log, as the figure in the ARIES paper has them: which way, how far, and
// where the step is.
import { svg } from '../dom.js'
import { scaleOf } from '../log/scale.js'

/** @typedef {import('../server.js').RestartSummary} Summary */

const gutter = 84
const margin = 14
const top = 26
const rowHeight = 24
export const passesHeight = top + 3 * rowHeight + 34

const names = /** @type {const} */ (['analysis', 'redo', 'undo'])

/**
 * @param {SVGSVGElement} element
 * @param {Summary} summary
 * @param {{ phase: string, lsn: number | undefined } | undefined} at
 * @param {number} width
 */
export function drawPasses(element, summary, at, width) {
  const { checkpointLSN, oldestLSN, endLSN, redoLSN, oldestLoserLSN } = summary
  const start = checkpointLSN === 0 ? oldestLSN : checkpointLSN
  const least = Math.min(start, redoLSN ?? start, oldestLoserLSN ?? start)
  const room = Math.max(1, (endLSN - least) * 0.02)
  const scale = scaleOf(
    { from: least - room, to: Math.max(endLSN, least + 1) + room },
    gutter,
    width - margin,
  )
  const bottom = top + 3 * rowHeight
  /** @type {Record<string, [number, number] | undefined>} */
  const passes = {
    analysis: [start, endLSN],
    redo: redoLSN === undefined || redoLSN >= endLSN ? undefined : [redoLSN, endLSN],
    undo: oldestLoserLSN === undefined ? undefined : [endLSN, oldestLoserLSN],
  }
  const marks = marksOf(summary, start)
  element.setAttribute('width', String(width))
  element.replaceChildren(
    svg('line', { x1: gutter, x2: width - margin, y1: top - 8, y2: top - 8, class: 'log-axis' }),
    ...marks.flatMap(({ lsn, text, y }) => {
      const x = scale.x(lsn)
      const anchor = x > width / 2 ? 'end' : 'start'
      return [
        svg('line', {
          x1: x.toFixed(1),
          x2: x.toFixed(1),
          y1: top - 12,
          y2: bottom,
          class: 'grid',
        }),
        svg('text', { x: x.toFixed(1), y, class: 'tick', 'text-anchor': anchor, text }),
      ]
    }),
    ...names.flatMap((name, i) =>
      pass(name, passes[name], top + i * rowHeight + 10, scale, at?.phase === name),
    ),
    ...cursor(at, scale),
  )
}

/** Each label in a row in which no other can be in its way. @param {Summary} summary @param {number} start */
function marksOf({ checkpointLSN, endLSN, redoLSN, oldestLoserLSN }, start) {
  const bottom = top + 3 * rowHeight
  const first = checkpointLSN === 0 ? `beginning of the log ${start}` : `checkpoint ${start}`
  const marks = [
    { lsn: start, text: first, y: top - 15 },
    { lsn: endLSN, text: `end ${endLSN}`, y: top - 15 },
  ]
  if (redoLSN !== undefined && redoLSN < endLSN) {
    marks.push({ lsn: redoLSN, text: `redo from ${redoLSN}`, y: bottom + 12 })
  }
  if (oldestLoserLSN !== undefined) {
    marks.push({ lsn: oldestLoserLSN, text: `oldest loser ${oldestLoserLSN}`, y: bottom + 26 })
  }
  return marks
}

/**
 * @param {string} name
 * @param {[number, number] | undefined} range
 * @param {number} y
 * @param {ReturnType<typeof scaleOf>} scale
 * @param {boolean} isNow
 */
function pass(name, range, y, scale, isNow) {
  const label = svg('text', {
    x: 0,
    y: y + 4,
    class: isNow ? 'name now' : 'name',
    text: `${name[0]?.toUpperCase()}${name.slice(1)}`,
  })
  if (range === undefined) {
    return [label, svg('text', { x: gutter, y: y + 4, class: 'tick', text: 'nothing to do' })]
  }
  const [x0, x1] = [scale.x(range[0]), scale.x(range[1])]
  const back = x1 < x0 ? 7 : -7
  return [
    label,
    svg(
      'g',
      { class: `pass ${name}${isNow ? ' now' : ''}` },
      svg('line', { x1: x0, x2: x1, y1: y, y2: y }),
      svg('path', { d: `M${x1 + back} ${y - 5} L${x1} ${y} L${x1 + back} ${y + 5}` }),
    ),
  ]
}

/** @param {{ phase: string, lsn: number | undefined } | undefined} at @param {ReturnType<typeof scaleOf>} scale */
function cursor(at, scale) {
  if (at?.lsn === undefined) return []
  const row = names.findIndex((name) => name === at.phase)
  return [
    svg('circle', {
      cx: scale.x(at.lsn).toFixed(1),
      cy: top + row * rowHeight + 10,
      r: 5.5,
      class: `position ${at.phase}`,
    }),
  ]
}
