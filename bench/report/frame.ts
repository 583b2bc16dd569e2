import type { Plot } from '../result/plot.ts'
import { html, type Html } from './html.ts'
import { drawable, type Scale, scaleOf } from './scale.ts'
import { tickText } from './tick-text.ts'

/** The size of a drawing, in CSS pixels when it is not scaled. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** Where the lines go: coordinates for values, and the edges. */
export interface Frame {
  readonly size: Size
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly xScale: Scale
  readonly yScale: Scale
  x(value: number): number
  y(value: number): number
}

const top = 30
const below = 48
const pixelsPerXTick = 76
const pixelsPerYTick = 46
const digitWidth = 6.9

/** About as wide as a sans-serif font of 12 px draws it; a generator cannot measure. */
export function textWidth(text: string): number {
  return text.length * digitWidth
}

export function frameOf(plot: Plot, size: Size, roomAtRight: number): Frame {
  const bottom = size.height - below
  const points = plot.lines.flatMap((line) => line.points)
  const ys = points.flatMap(({ y }) => [y.min, y.median, y.max])
  const yScale = scaleOf(plot.y, ys, Math.floor((bottom - top) / pixelsPerYTick))
  const widest = Math.max(...yScale.ticks.map((tick) => textWidth(tickText(tick, plot.y))))
  const left = Math.ceil(widest) + 14
  const right = size.width - roomAtRight
  // A limit with one point is a level and has no place of its own along the axis.
  const placed = plot.lines.filter(({ role, points }) => role !== 'limit' || points.length > 1)
  const xs = (placed.length > 0 ? placed : plot.lines).flatMap((line) =>
    line.points.map(({ x }) => x),
  )
  const xScale = scaleOf(plot.x, xs, Math.max(2, Math.floor((right - left) / pixelsPerXTick)))
  return {
    ...{ size, left, right, top, bottom, xScale, yScale },
    x: (value) => left + xScale.shareOf(value) * (right - left),
    y: (value) => bottom - yScale.shareOf(value) * (bottom - top),
  }
}

/** Coordinates need no more digits than a tenth of a pixel. */
export function at(coordinate: number): number {
  return Math.round(coordinate * 10) / 10
}

/** Whether a point has a place in the frame of this plot. */
export function isPlaced(plot: Plot, x: number, y: number): boolean {
  return drawable(plot.x)(x) && drawable(plot.y)(y)
}

/** Grid, ticks and the names of the axes. The y axis has its name above, where it can be read. */
export function drawAxes(plot: Plot, frame: Frame): Html {
  const { left, right, bottom, xScale, yScale, size } = frame
  const horizontal = yScale.ticks.map((tick) => {
    const y = at(frame.y(tick))
    return html`<line class="grid" x1="${left}" x2="${right}" y1="${y}" y2="${y}" /><text
        class="tick"
        x="${left - 8}"
        y="${y + 4}"
        text-anchor="end"
        >${tickText(tick, plot.y)}</text
      >`
  })
  const vertical = xScale.ticks.map((tick) => {
    const x = at(frame.x(tick))
    return html`<line
        class="tick-mark"
        x1="${x}"
        x2="${x}"
        y1="${bottom}"
        y2="${bottom + 5}"
      /><text class="tick" x="${x}" y="${bottom + 19}" text-anchor="middle"
        >${tickText(tick, plot.x)}</text
      >`
  })
  const logarithmic = (scale: string): string => (scale === 'log' ? ', log scale' : '')
  return html`${horizontal}${vertical}
    <line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}" />
    <text class="axis-name" x="0" y="14">${plot.y.label}${logarithmic(plot.y.scale)}</text>
    <text class="axis-name" x="${right}" y="${size.height - 8}" text-anchor="end"
      >${plot.x.label}${logarithmic(plot.x.scale)}</text
    >`
}
