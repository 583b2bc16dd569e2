// What the third pass has left to do.
import { html } from '../dom.js'
import { counted } from '../words.js'

/**
 * @param {readonly { transactionLSN: number, undoNextLSN: number }[]} losers the first of them
 * @param {number} count of all of them
 * @param {number} lit
 */
export function losersTable(losers, count, lit) {
  const rows = losers.map(({ transactionLSN, undoNextLSN }) =>
    html(
      'tr',
      { class: transactionLSN === lit ? 'lit' : '', 'data-transaction': transactionLSN },
      html('td', { class: 'number', text: String(transactionLSN) }),
      html('td', {
        class: 'number',
        text: undoNextLSN === 0 ? 'only its end record' : String(undoNextLSN),
      }),
    ),
  )
  return html(
    'div',
    { class: 'tables one' },
    html(
      'section',
      { 'aria-label': 'Losers that are left' },
      html(
        'h4',
        {},
        'Losers that are left',
        html('span', { class: 'count', text: counted(count, 'loser') }),
      ),
      html('p', {
        class: 'remark',
        text: 'Undo always takes the highest LSN of all: one sweep backwards over the log.',
      }),
      rows.length === 0
        ? html('p', { class: 'nothing', text: 'None: undo is over, and with it the restart.' })
        : html(
            'table',
            {},
            html('caption', { class: 'unseen', text: 'Losers' }),
            html(
              'thead',
              {},
              html(
                'tr',
                {},
                html('th', { scope: 'col', text: 'Loser' }),
                html('th', { scope: 'col', text: 'Next to undo' }),
              ),
            ),
            html('tbody', {}, ...rows),
          ),
    ),
  )
}

/** Scrolls the tables and not the page. @param {HTMLElement} tables */
export function bringLitIntoView(tables) {
  for (const lit of tables.querySelectorAll('tr.lit')) {
    const box = /** @type {HTMLElement | null} */ (lit.closest('.rows'))
    const { offsetTop } = /** @type {HTMLElement} */ (lit)
    if (box !== null) box.scrollTop = offsetTop - box.clientHeight / 2
  }
}
