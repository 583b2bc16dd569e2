// Records below each other, some hundred at a time.
import { button, html, reveal, row, table } from '../dom.js'
import { typeMark } from '../links.js'
import { numberField } from '../lsn-field.js'
import { ask, isAborted } from '../server.js'
import { typeClass } from '../type-colours.js'

/** @typedef {import('../server.js').Records} Records */
/** @typedef {import('../server.js').Row} Row */

const count = 100

/**
 * @param {{ picked: (lsn: number) => void, failed: (error: unknown) => void }} listener
 */
export function makeRecordList({ picked, failed }) {
  const box = html('div', { class: 'rows', tabindex: 0, role: 'region', 'aria-label': 'Records' })
  /** @type {Records | undefined} */
  let shown
  /** @type {number | undefined} */
  let selected
  let isStore = false
  let asked = new AbortController()

  /** @param {Record<string, number>} query @param {'top' | 'bottom'} edge */
  const load = async (query, edge) => {
    asked.abort()
    asked = new AbortController()
    try {
      shown = await ask('records', { count, ...query }, asked.signal)
      draw()
      box.scrollTop = edge === 'bottom' ? box.scrollHeight : 0
      reveal(box, rowAt(selected))
    } catch (error) {
      if (!isAborted(error)) failed(error)
    }
  }
  const start = button('Start', () => load({}, 'top'))
  const earlier = button('Earlier', () => load({ before: firstLSN() }, 'bottom'))
  const later = button('Later', () => load({ from: shown?.nextLSN ?? 0 }, 'top'))
  const end = button('End', () => load({ before: Number.MAX_SAFE_INTEGER }, 'bottom'))
  const field = numberField('LSN', 'Go', (lsn) => picked(lsn))
  const firstLSN = () => shown?.rows[0]?.lsn ?? 0

  const draw = () => {
    const rows = shown?.rows ?? []
    const head = isStore
      ? ['LSN', 'Type', 'Transaction', 'Page', 'Operation', 'Content']
      : ['LSN', 'Type', 'Bytes', 'Content']
    start.disabled = earlier.disabled = shown?.hasBefore !== true
    later.disabled = end.disabled = shown?.nextLSN === undefined
    if (rows.length === 0) {
      box.replaceChildren(html('p', { class: 'nothing', text: 'There are no records here.' }))
      return
    }
    box.replaceChildren(
      table(
        'Records',
        head,
        rows.map((each) => rowOf(each, isStore, picked)),
      ),
    )
    mark()
  }
  const rowAt = (/** @type {number | undefined} */ lsn) =>
    /** @type {HTMLElement | null} */ (box.querySelector(`tr[data-lsn="${lsn}"]`))
  const mark = () => {
    box.querySelector('tr[aria-selected]')?.removeAttribute('aria-selected')
    rowAt(selected)?.setAttribute('aria-selected', 'true')
  }
  /** @param {number} by */
  const step = (by) => {
    const rows = shown?.rows ?? []
    const at = rows.findIndex(({ lsn }) => lsn === selected)
    const next = rows[at < 0 ? 0 : at + by]
    if (next !== undefined) picked(next.lsn)
    else if (by > 0 && shown?.nextLSN !== undefined) picked(shown.nextLSN)
    else if (by < 0 && shown?.hasBefore === true) void load({ before: firstLSN() }, 'bottom')
  }
  box.addEventListener('keydown', (event) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by === 0) return
    event.preventDefault()
    step(by)
  })
  return {
    root: box,
    tools: html(
      'div',
      { class: 'tools' },
      html(
        'div',
        { class: 'buttons', role: 'group', 'aria-label': 'Records' },
        start,
        earlier,
        later,
        end,
      ),
      field.root,
    ),
    /** @param {boolean} isOfStore */
    reset(isOfStore) {
      isStore = isOfStore
      shown = undefined
    },
    /** Shows the records from `lsn` on, unless they are shown already. @param {number | undefined} lsn */
    async show(lsn) {
      selected = lsn
      field.show(lsn)
      if (shown === undefined || (lsn !== undefined && rowAt(lsn) === null)) {
        await load(lsn === undefined ? {} : { from: lsn }, 'top')
      } else {
        mark()
        reveal(box, rowAt(selected))
      }
    },
    /** The record at or behind `lsn` that is shown. @param {number} lsn */
    async nearest(lsn) {
      await this.show(lsn)
      return shown?.rows.find((each) => each.lsn <= lsn && lsn < each.nextLSN) ?? shown?.rows[0]
    },
  }
}

/** @param {Row} each @param {boolean} isStore @param {(lsn: number) => void} picked */
function rowOf(each, isStore, picked) {
  const properties = { 'data-lsn': each.lsn, click: () => picked(each.lsn) }
  const lsn = html('span', { class: 'number', text: String(each.lsn) })
  if (each.what === 'damage') {
    const words = `no records up to LSN ${each.nextLSN}: ${each.words}`
    const cells = isStore ? [undefined, undefined, undefined] : [undefined]
    const type = typeMark('damage', 'damage')
    return row({ ...properties, class: 'bad' }, lsn, type, ...cells, words)
  }
  const { typeName, problem, place, words, transactionLSN, pageId, operation, bodyBytes } = each
  const said = [problem === undefined ? '' : `Not good: ${problem}. `, words]
  if (place === 'behind the end') said.unshift('Behind the end: an open cuts it off. ')
  const state = problem !== undefined ? 'bad' : place === 'in the log' ? '' : 'outside'
  const number = (/** @type {number | undefined} */ value) =>
    html('span', { class: 'number', text: value === undefined ? '' : String(value) })
  const middle = isStore
    ? [number(transactionLSN), number(pageId), operation ?? '']
    : [number(bodyBytes)]
  return row(
    { ...properties, class: state },
    lsn,
    typeMark(typeName, typeClass(typeName)),
    ...middle,
    html('span', { class: 'words', text: said.join('') }),
  )
}
