import { at, type Frame, textWidth } from './frame.ts'
import { html, type Html } from './html.ts'

/** Where a line ends, in the coordinates of the drawing. */
export interface LineEnd {
  readonly label: string
  readonly colour: string
  readonly x: number
  readonly y: number
}

export interface Labels {
  readonly svg: Html
  /** How much of the width they take. */
  readonly room: number
}

const lineHeight = 16
const gap = 12
const linesMax = 8
const widthMax = 200
// A label further away from its line than this is no label of it any more.
const shiftMax = 26
// Nor is one that far to the right of its end, as a share of the width.
const leaderMax = 0.3

/** Moves the heights apart by at least `distance` and keeps them within the limits, in order. */
export function spreadApart(
  heights: readonly number[],
  distance: number,
  low: number,
  high: number,
): number[] {
  const order = heights.map((_, i) => i).sort((a, b) => (heights[a] ?? 0) - (heights[b] ?? 0))
  const placed = [...heights]
  let least = low
  for (const index of order) {
    placed[index] = Math.max(placed[index] ?? 0, least)
    least = (placed[index] ?? 0) + distance
  }
  let most = high
  for (const index of order.reverse()) {
    placed[index] = Math.min(placed[index] ?? 0, most)
    most = (placed[index] ?? 0) - distance
  }
  return placed
}

/** Names at the ends of the lines; undefined when they would not be near them. */
export function directLabels(ends: readonly LineEnd[], frame: Frame): Labels | undefined {
  const widest = Math.max(0, ...ends.map(({ label }) => textWidth(label)))
  if (ends.length === 0 || ends.length > linesMax || widest > widthMax) return undefined
  const leftmost = frame.right - leaderMax * (frame.right - frame.left)
  if (ends.some(({ x }) => x < leftmost)) return undefined
  const heights = ends.map(({ y }) => y)
  const placed = spreadApart(heights, lineHeight, frame.top, frame.bottom)
  if (placed.some((y, i) => Math.abs(y - (heights[i] ?? y)) > shiftMax)) return undefined
  const svg = html`${ends.map(({ label, colour, x, y }, i) => {
    const height = at(placed[i] ?? y)
    const start = at(frame.right + gap)
    // A line that ends early, or a label that had to move, is led to it.
    const isNear = frame.right - x < 2 && Math.abs(height - y) < 5
    const leader = html`<path class="leader" d="M${at(x + 5)} ${at(y)}L${start - 3} ${height}" />`
    return html`<g class="direct-label" style="--colour:var(${colour})"
      >${isNear ? undefined : leader}<text x="${start}" y="${at(height + 4)}">${label}</text></g
    >`
  })}`
  return { svg, room: Math.ceil(widest) + gap + 4 }
}
