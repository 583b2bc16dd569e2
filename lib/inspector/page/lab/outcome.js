// What the last power cut left, and how recovery proceeded.
import { countOf, element, grouped, setText } from './elements.js'

/** @typedef {import('./lab.js').LabState} LabState */
/** @typedef {NonNullable<LabState['cut']>} CutView */

const survivalWords = {
  nothing: 'Nothing of the cache survived.',
  random: 'Each sector of the cache survived, or not, by chance.',
  torn: 'The first part of the cache survived, torn off.',
  everything: 'All of the cache survived.',
}

export function makeOutcome() {
  const table = makeTable()
  const title = element('h3', { text: 'After the power cut' })
  const sentence = element('p', { class: 'lab-verdict', 'aria-live': 'polite' })
  const circumstances = element('p', { class: 'lab-sub' })
  const recovery = makeRecovery()
  const root = element(
    'section',
    { class: 'lab-panel lab-outcome', 'aria-label': 'After the power cut' },
    title,
    sentence,
    circumstances,
    table.root,
  )
  return {
    root,
    recovery: recovery.root,
    /** @param {LabState} state */
    show(state) {
      const { cut } = state
      const isKill = state.device === 'directory'
      root.dataset.outcome = cut?.refusal === undefined ? (cut?.verdict?.outcome ?? '') : 'lied'
      const word = isKill ? 'kill' : 'power cut'
      setText(title, cut === undefined ? `After the ${word}` : `After ${word} ${cut.number}`)
      setText(sentence, sentenceOf(cut, word))
      setText(circumstances, cut === undefined ? '' : circumstancesOf(cut, isKill))
      table.show(cut)
      recovery.show(cut)
    },
  }
}

function makeTable() {
  const rows = {
    recovered: newRow('Recovered before'),
    acknowledged: newRow('Acknowledged'),
    unanswered: newRow('Not acknowledged', false),
  }
  const heads = ['Records', 'Before', 'Survived', 'Lost'].map((text) =>
    element('th', { scope: 'col', text }),
  )
  const root = element(
    'table',
    { class: 'lab-table' },
    element('thead', {}, element('tr', {}, ...heads)),
    element('tbody', {}, ...Object.values(rows).map(({ row }) => row)),
  )
  return {
    root,
    /** @param {CutView | undefined} cut */
    show(cut) {
      const verdict = cut?.verdict
      rows.recovered.show(cut?.recovered, verdict?.recoveredSurvived)
      rows.acknowledged.show(cut?.acknowledged, verdict?.acknowledgedSurvived)
      rows.unanswered.show(cut?.unanswered, verdict?.unansweredSurvived)
    },
  }
}

/** @param {string} label @param {boolean} [isPromised] a loss is worth a colour */
function newRow(label, isPromised = true) {
  const cells = ['', '', ''].map(() => element('td', { text: '–' }))
  return {
    row: element('tr', {}, element('th', { scope: 'row', text: label }), ...cells),
    /** @param {number | undefined} before @param {number | undefined} survived */
    show(before, survived) {
      const isKnown = before !== undefined && survived !== undefined
      const lost = isKnown ? before - survived : undefined
      for (const [i, value] of [before, survived, lost].entries()) {
        const cell = cells[i]
        if (cell !== undefined) setText(cell, value === undefined ? '–' : grouped(value))
      }
      cells[2]?.classList.toggle('lab-some', isPromised && lost !== undefined && lost > 0)
    },
  }
}

/** @param {CutView | undefined} cut @param {string} word */
function sentenceOf(cut, word) {
  if (cut === undefined)
    return `Let records flow, then press the red button: what survives the ${word}?`
  if (cut.refusal !== undefined)
    return 'The log refuses to open: bytes that were promised to be there are missing.'
  if (cut.report !== undefined) return cut.verdict?.sentence ?? ''
  if (cut.steps.length > 0) return 'Recovery is at work.'
  return word === 'kill' ? 'The process is gone.' : 'The power is off.'
}

/** @param {CutView} cut @param {boolean} isKill */
function circumstancesOf(cut, isKill) {
  const { buffer, cache, media } = cut.before
  if (isKill)
    return `Killed with ${countOf(buffer, 'record')} not reported as flushed, and ${grouped(media)} flushed.`
  const places =
    `In memory only: ${countOf(buffer, 'record')}; in the cache: ` +
    `${grouped(cache)}; on the media: ${grouped(media)}.`
  const survival = cache === 0 ? '' : ` ${survivalWords[cut.survival]}`
  return `${places}${survival}${cut.wasLying ? ' The drive lied about flushes.' : ''}`
}

function makeRecovery() {
  const steps = element('ol', {
    class: 'lab-steps',
    tabindex: 0,
    'aria-label': 'Steps of recovery',
  })
  const report = element('dl', { class: 'lab-report' })
  const empty = element('p', {
    class: 'lab-sub',
    text: 'Opening a log after a crash decides what is kept. Each step is shown here.',
  })
  return {
    root: element(
      'section',
      { class: 'lab-panel', 'aria-label': 'Recovery' },
      element('h3', { text: 'Recovery' }),
      empty,
      steps,
      report,
    ),
    /** @param {CutView | undefined} cut */
    show(cut) {
      empty.hidden = cut !== undefined && cut.steps.length > 0
      showSteps(steps, cut)
      showReport(report, cut)
    },
  }
}

/** @param {HTMLElement} list @param {CutView | undefined} cut */
function showSteps(list, cut) {
  const steps = cut?.steps ?? []
  const isOther = list.dataset.cut !== String(cut?.number)
  if (isOther) list.replaceChildren()
  list.dataset.cut = String(cut?.number)
  for (const step of steps.slice(list.children.length)) {
    const item = element(
      'li',
      {},
      element('strong', { text: step.title }),
      element('span', { text: step.text }),
    )
    list.append(item)
    list.scrollTop = item.offsetTop
  }
}

/** @param {HTMLElement} list @param {CutView | undefined} cut */
function showReport(list, cut) {
  const report = cut?.report
  const entries =
    report !== undefined
      ? [
          ['Decision', report.decision],
          ['Why there', report.reason],
          ['Kept to LSN', grouped(report.keptTo)],
          ['Promised to', grouped(report.promisedTo)],
          ['Cut off', `${grouped(report.cutBytes)} bytes`],
        ]
      : cut?.refusal !== undefined
        ? [['Refused with', cut.refusal.code]]
        : []
  const key = JSON.stringify(entries)
  if (list.dataset.key === key) return
  list.dataset.key = key
  list.replaceChildren(
    ...entries.map(([name, value]) =>
      element('div', {}, element('dt', { text: name }), element('dd', { text: value })),
    ),
  )
}
