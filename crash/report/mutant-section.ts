import { showCount } from '../counts.ts'
import type { ControlOutcome, MutantOutcome, MutantRun } from '../outcome.ts'
import { scoreOf } from '../verdict.ts'
import { type Html, html, table } from './html.ts'
import { marked } from './layer-sections.ts'

function cell(run: MutantRun | undefined): Html | string {
  if (run === undefined) return ''
  const { verdict, oracle, units, count, seconds, isRequired, why } = run
  // None: an oracle that looks at damaged logs one by one comes before the search.
  const work = count === undefined || count === 0 ? '' : `${showCount(count)} ${units}, `
  const effort = `${work}${seconds.toFixed(1)} s`
  switch (verdict) {
    case 'killed':
      return html`${marked(oracle ?? 'killed', true)} <span class="soft">${effort}</span>`
    case 'survived':
      return isRequired
        ? html`${marked('SURVIVED', false)} <span class="soft">${effort}</span>`
        : html`<span class="soft">not seen</span>`
    case 'undecided':
      return isRequired
        ? html`${marked('undecided', false)} ${why}`
        : html`<span class="soft">?</span>`
    case 'not run':
      return html`<span class="open">not run</span> <span class="soft">${why}</span>`
  }
}

export function mutantSection(
  mutants: readonly MutantOutcome[],
  controls: readonly ControlOutcome[],
): Html {
  if (mutants.length === 0) return html``
  const { killed, judged, notRun } = scoreOf(mutants)
  const layers = [...new Set(mutants.flatMap(({ runs }) => runs.map(({ layer }) => layer)))].sort()
  const columns = [{ title: 'Mutant' }, ...layers.map((title) => ({ title }))]
  const rows = mutants.map(({ name, bug, files, runs }) => [
    html`${name} <span class="soft">${bug}</span> <code>${files.join(' ')}</code>`,
    ...layers.map((layer) => cell(runs.find((run) => run.layer === layer))),
  ])
  const dirty = controls.filter(({ clean }) => !clean)
  return html`<h2>Planted bugs</h2>
    <p>
      ${marked(`${killed} of ${judged} killed`, killed === judged)}${
        notRun === 0 ? '' : `; ${notRun} not run, because their layers were not`
      }.
      Each is one small change of the sources that cannot be on in a build that ships. A cell says
      which promise was seen broken, after how much work.
    </p>
    <p>
      The same build with no bug switched on:
      ${
        dirty.length === 0
          ? `nothing found (${controls.map(({ layer }) => layer).join(', ')})`
          : marked(dirty.map(({ layer, why }) => `${layer}: ${why}`).join('; '), false)
      }.
    </p>
    ${table('Planted bugs and the layers that find them', columns, rows)}`
}
