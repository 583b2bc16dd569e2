import type { Line, Plot } from '../result/plot.ts'
import { html, type Html } from './html.ts'
import { type LineStyle, stylesOf } from './line-style.ts'
import { drawPlot, markerAt } from './plot-svg.ts'

// Scaling one drawing for both would leave the text of the smaller one unreadable.
const wide = { width: 860, height: 380 }
const narrow = { width: 360, height: 300 }

function drawLegend(lines: readonly Line[], styles: readonly LineStyle[]): Html {
  return html`<ul class="legend">
    ${lines.map((line, i) => {
      const { colour, marker, isDashed } = styles[i] as LineStyle
      const shape = line.role === 'limit' ? undefined : markerAt(marker, 13, 5)
      return html`<li style="--colour:var(${colour})">
        <svg width="26" height="10" aria-hidden="true">
          <path class="line${isDashed ? ' dashed' : ''}" d="M1 5H25" />
          ${shape}</svg
        >${line.label}
      </li>`
    })}
  </ul>`
}

/** A plot with its title and caption, drawn for wide and for narrow pages. */
export function drawFigure(plot: Plot, peers: readonly string[]): Html {
  const styles = stylesOf(plot.lines, peers)
  const large = drawPlot(plot, wide, styles, true)
  const small = drawPlot(plot, narrow, styles, false)
  return html`<figure class="plot" data-plot="${plot.name}">
    <figcaption><b>${plot.title}</b> ${plot.caption}</figcaption>
    <div class="wide">
      ${large.svg}${large.isLabelled ? undefined : drawLegend(plot.lines, styles)}
    </div>
    <div class="narrow">${small.svg}${drawLegend(plot.lines, styles)}</div>
  </figure> `
}
