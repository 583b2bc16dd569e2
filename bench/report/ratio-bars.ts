import { directionOf } from '../result/direction.ts'
import { ratioDigitsOf, showRatioNumber, showRatioRange } from '../result/numbers.ts'
import type { Row } from '../result/row.ts'
import { targetRatio } from '../result/target-ratio.ts'
import type { Spread } from '../measure/spread.ts'
import { html, type Html } from './html.ts'

type RatioRow = Row & { readonly ratio: Spread }

// Half and double are always in sight, so that a few percent do not look like a landslide.
const narrowest = { low: 0.5, high: 2 }
const roundRatios = [0.001, 0.01, 0.1, 0.25, 0.5, 1, 2, 4, 10, 100, 1000, 10_000]
const margin = 1.06

/** Percent of the width from the left, on a log scale: half as much and twice as much look alike. */
export function ratioPosition(low: number, high: number): (ratio: number) => number {
  return (ratio) => {
    const share = Math.log(ratio / low) / Math.log(high / low)
    return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10
  }
}

function hasRatio(row: Row): row is RatioRow {
  return row.ratio !== undefined && row.ratio.median > 0 && Number.isFinite(row.ratio.median)
}

function barClass({ target }: Row): string {
  return target === undefined ? 'plain' : target.met ? 'met' : 'missed'
}

function goalMark(percent: number): Html {
  return html`<line class="goal" x1="${percent}%" x2="${percent}%" y1="0" y2="20" />`
}

function drawBar(row: RatioRow, position: (ratio: number) => number): Html {
  const { median, min, max } = row.ratio
  const one = position(1)
  const end = position(median)
  const goal = row.target && targetRatio(row.target)
  const [low, high] = [position(Math.max(min, Number.MIN_VALUE)), position(max)]
  const whisker = html`<line class="whisker" x1="${low}%" x2="${high}%" y1="10" y2="10" />`
  return html`<svg class="track" aria-hidden="true">
    <line class="one" x1="${one}%" x2="${one}%" y1="-16" y2="36" />
    <rect
      class="bar"
      x="${Math.min(one, end)}%"
      width="${Math.max(0.4, Math.abs(end - one))}%"
      y="4"
      height="12"
    />
    ${max > min ? whisker : undefined}${goal && goalMark(position(goal))}
  </svg>`
}

function drawRow(row: RatioRow, position: (ratio: number) => number): Html {
  const digits = ratioDigitsOf(row)
  const range = showRatioRange(row.ratio, digits)
  const isLess = directionOf(row) === 'lower is better'
  const about = [
    row.reference && `of ${row.reference.label}`,
    isLess ? 'less is better' : undefined,
  ]
  const remark = about.filter((text) => text !== undefined).join('; ')
  return html`<li class="ratio ${barClass(row)}">
    <span class="ratio-label">${row.label.trim()}<small>${remark}</small></span>
    ${drawBar(row, position)}
    <span class="ratio-value"
      ><b>${showRatioNumber(row.ratio.median, digits)}</b><small>${range}</small></span
    >
  </li> `
}

/** Every row with a ratio as a bar that begins at 1; undefined when there is none. */
export function ratioBars(rows: readonly Row[]): Html | undefined {
  const drawn = rows.filter(hasRatio)
  if (drawn.length === 0) return undefined
  const ratios = drawn.flatMap(({ ratio, target }) => [
    ratio.median,
    ...(ratio.min > 0 ? [ratio.min] : []),
    ratio.max,
    (target && targetRatio(target)) ?? 1,
  ])
  const low = Math.min(narrowest.low, ...ratios) / margin
  const high = Math.max(narrowest.high, ...ratios) * margin
  const position = ratioPosition(low, high)
  const marks = roundRatios.filter((ratio) => ratio >= low && ratio <= high)
  // Those between have no room when the range is wide.
  const labelled = marks.length > 6 ? marks.filter((ratio) => Math.log10(ratio) % 1 === 0) : marks
  return html`<figure class="ratios">
    <figcaption>
      <b>Ratios to what was measured beside them</b> A bar begins at 1, as much as the reference;
      log scale. The thin line spans the rounds, the tick is the goal.
    </figcaption>
    <ul>
      ${drawn.map((row) => drawRow(row, position))}
      <li class="ratio scale" aria-hidden="true">
        <span></span
        ><span class="marks"
          >${labelled.map((ratio) => html`<i style="left:${position(ratio)}%">${ratio}</i>`)}</span
        ><span></span>
      </li>
    </ul>
  </figure> `
}
