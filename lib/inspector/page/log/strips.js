// Axis, segments, records, and what is marked: one below the other, on the same scale.
import { svg } from '../dom.js'
import { typeClass } from '../type-colours.js'
import { grouped, timeInWords } from '../words.js'
import { mosaic } from './mosaic.js'
import { scaleOf, ticksIn } from './scale.js'

/** @typedef {import('./time-line.js').Drawing} Drawing */
/** @typedef {ReturnType<typeof scaleOf>} Scale */

const rows = { axis: 16, segments: 26, segmentsEnd: 44, records: 52, recordsEnd: 104, marks: 122 }
export const stripsHeight = 136
const pixelsPerTick = 120

/** @param {SVGSVGElement} element @param {Drawing} drawing */
export function drawStrips(element, drawing) {
  const scale = scaleOf(drawing.window, drawing.left, drawing.right)
  element.setAttribute('width', String(drawing.width))
  element.setAttribute('aria-label', wordsOf(drawing))
  element.replaceChildren(
    ...axis(drawing, scale),
    ...segments(drawing, scale),
    ...records(drawing, scale),
    ...damage(drawing, scale),
    ...behindTheEnd(drawing, scale),
    ...marks(drawing, scale),
    ...end(drawing, scale),
    ...selection(drawing, scale, stripsHeight),
  )
}

/** The line of the selected LSN. @param {Drawing} drawing @param {Scale} scale @param {number} height */
export function selection({ selected, window }, scale, height) {
  if (selected === undefined || selected < window.from || selected > window.to) return []
  const x = scale.x(selected).toFixed(1)
  return [svg('line', { x1: x, x2: x, y1: 0, y2: height, class: 'cursor' })]
}

/** @param {Drawing} drawing */
function wordsOf({ summary, index, window }) {
  const marked = [
    `${grouped(index.checkpointCount)} checkpoints`,
    `${grouped(index.problemCount)} damaged places`,
  ]
  return `Log from LSN ${window.from} to ${window.to}; in all ${grouped(index.records)} records in ${summary.layout.segmentCount} segments, ${marked.join(', ')}`
}

/** @param {number} y @param {string} text */
function name(y, text) {
  return svg('text', { x: 0, y, class: 'name', text })
}

/** @param {Drawing} drawing @param {Scale} scale */
function axis({ window, left, right }, scale) {
  const ticks = ticksIn(window, (right - left) / pixelsPerTick)
  return [
    name(12, 'LSN'),
    ...ticks.flatMap((tick) => {
      const x = scale.x(tick).toFixed(1)
      const isLate = scale.x(tick) > right - 40
      const anchor = isLate ? 'end' : scale.x(tick) < left + 30 ? 'start' : 'middle'
      return [
        svg('line', { x1: x, x2: x, y1: rows.axis, y2: rows.recordsEnd, class: 'grid' }),
        svg('text', { x, y: 12, class: 'tick', 'text-anchor': anchor, text: grouped(tick) }),
      ]
    }),
  ]
}

/** @param {Drawing} drawing @param {Scale} scale */
function segments({ summary, window }, scale) {
  const { payloadBytes, missingSegments } = summary.layout
  const missing = missingSegments.map((number) => ({
    ...{ number, startLSN: number * payloadBytes, endLSN: (number + 1) * payloadBytes },
    problem: 'the file is missing',
  }))
  const visible = [...summary.layout.segments, ...missing].filter(
    ({ startLSN, endLSN }) => endLSN > window.from && startLSN < window.to,
  )
  return [
    name(rows.segments + 13, 'Segments'),
    ...visible.flatMap((segment) => {
      const { number, startLSN, endLSN, problem } = segment
      const [x0, x1] = [scale.clampedX(startLSN), scale.clampedX(endLSN)]
      const width = Math.max(1, x1 - x0 - 1)
      const state = problem === undefined ? '' : ' problem'
      const title = `Segment ${number}: LSN ${startLSN} to ${endLSN}${problem === undefined ? '' : `; ${problem}`}`
      const box = svg(
        'rect',
        {
          ...{ x: x0, y: rows.segments, width, height: rows.segmentsEnd - rows.segments, rx: 2 },
          class: `segment${state}`,
        },
        svg('title', { text: title }),
      )
      if (width < 9 * String(number).length + 8) return [box]
      const text = width > 110 ? `segment ${number}` : String(number)
      return [
        box,
        svg('text', {
          ...{ x: x0 + width / 2, y: rows.segments + 13 },
          class: 'segment-name',
          text,
        }),
      ]
    }),
  ]
}

/** @param {Drawing} drawing @param {Scale} scale */
function records({ index, fine, window, left, right, selected }, scale) {
  const [top, bottom] = [rows.records, rows.recordsEnd]
  const trough = svg('rect', {
    x: left,
    y: top,
    width: right - left,
    height: bottom - top,
    class: 'trough',
  })
  const head = [name(top + 30, 'Records'), trough]
  const box = { top, bottom, from: window.from, to: window.to }
  const covers = fine !== undefined && fine.from < window.to && fine.to > window.from
  if (!covers) return [...head, ...mosaic(index.buckets, index.bucketBytes, scale, box)]
  if (fine.blocks === undefined)
    return [...head, ...mosaic(fine.buckets, fine.bucketBytes, scale, box)]
  const blocks = fine.blocks.filter(({ lsn, nextLSN }) => nextLSN > window.from && lsn < window.to)
  return [
    ...head,
    ...blocks.map(({ lsn, nextLSN, typeName }) => {
      const x0 = scale.clampedX(lsn)
      const room = scale.clampedX(nextLSN) - x0
      const width = room > 4 ? room - 1 : Math.max(0.6, room)
      const state = lsn === selected ? ' selected' : ''
      return svg(
        'rect',
        {
          ...{ x: x0, y: top, width, height: bottom - top, rx: room > 8 ? 2 : 0 },
          class: `block ${typeClass(typeName)}${state}`,
          'data-lsn': lsn,
        },
        svg('title', { text: `${typeName} at LSN ${lsn}` }),
      )
    }),
  ]
}

/** @param {Drawing} drawing @param {Scale} scale */
function damage({ index, window }, scale) {
  return index.problems
    .filter(({ lsn, endLSN }) => endLSN > window.from && lsn < window.to)
    .map(({ lsn, endLSN, reason }) => {
      const x0 = scale.clampedX(lsn)
      const width = Math.max(3, scale.clampedX(endLSN) - x0)
      return svg(
        'rect',
        {
          ...{ x: x0, y: rows.records - 4, width, height: rows.recordsEnd - rows.records + 8 },
          class: 'damage',
          'data-lsn': lsn,
        },
        svg('title', { text: `Damage at LSN ${lsn}: ${reason}` }),
      )
    })
}

/** @param {Drawing} drawing @param {Scale} scale */
function behindTheEnd({ summary, index, whole }, scale) {
  if (whole.to <= index.toLSN) return []
  const [x0, x1] = [scale.clampedX(index.toLSN), scale.clampedX(whole.to)]
  const isCut = summary.tail.cutBytes > 0
  const title = isCut ? 'Behind the end: an open cuts it off' : 'Nothing has been written here'
  const place = { x: x0, y: rows.records, width: Math.max(0, x1 - x0) }
  return [
    svg(
      'rect',
      { ...place, height: rows.recordsEnd - rows.records, class: isCut ? 'behind cut' : 'behind' },
      svg('title', { text: title }),
    ),
  ]
}

/** Checkpoints and opens, as many as can be told apart. @param {Drawing} drawing @param {Scale} scale */
function marks({ index, window }, scale) {
  const y = rows.marks
  const checkpoints = index.checkpoints.map(({ beginLSN, lsn, transactions, pages }) => ({
    ...{ lsn: beginLSN, shape: `M-5 4 L0 -5 L5 4 Z`, kind: 'checkpoint' },
    title: `Checkpoint at LSN ${beginLSN} to ${lsn}: ${transactions} transactions, ${pages} dirty pages`,
  }))
  const opens = index.incarnations.map(({ lsn, incarnation, openedAtMs, cutBytes }) => ({
    ...{ lsn, shape: 'M0 -5 L5 0 L0 5 L-5 0 Z', kind: 'incarnation' },
    title: `Incarnation ${incarnation} at LSN ${lsn}: opened ${timeInWords(openedAtMs)}${cutBytes === 0 ? '' : `, cut off ${cutBytes} bytes`}`,
  }))
  let last = -Infinity
  const all = [...checkpoints, ...opens]
    .filter(({ lsn }) => lsn >= window.from && lsn <= window.to)
    .sort((a, b) => a.lsn - b.lsn)
  const shown = all.filter(({ lsn }) => {
    const isApart = scale.x(lsn) - last >= 9
    if (isApart) last = scale.x(lsn)
    return isApart
  })
  return [
    name(y + 4, 'Marks'),
    ...shown.map(({ lsn, shape, kind, title }) =>
      svg(
        'g',
        {
          class: `mark ${kind}`,
          transform: `translate(${scale.x(lsn).toFixed(1)} ${y})`,
          'data-lsn': lsn,
        },
        svg('line', { y1: rows.recordsEnd - y, y2: -6 }),
        svg('path', { d: shape }),
        svg('title', { text: title }),
      ),
    ),
  ]
}

const endWords = { new: 'empty', clean: 'end', torn: 'end, torn tail', damaged: 'damaged' }

/** @param {Drawing} drawing @param {Scale} scale */
function end({ summary, window, left, right }, scale) {
  const { endLSN, verdict, reason } = summary.tail
  if (endLSN < window.from || endLSN > window.to) return []
  const x = scale.x(endLSN)
  const text = endWords[verdict]
  const isLeft = x > right - 110 && x > left + 110
  const label = {
    x: isLeft ? x - 6 : x + 6,
    y: rows.marks + 4,
    'text-anchor': isLeft ? 'end' : 'start',
  }
  return [
    svg(
      'g',
      { class: `tail ${verdict}` },
      svg('line', { x1: x, x2: x, y1: rows.axis, y2: stripsHeight - 4 }),
      svg('text', { ...label, text }),
      svg('title', { text: `The log ends at LSN ${endLSN}: ${reason}` }),
    ),
  ]
}
