import type { Line, Plot } from '../result/plot.ts'
import { showNumber, showRange } from '../result/numbers.ts'
import { directLabels, type LineEnd } from './direct-labels.ts'
import { at, drawAxes, type Frame, frameOf, isPlaced, type Size } from './frame.ts'
import { html, type Html } from './html.ts'
import type { LineStyle, Marker } from './line-style.ts'
import { tickText } from './tick-text.ts'

type Point = Line['points'][number]

// More points than this stand so close that a band shows their spread better than whiskers.
const whiskersMax = 14
// And markers would hide the line; a few of them still tell the shapes.
const markersMax = 24
const sparseMarkers = 6
const hitRadius = 9
const roomWithoutLabels = 18

export function markerAt(shape: Marker, x: number, y: number): Html {
  switch (shape) {
    case 'circle':
      return html`<circle class="marker" cx="${x}" cy="${y}" r="3.6" />`
    case 'square':
      return html`<rect
        class="marker"
        x="${at(x - 3.2)}"
        y="${at(y - 3.2)}"
        width="6.4"
        height="6.4"
      />`
    case 'triangle':
      return html`<path class="marker" d="M${x} ${at(y - 4.4)}l4.2 7.6h-8.4z" />`
    case 'diamond':
      return html`<path class="marker" d="M${x} ${at(y - 4.6)}l4.6 4.6l-4.6 4.6l-4.6 -4.6z" />`
  }
}

function path(frame: Frame, points: readonly { x: number; y: number }[]): string {
  return points
    .map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${at(frame.x(x))} ${at(frame.y(y))}`)
    .join('')
}

function valueText(plot: Plot, { x, y }: Point): string {
  const name = (axis: Plot['x'], text: string): string => `${axis.label}: ${text}`
  const { unit } = plot.y
  if (unit === undefined) {
    return `${name(plot.x, tickText(x, plot.x))}\n${name(plot.y, tickText(y.median, plot.y))}`
  }
  const range = showRange(y, unit)
  const median = showNumber(y.median, unit)
  const shown = range === undefined ? median : `${median} (${range})`
  return `${name(plot.x, tickText(x, plot.x))}\n${name(plot.y, shown)}`
}

/** What a log axis has no place for ends at the axis. */
function lowerEnd(plot: Plot, frame: Frame, min: number): number {
  return plot.y.scale === 'log' && min <= 0 ? frame.yScale.min : min
}

function drawSpread(
  plot: Plot,
  frame: Frame,
  line: Line,
  points: readonly Point[],
): Html | undefined {
  const spread = points.filter(({ y }) => y.max > y.min)
  if (spread.length === 0) return undefined
  if (points.length > whiskersMax || isLevel(line)) {
    const upper = points.map(({ x, y }) => ({ x, y: y.max }))
    const lower = points.map(({ x, y }) => ({ x, y: lowerEnd(plot, frame, y.min) })).reverse()
    return html`<path class="band" d="${path(frame, [...upper, ...lower])}z" />`
  }
  return html`${spread.map(({ x, y }) => {
    const middle = at(frame.x(x))
    const [high, low] = [at(frame.y(y.max)), at(frame.y(lowerEnd(plot, frame, y.min)))]
    const caps = `M${middle - 4} ${high}h8M${middle - 4} ${low}h8`
    return html`<path class="whisker" d="M${middle} ${high}V${low}${caps}" />`
  })}`
}

/** One for each point as far as they can be told apart. */
function drawHits(plot: Plot, frame: Frame, line: Line, points: readonly Point[]): Html {
  const every = Math.ceil(points.length / (markersMax * 2))
  const chosen = points.filter((_, i) => i % every === 0 || i === points.length - 1)
  return html`${chosen.map((point) => {
    const [x, y] = [at(frame.x(point.x)), at(frame.y(point.y.median))]
    const title = html`<title>${`${line.label}\n${valueText(plot, point)}`}</title>`
    return html`<circle class="hit" cx="${x}" cy="${y}" r="${hitRadius}">${title}</circle>`
  })}`
}

/** A limit that was measured once holds everywhere. */
function isLevel(line: Line): boolean {
  return line.role === 'limit' && line.points.length === 1
}

function placedPoints(plot: Plot, frame: Frame, line: Line): Point[] {
  const points = isLevel(line)
    ? line.points.flatMap((point) => [
        { ...point, x: frame.xScale.min },
        { ...point, x: frame.xScale.max },
      ])
    : line.points
  return points.filter(({ x, y }) => isPlaced(plot, x, y.median))
}

function drawLine(plot: Plot, frame: Frame, line: Line, style: LineStyle): Html {
  const points = placedPoints(plot, frame, line)
  const medians = points.map(({ x, y }) => ({ x, y: y.median }))
  const every = points.length <= markersMax ? 1 : Math.ceil(points.length / sparseMarkers)
  // In the middle of each stretch: lines often share their ends.
  const marked = medians.filter((_, i) => i % every === Math.floor(every / 2))
  const hasMarkers = line.role !== 'limit'
  const markers = marked.map(({ x, y }) => markerAt(style.marker, at(frame.x(x)), at(frame.y(y))))
  const dashed = style.isDashed ? ' dashed' : ''
  return html`<g class="series ${line.role}" style="--colour:var(${style.colour})">
    ${drawSpread(plot, frame, line, points)}<path
      class="line${dashed}"
      d="${path(frame, medians)}"
    />
    ${hasMarkers ? markers : undefined}${drawHits(plot, frame, line, points)}</g
  > `
}

function lineEnds(plot: Plot, frame: Frame, styles: readonly LineStyle[]): LineEnd[] {
  return plot.lines.flatMap((line, i): LineEnd[] => {
    const last = placedPoints(plot, frame, line).at(-1)
    const colour = styles[i]?.colour
    if (last === undefined || colour === undefined) return []
    return [{ label: line.label, colour, x: frame.x(last.x), y: frame.y(last.y.median) }]
  })
}

/** A drawing, and whether its lines have their names beside them; otherwise it needs a legend. */
export interface Drawing {
  readonly svg: Html
  readonly isLabelled: boolean
}

/**
 * Draws a plot in the given size: `styles` has one for each line. With `wantsLabels`, lines get
 * their names at their ends where there is room for it.
 */
export function drawPlot(
  plot: Plot,
  size: Size,
  styles: readonly LineStyle[],
  wantsLabels: boolean,
): Drawing {
  const bare = frameOf(plot, size, roomWithoutLabels)
  const labels = wantsLabels ? directLabels(lineEnds(plot, bare, styles), bare) : undefined
  const frame = labels === undefined ? bare : frameOf(plot, size, labels.room)
  const drawnLabels =
    labels === undefined ? undefined : directLabels(lineEnds(plot, frame, styles), frame)?.svg
  const { width, height } = size
  // Ours last: they lie above the others.
  const order = { limit: 0, peer: 1, own: 2 }
  const drawn = plot.lines
    .map((line, i) => ({ line, style: styles[i] }))
    .sort((a, b) => order[a.line.role] - order[b.line.role])
    .map(({ line, style }) => style && drawLine(plot, frame, line, style))
  const svg = html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${plot.title}">
    ${drawAxes(plot, frame)} ${drawn}${drawnLabels}
  </svg>`
  return { svg, isLabelled: drawnLabels !== undefined }
}
