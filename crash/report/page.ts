import type { RunReport } from '../outcome.ts'
import { showCount } from '../counts.ts'
import { Html, html, table } from './html.ts'
import { faultSection, layerSection, marked } from './layer-sections.ts'
import { mutantSection } from './mutant-section.ts'
import { notProven } from './not-proven.ts'
import { style } from './style.ts'

function verdictSection({ problems, seed, options, origin }: RunReport): Html {
  const isGreen = problems.length === 0
  const { at, commit, kernel, cpu, cpus, memoryGiB, node, seconds } = origin
  return html`<h1>Seawall crash tests</h1>
    <p class="verdict">${marked(isGreen ? 'Green' : 'Red', isGreen)}</p>
    ${
      isGreen
        ? ''
        : html`<ul>
            ${problems.map((problem) => html`<li>${problem}</li> `)}
          </ul>`
    }
    <p class="soft">
      Commit ${commit}, seed ${seed}, ${options}. ${at}, ${seconds.toFixed(0)} s on ${cpus} x
      ${cpu}, ${memoryGiB} GiB, Linux ${kernel}, Node ${node}.
    </p> `
}

function figureSection({ figures }: RunReport): Html {
  if (figures.length === 0) return html``
  const rows = figures.map(({ layer, text, measured, met }) => [
    layer,
    marked(met ? 'met' : 'missed', met),
    showCount(measured),
    text,
  ])
  const columns = [
    { title: 'Layer' },
    { title: 'Verdict' },
    { title: 'Measured', isNumber: true },
    { title: 'Target' },
  ]
  return html`<h2>Figures</h2>
    ${table('Figures', columns, rows)}`
}

function corpusSection({ corpus }: RunReport): Html {
  if (corpus.length === 0)
    return html`<h2>Found and fixed</h2>
      <p>No files in the corpus.</p>`
  const rows = corpus.map(({ name, layer, oracle, message, fixed, verdict, why }) => [
    name,
    layer,
    oracle,
    message,
    fixed,
    html`${marked(verdict, verdict === 'passes')} ${why}`,
  ])
  const titles = ['File', 'Layer', 'Promise', 'What was seen', 'What was fixed', 'Replayed']
  const columns = titles.map((title) => ({ title }))
  return html`<h2>Found and fixed</h2>
    ${table('Found and fixed', columns, rows)}`
}

/** The whole page. Nothing in it is fetched from anywhere. */
export function page(report: RunReport): string {
  const { layers, mutants, controls } = report
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Seawall crash tests</title>
        <style>
          ${new Html(style)}
        </style>
      </head>
      <body>
        <main>
          ${verdictSection(report)} ${layerSection(layers)} ${figureSection(report)}
          ${faultSection(layers)} ${mutantSection(mutants, controls)} ${corpusSection(report)}
          <h2>Not proven</h2>
          <ul>
            ${notProven.map((sentence) => html`<li>${sentence}</li> `)}
          </ul>
        </main>
      </body>
    </html> `.markup
}
