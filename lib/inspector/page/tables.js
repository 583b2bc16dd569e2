// The active transaction table and the dirty page table.
import { html, row, table } from './dom.js'
import { pageLink, recordLink } from './links.js'
import { counted, grouped } from './words.js'

/**
 * @typedef {import('../../inspection/restart/restart-pages.ts').TableRows} TableRows
 * @typedef {{
 *   transactions?: ReadonlySet<number>, pages?: ReadonlySet<number>,
 *   gone?: ReadonlySet<number>, changed?: boolean,
 * }} Highlights
 */

const rowsMax = 200

/** @param {TableRows} tables @param {Highlights} [highlights] @param {string} [transactionsTitle] */
export function tablesView(tables, highlights = {}, transactionsTitle = 'Transactions (ATT)') {
  const { transactions, transactionCount, pages, pageCount } = tables
  const running = transactions.slice(0, rowsMax).map(({ transactionLSN, lastLSN, undoNextLSN }) => {
    const isLit = highlights.transactions?.has(transactionLSN) === true
    const state = isLit ? 'lit' : ''
    return row(
      { class: state, 'data-transaction': transactionLSN },
      recordLink(transactionLSN),
      recordLink(lastLSN),
      recordLink(undoNextLSN),
    )
  })
  const dirty = pages.slice(0, rowsMax).map(({ pageId, recLSN }) => {
    const state = highlights.pages?.has(pageId) === true ? 'lit' : ''
    return row({ class: state, 'data-page': pageId }, pageLink(pageId), recordLink(recLSN))
  })
  return html(
    'div',
    { class: 'tables' },
    part(transactionsTitle, counted(transactionCount, 'transaction'), running, transactionCount, [
      ...['Transaction', 'lastLSN', 'undoNextLSN'],
    ]),
    part('Dirty pages (DPT)', counted(pageCount, 'page'), dirty, pageCount, ['Page', 'recLSN']),
  )
}

/**
 * @param {string} title
 * @param {string} count
 * @param {HTMLTableRowElement[]} rows
 * @param {number} all
 * @param {string[]} head
 */
function part(title, count, rows, all, head) {
  const more = all - rows.length
  return html(
    'section',
    { 'aria-label': title },
    html('h4', {}, title, html('span', { class: 'count', text: count })),
    rows.length === 0
      ? html('p', { class: 'nothing', text: 'None.' })
      : html('div', { class: 'rows' }, table(title, head, rows)),
    more > 0 && html('p', { class: 'remark', text: `${grouped(more)} more are not shown.` }),
  )
}
