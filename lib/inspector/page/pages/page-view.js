// One page: its header, what the DPT says of it, and its bytes.
import { facts, html } from '../dom.js'
import { recordLink } from '../links.js'
import { bytesFrom, grouped, hexDump } from '../words.js'
import { conditionWords, pageStateOf, stateWords, typeWords } from './page-words.js'

const shownMax = 2048

/** @param {import('../server.js').OnePage} page @param {import('../server.js').Pages['rows'][number] | undefined} row */
export function pageView(page, row) {
  const { header, offset, copyLSN, headerBytes, condition = 'unreadable' } = page
  const bytes = bytesFrom(page.bytes)
  const pageLSN = Number(header.pageLSN)
  const isWhole = condition === 'valid'
  return html(
    'div',
    { class: 'details' },
    html('h3', { class: 'record-title' }, `Page ${page.pageId ?? header.pageId}`),
    isWhole || condition === 'never written'
      ? undefined
      : html('p', { class: 'bad-note', text: explanation(condition, copyLSN !== undefined) }),
    facts([
      ['On disk', conditionWords[condition]],
      ['State', row === undefined ? '' : stateWords[pageStateOf(row)]],
      ['pageLSN', isWhole ? recordLink(pageLSN) : header.pageLSN],
      ['recLSN', row?.recLSN === undefined ? 'not in the DPT' : recordLink(row.recLSN)],
      ['Type', typeWords[header.pageType] ?? String(header.pageType)],
      ['Number in header', String(header.pageId)],
      ['Checksum', `0x${header.pageCrc.toString(16).padStart(8, '0')}`],
      [
        'Doublewrite copy',
        copyLSN === undefined ? 'none' : html('span', {}, 'as of ', recordLink(copyLSN)),
      ],
      ['In the file', `byte ${grouped(offset)}`],
    ]),
    section('Header', bytes.subarray(0, headerBytes)),
    section('Body', bytes.subarray(headerBytes)),
  )
}

/** @param {string} title @param {Uint8Array} bytes */
function section(title, bytes) {
  const all = button(bytes)
  const pre = html('pre', {
    class: 'hex',
    tabindex: 0,
    'aria-label': `${title} in hexadecimal`,
    text: hexDump(bytes.subarray(0, shownMax)),
  })
  if (all !== undefined) {
    all.addEventListener('click', () => {
      pre.textContent = hexDump(bytes)
      all.remove()
    })
  }
  const isZeros = bytes.every((byte) => byte === 0)
  const content = isZeros ? html('p', { class: 'nothing', text: 'Nothing but zeros.' }) : pre
  return html('section', {}, html('h4', { text: title }), content, isZeros ? undefined : all)
}

/** @param {Uint8Array} bytes */
function button(bytes) {
  if (bytes.length <= shownMax) return undefined
  return html('button', { type: 'button', text: `Show all ${grouped(bytes.length)} bytes` })
}

/** @param {string} condition @param {boolean} hasCopy */
function explanation(condition, hasCopy) {
  if (condition === 'misplaced')
    return 'The header names another page: these bytes belong elsewhere.'
  if (condition === 'unreadable') return 'The drive did not give the bytes.'
  return hasCopy
    ? 'The checksum does not match. A whole copy is in the doublewrite file: the next open repairs the page from it.'
    : 'The checksum does not match: the page is torn, rotten, or of another store.'
}
