// Transactions, each from its first to its last record, in as few rows as they fit in.
import { svg } from '../dom.js'
import { typeClass } from '../type-colours.js'
import { packed, scaleOf } from './scale.js'
import { selection } from './strips.js'

/** @typedef {import('./time-line.js').Drawing} Drawing */

const rowHeight = 18
const barHeight = 12
const rowsMax = 60
const padding = 6
// Bars that are narrower are still seen.
const barWidthMin = 3
const windowMax = '16 MiB'

/**
 * @typedef {{
 *   transactionLSN: number, from: number, to: number, outcome: 'committed' | 'rolled back' | 'running',
 *   records: readonly { lsn: number, typeName: string }[], goesOn: boolean, recordCount: number | undefined,
 * }} Lane
 */

/** Returns what has to be said about it. @param {SVGSVGElement} element @param {Drawing} drawing */
export function drawLanes(element, drawing) {
  const { window, left, right, width } = drawing
  const scale = scaleOf(window, left, right)
  const { lanes, remark } = lanesOf(drawing)
  const spans = lanes
    .filter(({ from, to }) => to >= window.from && from < window.to)
    .map((lane) => {
      const from = scale.clampedX(lane.from)
      const to = lane.goesOn ? right : scale.clampedX(lane.to)
      return { lane, left: from, right: Math.max(to, from + barWidthMin) }
    })
    .sort((a, b) => a.left - b.left)
  const rows = packed(spans, 3).filter(({ row }) => row < rowsMax)
  const count = rows.reduce((most, { row }) => Math.max(most, row + 1), 0)
  const height = Math.max(1, count) * rowHeight + 2 * padding
  element.setAttribute('width', String(width))
  element.setAttribute('height', String(height))
  const name = svg('text', { x: 0, y: padding + 13, class: 'name', text: 'Transactions' })
  const bars = rows.map(({ span, row }) => bar(span, row, drawing, scale))
  element.replaceChildren(name, ...bars, ...selection(drawing, scale, height))
  return remark
}

/** @param {Drawing} drawing @returns {{ lanes: Lane[], remark: string }} */
function lanesOf({ fine, index, window, summary }) {
  if (!summary.isStore) return { lanes: [], remark: '' }
  const covers = fine?.lanes !== undefined && fine.from < window.to && fine.to > window.from
  if (covers && fine?.lanes !== undefined) {
    const { lanes, isCut } = fine.lanes
    const isEnd = fine.to >= index.toLSN
    const remark = isCut
      ? 'The longest transactions of this window are shown; zoom in to see all.'
      : ''
    const shown = lanes.map((lane) => ({
      ...{ transactionLSN: lane.transactionLSN, outcome: lane.outcome, records: lane.records },
      ...{ from: Math.min(lane.fromLSN, lane.transactionLSN) },
      // A transaction without an end runs up to the end of the log.
      to: lane.outcome === 'running' ? index.toLSN : lane.toLSN,
      ...{ recordCount: lane.recordCount, goesOn: lane.outcome === 'running' && !isEnd },
    }))
    return { lanes: shown, remark }
  }
  const longest = index.longest.map(({ transactionLSN, lastLSN, outcome }) => ({
    ...{ transactionLSN, outcome, from: transactionLSN },
    to: outcome === 'running' ? index.toLSN : lastLSN,
    ...{ records: [], recordCount: undefined, goesOn: false },
  }))
  const isAll = index.committed + index.rolledBack + index.running <= longest.length
  const remark = isAll
    ? ''
    : `The longest transactions are shown; zoom in to ${windowMax} to see all of them.`
  return { lanes: longest, remark }
}

/**
 * @param {{ lane: Lane, left: number, right: number }} span
 * @param {number} row
 * @param {Drawing} drawing
 * @param {ReturnType<typeof scaleOf>} scale
 */
function bar({ lane, left, right }, row, { window, selected }, scale) {
  const { transactionLSN, outcome, records, recordCount, goesOn } = lane
  const y = padding + row * rowHeight
  const width = right - left
  const kind = goesOn ? 'goes-on' : outcome.replace(' ', '-')
  const state = selected === transactionLSN ? ' selected' : ''
  const words = goesOn
    ? 'no end in this window'
    : outcome === 'running'
      ? 'running at the end'
      : outcome
  const count = recordCount === undefined ? '' : `, ${recordCount} records here`
  const seen = records.filter(({ lsn }) => lsn >= window.from && lsn < window.to)
  const label = width > 9 * String(transactionLSN).length + 16
  return svg(
    'g',
    { class: `lane ${kind}${state}`, 'data-lsn': Math.max(transactionLSN, 0) },
    svg('rect', { x: left, y, width, height: barHeight, rx: 3, class: 'bar' }),
    ...seen.map(({ lsn, typeName }) =>
      svg('rect', {
        ...{ x: (scale.x(lsn) - 0.5).toFixed(1), y: y + barHeight - 3, width: 2.5, height: 3 },
        ...{ class: typeClass(typeName), 'data-lsn': lsn },
      }),
    ),
    label ? svg('text', { x: left + 5, y: y + 9, text: String(transactionLSN) }) : undefined,
    svg('title', { text: `Transaction ${transactionLSN}: ${words}${count}` }),
  )
}
