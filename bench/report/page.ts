import { readFileSync } from 'node:fs'

import type { BenchResult, FinishedCase } from '../result/result-file.ts'
import { drawFigure } from './figure.ts'
import { type Goal, goalsOf, notReachedSentence } from './goals.ts'
import { Html, html } from './html.ts'
import { peersOf } from './line-style.ts'
import { ratioBars } from './ratio-bars.ts'
import { rowTable } from './row-table.ts'

function ownFile(name: string): Html {
  return new Html(readFileSync(new URL(name, import.meta.url), 'utf8'))
}

// The page is complete in itself; this makes the browser hold it to that.
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"

function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

function duration(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(0)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

function readableDate(date: string): string {
  return date.replace(/T(\d\d:\d\d).*$/, ' $1 UTC')
}

function drawConditions({ machine, settings, disk, date, seconds }: BenchResult): Html {
  const { rounds, seconds: each, full, seed } = settings
  const facts: [string, string][] = [
    ['Commit', machine.commit],
    ['Date', `${readableDate(date)}, took ${duration(seconds)}`],
    ['Machine', `${machine.cpus} × ${machine.cpu}, ${machine.memoryGiB} GiB`],
    ['System', `Linux ${machine.kernel}, Node ${machine.node}`],
    ['File system', machine.fileSystem.replace(/\s+/, ', ')],
    ['Drive', machine.device],
    [
      'Rounds',
      `${rounds} of ${each} s${full ? ', everything' : ', the quick selection'}, seed ${seed}`,
    ],
    [
      'Throttling',
      disk.pauses + disk.repeats === 0
        ? 'none seen'
        : `${count(disk.pauses, 'pause')}, ${count(disk.repeats, 'measurement')} repeated`,
    ],
  ]
  return html`<dl class="facts">
    ${facts.map(
      ([name, text]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${text}</dd>
        </div>`,
    )}
  </dl>`
}

/** What makes the numbers of this run less trustworthy. */
function warningsOf({ machine, disk }: BenchResult): string[] {
  const warnings: string[] = []
  if (machine.load > machine.cpus / 2) {
    warnings.push(
      `Others used the machine when this run began (load ${machine.load.toFixed(1)}): the numbers are rough.`,
    )
  }
  if (disk.pauses > 0) {
    const [paused, repeated] = [count(disk.pauses, 'time'), count(disk.repeats, 'measurement')]
    warnings.push(`The drive was throttled: the run paused ${paused} and repeated ${repeated}.`)
  }
  return warnings
}

function drawSummary(result: BenchResult, goals: readonly Goal[]): Html {
  const missed = goals.filter(({ row }) => !row.target.met).length
  const cases = Object.values(result.cases)
  const rows = cases.reduce((sum, { rows: { length } }) => sum + length, 0)
  return html`<section class="summary" id="summary">
    <ul class="tiles">
      <li class="met">
        <b>${goals.length - missed}</b
        ><span>${goals.length - missed === 1 ? 'goal' : 'goals'} met</span>
      </li>
      <li class="${missed > 0 ? 'missed' : ''}"><b>${missed}</b><span>missed</span></li>
      <li><b>${cases.length}</b><span>${cases.length === 1 ? 'case' : 'cases'}</span></li>
      <li><b>${rows}</b><span>${rows === 1 ? 'measurement' : 'measurements'}</span></li>
    </ul>
    ${warningsOf(result).map((text) => html`<p class="warning">${text}</p>`)}
  </section>`
}

function drawNotReached(goals: readonly Goal[]): Html {
  const missed = goals.filter(({ row }) => !row.target.met)
  const none = goals.length === 0 ? 'No row of this run has a goal.' : 'Every goal was reached.'
  return html`<section id="not-reached">
    <h2>Not reached</h2>
    ${
      missed.length === 0
        ? html`<p>${none}</p>`
        : html`<ul class="not-reached">
            ${missed.map(
              (goal) =>
                html`<li>
                  <b>${goal.row.label.trim()}</b> ${notReachedSentence(goal)}
                  <a href="#case-${goal.name}">${goal.title}</a>
                </li> `,
            )}
          </ul>`
    }
  </section>`
}

function verdictsOf({ rows }: FinishedCase): { met: number; missed: number } {
  const targets = rows.flatMap(({ target }) => (target === undefined ? [] : [target]))
  const met = targets.filter((target) => target.met).length
  return { met, missed: targets.length - met }
}

function drawPills(finished: FinishedCase): Html {
  const { met, missed } = verdictsOf(finished)
  const metPill = html`<b class="pill met">${met} met</b>`
  const missedPill = html`<b class="pill missed">${missed} missed</b>`
  return html`${met > 0 ? metPill : undefined} ${missed > 0 ? missedPill : undefined}`
}

function drawCase(name: string, finished: FinishedCase, peers: readonly string[]): Html {
  const { title, rows, plots = [], skipped = [], notes = [], seconds } = finished
  return html`<section class="case" id="case-${name}">
    <h2>${title}</h2>
    <p class="about">
      <code>${name}</code> ${drawPills(finished)} <span>took ${duration(seconds)}</span>
    </p>
    ${
      notes.length > 0
        ? html`<ul class="notes">
            ${notes.map((note) => html`<li>${note}</li>`)}
          </ul>`
        : undefined
    }
    ${plots.map((plot) => drawFigure(plot, peers))}${ratioBars(rows)}${rows.length > 0 ? rowTable(rows) : undefined}
    ${skipped.map((why) => html`<p class="skipped">Skipped: ${why}</p>`)}
  </section> `
}

function drawContents(cases: readonly (readonly [string, FinishedCase])[]): Html {
  const entry = ([name, finished]: readonly [string, FinishedCase]): Html => {
    const { missed } = verdictsOf(finished)
    const mark = missed > 0 ? html` <b class="pill missed">${missed}</b>` : undefined
    return html`<li><a href="#case-${name}">${finished.title}</a>${mark}</li> `
  }
  return html`<nav aria-label="Contents">
    <h2>Contents</h2>
    <ol>
      <li><a href="#summary">Summary</a></li>
      <li><a href="#not-reached">Not reached</a></li>
      ${cases.map(entry)}
    </ol>
  </nav>`
}

/** The whole result as one HTML document that needs nothing beside it. */
export function drawReport(result: BenchResult): string {
  const cases = Object.entries(result.cases)
  const goals = goalsOf(result.cases)
  const peers = peersOf(cases.flatMap(([, { plots = [] }]) => plots).flatMap(({ lines }) => lines))
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Seawall benchmarks, ${result.machine.commit}</title>
        <link rel="icon" href="data:," />
        <style>
          ${ownFile('theme.css')}${ownFile('figure.css')}${ownFile('page.css')}
        </style>
      </head>
      <body>
        <header>
          <div class="title">
            <h1>Seawall benchmarks</h1>
            <button type="button" id="theme" hidden></button>
          </div>
          <p class="lede">
            Numbers are medians over rounds, with the least and the greatest. Only ratios compare:
            they are taken between neighbours in time, on the same file system.
          </p>
          ${drawConditions(result)}
        </header>
        ${drawContents(cases)}
        <main>
          ${drawSummary(result, goals)} ${drawNotReached(goals)}
          ${cases.map(([name, finished]) => drawCase(name, finished, peers))}
        </main>
        <script>
          ${ownFile('in-browser.js')}
        </script>
      </body>
    </html> `.text
}
