import {
  ratioDigitsOf,
  showNumber,
  showRange,
  showRatioNumber,
  showRatioRange,
} from '../result/numbers.ts'
import type { Row } from '../result/row.ts'
import { goalInSigns } from './goals.ts'
import { html, type Html } from './html.ts'

function value(shown: string, range: string | undefined): Html {
  return html`<td class="number">${shown}${range && html` <small>${range}</small>`}</td>`
}

function verdict({ target }: Row): Html | undefined {
  if (target === undefined) return undefined
  const met = target.met
    ? html`<b class="pill met">met</b>`
    : html`<b class="pill missed">missed</b>`
  return html`${met} ${goalInSigns(target)}`
}

function remarks(row: Row, labels: ReadonlySet<string>): string | undefined {
  const { reference, note, unit } = row
  // A reference with a row of its own is shown there.
  const against =
    reference === undefined || labels.has(reference.label)
      ? undefined
      : `${reference.label}: ${showNumber(reference.measured.median, unit)}`
  const parts = [against, note].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join('; ')
}

function ratioCell(row: Row): Html {
  if (row.ratio === undefined) return html`<td></td>`
  const digits = ratioDigitsOf(row)
  return value(showRatioNumber(row.ratio.median, digits), showRatioRange(row.ratio, digits))
}

function drawRow(row: Row, labels: ReadonlySet<string>): Html {
  const { label, measured, unit } = row
  // Labels are indented where they say more about the row above.
  const name = /^\s/.test(label)
    ? html`<th scope="row" class="part">${label.trim()}</th>`
    : html`<th scope="row">${label}</th>`
  return html`<tr>
    ${name}${value(showNumber(measured.median, unit), showRange(measured, unit))}${ratioCell(row)}
    <td class="goal">${verdict(row)}</td>
    <td class="remark">${remarks(row, labels)}</td>
  </tr>`
}

/** Every row with everything that is known of it. */
export function rowTable(rows: readonly Row[]): Html {
  const labels = new Set(rows.map(({ label }) => label))
  return html`<div class="table-box" tabindex="0" role="region" aria-label="Measurements">
    <table>
      <thead>
        <tr>
          <th>Measured</th>
          <th class="number">Median <small>least..greatest</small></th>
          <th class="number">Ratio</th>
          <th>Goal</th>
          <th>Remarks</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map((row) => drawRow(row, labels))}
      </tbody>
    </table>
  </div> `
}
