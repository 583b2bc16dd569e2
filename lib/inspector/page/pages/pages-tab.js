// The second tab: the pages of the data file, and one of them.
import { button, emptyState, html, reveal, row, table } from '../dom.js'
import { recordLink } from '../links.js'
import { numberField } from '../lsn-field.js'
import { hashOf, replaceHash } from '../place.js'
import { ask, isAborted } from '../server.js'
import { bytesInWords, counted, grouped, timeInWords } from '../words.js'
import { pageView } from './page-view.js'
import { conditionWords, pageStateOf, stateWords, typeWords } from './page-words.js'

/** @typedef {import('../server.js').Pages} Pages */
/** @typedef {Pages['rows'][number]} PageRow */

const count = 100

/** @param {{ failed: (error: unknown) => void }} listener */
export function makePagesTab({ failed }) {
  /** @type {Pages | undefined} */
  let shown
  /** @type {number | undefined} */
  let selected
  /** @type {number | undefined} the DPT is as of this LSN; undefined: the end */
  let lsn
  let asked = new AbortController()

  const map = html('div', { class: 'page-map', role: 'group', 'aria-label': 'Pages at a glance' })
  const rows = html('div', { class: 'rows', tabindex: 0, role: 'region', 'aria-label': 'Pages' })
  const details = html('div', { class: 'panel-body', 'aria-live': 'polite' })
  const range = html('output', { class: 'range' })
  const lede = html('p', { class: 'lede' })
  const previous = button('Previous', () => void load(Math.max(1, (shown?.first ?? 1) - count)))
  const next = button('Next', () => void load((shown?.first ?? 1) + count))
  const jump = numberField('Page', 'Go', (page) => void select(page))
  const asOf = numberField('DPT as of LSN', 'Set', (value) => void setLSN(value))
  const atEnd = button('End of log', () => void setLSN(undefined))
  const content = html(
    'div',
    { class: 'pages-tab' },
    lede,
    html(
      'div',
      { class: 'split' },
      html(
        'section',
        { class: 'card', 'aria-label': 'Pages' },
        html(
          'div',
          { class: 'card-head' },
          html('h2', { text: 'Pages' }),
          range,
          html(
            'div',
            { class: 'tools' },
            html('div', { class: 'buttons' }, previous, next),
            jump.root,
          ),
        ),
        html('div', { class: 'card-line' }, asOf.root, atEnd),
        map,
        rows,
      ),
      html(
        'section',
        { class: 'card', 'aria-label': 'The selected page' },
        html('div', { class: 'card-head' }, html('h2', { text: 'Page' })),
        details,
      ),
    ),
  )
  const root = html('div', {}, content)

  /** @param {number} first */
  const load = async (first) => {
    asked.abort()
    asked = new AbortController()
    try {
      const answer = await ask('pages', { first, count, lsn }, asked.signal)
      if (answer.lacking !== undefined) {
        root.replaceChildren(emptyState('No pages', answer.lacking))
        return
      }
      shown = answer
      draw()
    } catch (error) {
      if (!isAborted(error)) failed(error)
    }
  }
  const draw = () => {
    if (shown === undefined) return
    if (content.parentNode === null) root.replaceChildren(content)
    const { first, pages, pageBytes, createdAtMs, rows: all, isComplete } = shown
    const last = first + all.length - 1
    const lack = isComplete
      ? ''
      : ' Some pages may be missing from the DPT: there is no checkpoint before that LSN.'
    lede.textContent = `${counted(pages, 'page')} of ${bytesInWords(pageBytes)}, created ${timeInWords(createdAtMs)}. pageLSN is the last record that the page on disk has; recLSN the first one that it may lack, as of ${lsn === undefined ? 'the end of the log' : `LSN ${lsn}`}.${lack}`
    range.textContent =
      all.length === 0 ? 'none' : `${grouped(first)} to ${grouped(last)} of ${grouped(pages - 1)}`
    previous.disabled = first <= 1
    next.disabled = last >= pages - 1
    atEnd.disabled = lsn === undefined
    asOf.show(lsn)
    map.replaceChildren(...all.map((page) => tile(page)))
    const head = ['Page', 'On disk', 'Type', 'pageLSN', 'recLSN', 'State']
    rows.replaceChildren(table('Pages', head, all.map(rowOf)))
    mark()
  }
  /** @param {PageRow} page */
  const tile = (page) => {
    const words = `page ${page.pageId}: ${conditionWords[page.condition]}, ${stateWords[pageStateOf(page)]}`
    const { pageId } = page
    return button('', () => void select(pageId), {
      ...{ class: `tile ${pageStateOf(page)}`, 'aria-label': words, title: words, tabindex: -1 },
      'data-page': pageId,
    })
  }
  /** @param {PageRow} page */
  const rowOf = (page) => {
    const { pageId, condition, pageLSN, pageType, recLSN } = page
    const state = pageStateOf(page)
    const isGood = condition === 'valid'
    return row(
      { 'data-page': pageId, click: () => void select(pageId) },
      html('span', { class: 'number', text: String(pageId) }),
      html('span', {
        class: isGood || condition === 'never written' ? '' : 'bad-text',
        text: conditionWords[condition],
      }),
      isGood ? (typeWords[pageType] ?? String(pageType)) : '',
      isGood ? recordLink(pageLSN) : '',
      recLSN === undefined ? '' : recordLink(recLSN),
      html(
        'span',
        { class: `state ${state}` },
        html('i', { class: `tile ${state}` }),
        stateWords[state],
      ),
    )
  }
  const mark = () => {
    for (const each of root.querySelectorAll('[data-page][aria-selected]'))
      each.removeAttribute('aria-selected')
    for (const each of content.querySelectorAll(`[data-page="${selected}"]`))
      each.setAttribute('aria-selected', 'true')
    jump.show(selected)
  }
  const remember = () => replaceHash(hashOf('pages', { page: selected, lsn }))
  /** @param {number} page */
  const select = async (page) => {
    selected = page
    remember()
    const isShown = shown?.rows.some(({ pageId }) => pageId === page) === true
    if (!isShown) await load(Math.max(1, page - ((page - 1) % count)))
    mark()
    reveal(rows, rows.querySelector('tr[aria-selected]'))
    await loadPage()
  }
  const loadPage = async () => {
    if (selected === undefined) {
      details.replaceChildren(html('p', { class: 'nothing', text: 'Choose a page in the list.' }))
      return
    }
    try {
      const page = shown?.rows.find(({ pageId }) => pageId === selected)
      const answer = await ask('page', { id: selected })
      const { lacking } = answer
      const none = html('p', { class: 'nothing', text: lacking })
      details.replaceChildren(lacking === undefined ? pageView(answer, page) : none)
    } catch (error) {
      details.replaceChildren(
        html('p', { class: 'nothing', text: /** @type {Error} */ (error).message }),
      )
    }
  }
  /** @param {number | undefined} value */
  const setLSN = async (value) => {
    lsn = value
    remember()
    await load(shown?.first ?? 1)
  }
  rows.addEventListener('keydown', (event) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    const page = (selected ?? (shown?.first ?? 1) - by) + by
    if (by === 0 || shown === undefined || page < 1 || page >= shown.pages) return
    event.preventDefault()
    void select(page)
  })

  return {
    root,
    /** @param {Readonly<Record<string, number>>} numbers */
    async show({ page, lsn: asOfLSN }) {
      const isOther = asOfLSN !== undefined && asOfLSN !== lsn
      if (isOther) lsn = asOfLSN
      if (shown === undefined || isOther) await load(shown?.first ?? 1)
      if (shown === undefined) return
      if (page !== undefined) await select(page)
      else await loadPage()
      remember()
    },
    hide() {
      asked.abort()
    },
    async renew() {
      if (shown === undefined) return
      await load(shown.first)
      await loadPage()
    },
  }
}
