// The first tab: time line, records, one record, and the tables at any LSN.
import { button, emptyState, html } from '../dom.js'
import { hashOf, replaceHash } from '../place.js'
import { ask, isAborted } from '../server.js'
import { tablesView } from '../tables.js'
import { legend } from './legend.js'
import { logFacts } from './log-facts.js'
import { recordDetails } from './record-details.js'
import { makeRecordList } from './record-list.js'
import { makeTimeLine } from './time-line.js'

/**
 * @typedef {import('../server.js').Summary} Summary
 * @typedef {import('../server.js').Index} Index
 * @typedef {import('../server.js').WindowView} WindowView
 */

const pollMs = 500
const settleMs = 120

/** @param {{ failed: (error: unknown) => void }} listener */
export function makeLogTab({ failed }) {
  /** @type {Summary | undefined} */
  let summary
  /** @type {Index | undefined} */
  let index
  /** @type {WindowView | undefined} */
  let fine
  /** @type {number | undefined} */
  let selected
  let panel = 'record'
  let isVisible = false
  let poll = 0
  let settle = 0
  let askedWindow = new AbortController()
  let askedRecord = new AbortController()

  const factsBox = html('div', { class: 'log-facts' })
  const legendBox = html('div')
  const detailsBox = html('div', { class: 'panel-body', 'aria-live': 'polite' })
  const timeLine = makeTimeLine({
    picked: (lsn, isRecord) => void (isRecord ? select(lsn) : selectNear(lsn)),
    moved: () => {
      clearTimeout(settle)
      settle = window.setTimeout(() => void loadWindow(), settleMs)
    },
  })
  const list = makeRecordList({ picked: (lsn) => void selectNear(lsn), failed })
  const panels = {
    record: button('Record', () => showPanel('record'), { role: 'tab', id: 'panel-record' }),
    tables: button('ATT and DPT here', () => showPanel('tables'), {
      role: 'tab',
      id: 'panel-tables',
    }),
  }
  const content = html(
    'div',
    { class: 'log-tab' },
    factsBox,
    html(
      'section',
      { class: 'card', 'aria-label': 'Time line' },
      html(
        'div',
        { class: 'card-head' },
        html('h2', { text: 'Time line' }),
        timeLine.range,
        timeLine.tools,
      ),
      timeLine.root,
      legendBox,
    ),
    html(
      'div',
      { class: 'split' },
      html(
        'section',
        { class: 'card', 'aria-label': 'Records' },
        html('div', { class: 'card-head' }, html('h2', { text: 'Records' }), list.tools),
        list.root,
      ),
      html(
        'section',
        { class: 'card', 'aria-label': 'The selected record' },
        html(
          'div',
          { class: 'card-head' },
          html('div', { class: 'sub-tabs', role: 'tablist' }, ...Object.values(panels)),
        ),
        detailsBox,
      ),
    ),
  )
  const root = html('div', {}, content)

  const draw = () => {
    if (summary === undefined || index === undefined) return
    const isEmpty = index.toLSN <= index.fromLSN && summary.tail.cutBytes === 0
    factsBox.replaceChildren(logFacts(summary, index))
    if (isEmpty) {
      root.replaceChildren(
        factsBox,
        emptyState(
          'This log is empty',
          'Nothing has been appended yet, or everything has been truncated. Look again when somebody has written.',
        ),
      )
      return
    }
    if (content.parentNode === null) {
      content.prepend(factsBox)
      root.replaceChildren(content)
    }
    legendBox.replaceChildren(legend(index.typeNames, summary.isStore, index.problemCount > 0))
    timeLine.show({ summary, index, fine, selected })
  }
  const loadIndex = async () => {
    clearTimeout(poll)
    try {
      const isFirst = index === undefined
      ;[summary, index] = await Promise.all([ask('summary'), ask('index')])
      if (isFirst) list.reset(summary?.isStore === true)
      draw()
      if (isFirst) timeLine.setWindow(timeLine.whole())
      const isGoing = index?.isComplete === false && index.failure === undefined
      if (isGoing && isVisible) poll = window.setTimeout(() => void loadIndex(), pollMs)
      if (index?.failure !== undefined) failed(new Error(index.failure.message))
    } catch (error) {
      failed(error)
    }
  }
  const loadWindow = async () => {
    askedWindow.abort()
    askedWindow = new AbortController()
    const { from, to } = timeLine.window()
    remember()
    try {
      const answer = await ask('window', { from, to }, askedWindow.signal)
      fine = answer.isTooLarge === true ? undefined : answer
      draw()
    } catch (error) {
      if (!isAborted(error)) failed(error)
    }
  }
  const remember = () => {
    if (!isVisible) return
    const { from, to } = timeLine.window()
    const whole = timeLine.whole()
    const isWhole = from === whole.from && to === whole.to
    const numbers = { lsn: selected, ...(isWhole ? {} : { from, to }) }
    replaceHash(hashOf('log', { ...numbers, ...(panel === 'tables' ? { tables: 1 } : {}) }))
  }
  /** Selects the record that `lsn` lies in. @param {number} lsn */
  const selectNear = async (lsn) => {
    const near = await list.nearest(lsn)
    await select(near?.lsn ?? lsn)
  }
  /** @param {number} lsn */
  const select = async (lsn) => {
    selected = lsn
    remember()
    draw()
    timeLine.reveal(lsn)
    await Promise.all([list.show(lsn), loadPanel()])
  }
  const loadPanel = async () => {
    askedRecord.abort()
    askedRecord = new AbortController()
    const { signal } = askedRecord
    if (selected === undefined) {
      detailsBox.replaceChildren(
        html('p', { class: 'nothing', text: 'Choose a record on the time line or in the list.' }),
      )
      return
    }
    try {
      const shown = await (panel === 'tables'
        ? tablesHere(selected, signal)
        : recordHere(selected, signal))
      detailsBox.replaceChildren(shown)
    } catch (error) {
      if (!isAborted(error))
        detailsBox.replaceChildren(
          html('p', { class: 'nothing', text: /** @type {Error} */ (error).message }),
        )
    }
  }
  /** @param {string} name */
  const showPanel = (name) => {
    panel = name
    for (const [key, tab] of Object.entries(panels))
      tab.setAttribute('aria-selected', String(key === name))
    remember()
    void loadPanel()
  }
  showPanel('record')

  return {
    root,
    /** @param {Readonly<Record<string, number>>} numbers */
    async show({ from, to, lsn, tables }) {
      isVisible = true
      if (index === undefined || !index.isComplete) await loadIndex()
      panel = tables === 1 ? 'tables' : panel
      if (from !== undefined && to !== undefined && to > from) timeLine.setWindow({ from, to })
      if (tables === 1) showPanel('tables')
      if (lsn !== undefined) await selectNear(lsn)
      else await list.show(selected)
      await loadWindow()
    },
    hide() {
      isVisible = false
      clearTimeout(poll)
    },
    /** The log was looked at again. */
    async renew() {
      index = undefined
      fine = undefined
      const { from, to } = timeLine.window()
      const whole = timeLine.whole()
      await loadIndex()
      if (from !== whole.from || to !== whole.to) timeLine.setWindow({ from, to })
      await Promise.all([list.show(selected), loadWindow(), loadPanel()])
    },
  }
}

/** @param {string} sentence */
function nothing(sentence) {
  return html('p', { class: 'nothing', text: sentence })
}

/** @param {number} lsn @param {AbortSignal} signal */
async function recordHere(lsn, signal) {
  const answer = await ask('record', { lsn }, signal)
  return answer.lacking === undefined ? recordDetails(answer) : nothing(answer.lacking)
}

/** @param {number} lsn @param {AbortSignal} signal */
async function tablesHere(lsn, signal) {
  const answer = await ask('tables', { lsn }, signal)
  if (answer.lacking !== undefined) return nothing(answer.lacking)
  const { fromLSN, isComplete, isIndexed } = answer
  const words = `As of the record at LSN ${lsn}, put together from LSN ${fromLSN} on.`
  const lack =
    !isComplete && isIndexed
      ? ' There is no checkpoint before it and the log has been truncated, so something may be missing.'
      : ''
  return html('div', {}, html('p', { class: 'remark', text: words + lack }), tablesView(answer))
}
