// One step: the record, the decision, and the test that led to it.
import { html } from '../dom.js'
import { pageLink, recordLink, typeMark } from '../links.js'
import { typeClass } from '../type-colours.js'
import { redoTests, told } from './step-words.js'

/** @typedef {import('../server.js').Step} Step */

const phaseTitles = { analysis: 'Analysis', redo: 'Redo', undo: 'Undo' }

/** @param {Step} step @param {number} number @param {string} all how many there are */
export function stepView(step, number, all) {
  const { verdict, tone, test, sentence } = told(step)
  const { record, words } = step
  const kind = record?.kind?.replaceAll(' ', '-') ?? 'other'
  return html(
    'div',
    { class: 'step' },
    html(
      'p',
      { class: 'step-head' },
      html('span', { class: `phase ${step.phase}`, text: phaseTitles[step.phase] }),
      html('span', { class: 'faint', text: `step ${number + 1} of ${all}` }),
    ),
    record === undefined
      ? html('p', {
          class: 'step-record',
          text: `Loser ${/** @type {any} */ (step).transactionLSN}`,
        })
      : html(
          'p',
          { class: 'step-record' },
          typeMark(record.kind ?? `type ${record.type}`, typeClass(kind)),
          ' at ',
          recordLink(record.lsn),
          record.pageId !== undefined &&
            record.pageId !== 0 &&
            html('span', {}, ', page ', pageLink(record.pageId)),
        ),
    html(
      'p',
      { class: `decision ${tone}` },
      html('strong', { text: verdict }),
      html('span', { class: 'test', text: test }),
    ),
    html('p', { class: 'sentence', text: sentence }),
    step.phase === 'redo' ? testsView(step) : undefined,
    step.phase === 'redo' ? pageChange(step) : undefined,
    words === '' ? undefined : html('pre', { class: 'words', text: words }),
  )
}

/** @param {Extract<Step, { phase: 'redo' }>} step */
function testsView(step) {
  const rows = redoTests(step).map(({ test, numbers, isPassed }) => {
    const state = isPassed === undefined ? 'unreached' : isPassed ? 'passed' : 'failed'
    const word = isPassed === undefined ? 'not asked' : isPassed ? 'yes' : 'no: skipped'
    return html(
      'li',
      { class: state },
      html('span', { text: test }),
      html('span', { class: 'number', text: numbers }),
      html('span', { class: 'answer', text: word }),
    )
  })
  return html('ol', { class: 'tests', 'aria-label': 'The tests of redo' }, ...rows)
}

/** @param {Extract<Step, { phase: 'redo' }>} step */
function pageChange({ before, after }) {
  if (before === undefined || after === undefined) return undefined
  const isSame = before.pageLSN === after.pageLSN && before.condition === after.condition
  const words = (/** @type {{ pageLSN: number, condition: string }} */ page) =>
    page.condition === 'whole'
      ? page.pageLSN === 0
        ? 'never written'
        : `pageLSN ${page.pageLSN}`
      : page.condition
  return html(
    'p',
    { class: 'page-change' },
    html('span', { text: 'Page: ' }),
    html('span', { class: 'number', text: words(before) }),
    isSame
      ? ', unchanged'
      : html('span', {}, ' → ', html('strong', { class: 'number', text: words(after) })),
  )
}
