import { perCpuMinute, showCount, unitsOf } from '../counts.ts'
import type { FaultOutcomes } from '../layer.ts'
import type { LayerOutcome } from '../outcome.ts'
import { bar, type Column, Html, html, table } from './html.ts'

const classes: Readonly<Record<string, string>> = {
  passed: 'good',
  failed: 'bad',
  broken: 'bad',
  skipped: 'open',
}

export function marked(text: string, isGood: boolean): Html {
  return html`<span class="${isGood ? 'good' : 'bad'}">${text}</span>`
}

function optional(count: number | undefined): string {
  return count === undefined ? '-' : showCount(count)
}

function canaryCell({ canary }: LayerOutcome): Html | string {
  if (canary === undefined) return 'not run'
  return canary.sang
    ? html`${marked('sang', true)} ${canary.oracles.join(', ')}`
    : html`${marked('SILENT', false)} ${canary.why}`
}

function layerRow(layer: LayerOutcome, rateMax: number): (Html | string)[] {
  const { name, title, status, why, result, budgetCpuSeconds } = layer
  const about = html`${name} <span class="soft">${title}</span>`
  const verdict = html`<span class="${classes[status] ?? ''}">${status}</span> ${why}`
  if (result === undefined) return [about, verdict, '-', '-', '-', '-', '', '-', '-']
  const { counts, cpuSeconds } = result
  const units = unitsOf(counts)
  const rate = perCpuMinute(units, cpuSeconds)
  return [
    about,
    verdict,
    `${showCount(units.count)} ${units.name}`,
    optional(counts.covered),
    optional(counts.pruned),
    showCount(rate),
    bar(rate, rateMax),
    `${cpuSeconds.toFixed(1)} of ${budgetCpuSeconds} s`,
    canaryCell(layer),
  ]
}

const layerColumns: readonly Column[] = [
  { title: 'Layer' },
  { title: 'Verdict' },
  { title: 'Explored', isNumber: true },
  { title: 'Covered', isNumber: true },
  { title: 'Pruned', isNumber: true },
  { title: 'Per CPU minute', isNumber: true },
  { title: '' },
  { title: 'CPU time, budget', isNumber: true },
  { title: 'Canary' },
]

function rateOf({ result }: LayerOutcome): number {
  return result === undefined ? 0 : perCpuMinute(unitsOf(result.counts), result.cpuSeconds)
}

export function layerSection(layers: readonly LayerOutcome[]): Html {
  const rateMax = Math.max(0, ...layers.map(rateOf))
  const rows = layers.map((layer) => layerRow(layer, rateMax))
  return html`<h2>Layers</h2>
    <p>
      Explored: crash states that recovery was run on. Covered: all states that these stand for,
      because what recovery never reads makes no difference. Pruned: met before. A canary is the
      same layer against a device that must fail; a layer whose canary is silent proves nothing.
    </p>
    ${table('Layers', layerColumns, rows)}${layers.map(detailsOf)}`
}

function detailsOf({ name, result, failures }: LayerOutcome): Html {
  if (result === undefined) return html``
  const counts = Object.entries(result.counts).map(([key, value]) => `${key} ${showCount(value)}`)
  const found = failures.map(
    ({ oracle, message, file, reproduced }) =>
      html`<li>
        ${marked(oracle, false)} ${message}<br /><code>npm run crash -- replay ${file}</code>${
          reproduced ? '' : ' (not again when it was replayed)'
        }
      </li> `,
  )
  return html`<p class="soft">${name}: ${counts.join(', ')}. ${result.notes.join(' ')}</p>
    ${
      found.length > 0
        ? html`<ul>
            ${found}
          </ul>`
        : ''
    }`
}

const faultColumns: readonly Column[] = [
  { title: 'Fault' },
  { title: 'Layer' },
  { title: 'Survived', isNumber: true },
  { title: 'Detected', isNumber: true },
  { title: 'Missed', isNumber: true },
]

export function faultSection(layers: readonly LayerOutcome[]): Html {
  const rows = layers.flatMap(({ name, result }) =>
    (result?.faults ?? []).map((fault) => faultRow(name, fault)),
  )
  if (rows.length === 0) return html``
  return html`<h2>Faults and what became of them</h2>
    <p>
      Survived: everything that was acknowledged is there. Detected: a typed error says so. Missed:
      neither; which is a violation, unless only an observer outside could have known.
    </p>
    ${table('Faults and outcomes', faultColumns, rows)}`
}

function faultRow(layer: string, { fault, survived, detected, missed }: FaultOutcomes) {
  return [
    fault,
    layer,
    showCount(survived),
    showCount(detected),
    missed === 0 ? '0' : marked(showCount(missed), false),
  ]
}
