// One record: what it says, where it leads, and its bytes.
import { facts, html, row, table } from '../dom.js'
import { pageLink, recordLink, typeMark } from '../links.js'
import { typeClass } from '../type-colours.js'
import { bytesFrom, bytesInWords, counted, grouped, hexDump, timeInWords } from '../words.js'

/** @typedef {import('../server.js').OneRecord} OneRecord */

/** @param {OneRecord} record */
export function recordDetails(record) {
  const { value, typeName, place } = record
  const problem = value['problem']
  const parts = [
    html(
      'h3',
      { class: 'record-title' },
      typeMark(
        typeName === String(Number(typeName)) ? `type ${typeName}` : typeName,
        typeClass(typeName),
      ),
      html('span', { class: 'number', text: ` at LSN ${value['lsn']}` }),
    ),
    problem === undefined
      ? undefined
      : html('p', { class: 'bad-note', text: `Not good: ${problem}.` }),
    place === 'in the log'
      ? undefined
      : html('p', {
          class: 'bad-note',
          text: 'It stands behind the end of the log: an open cuts it off.',
        }),
    facts(entriesOf(record)),
    fieldsOf(value),
    checkpointOf(value),
    bytesOf(record),
  ]
  return html('div', { class: 'details' }, ...parts)
}

/** @param {OneRecord} record @returns {[string, import('../dom.js').Child][]} */
function entriesOf({ value, segment, offsetInSegment }) {
  /** @type {[string, import('../dom.js').Child][]} */
  const entries = []
  /** @param {string} name @param {string} key @param {(value: any) => import('../dom.js').Child} shown */
  const add = (name, key, shown) => {
    if (value[key] !== undefined) entries.push([name, shown(value[key])])
  }
  add('Transaction', 'transactionLSN', recordLink)
  add('prevLSN', 'prevLSN', recordLink)
  add('undoNextLSN', 'undoNextLSN', recordLink)
  add('Page', 'pageId', pageLink)
  add('Operation', 'operation', (operation) => String(value['operationName'] ?? operation))
  add('Page type', 'pageType', String)
  add('Image of LSN', 'imageLSN', recordLink)
  add('Begun', 'beganAtMs', timeInWords)
  add('Opened', 'openedAtMs', timeInWords)
  add('Before it', 'previousIncarnation', (previous) =>
    previous === 0 ? 'none' : `incarnation ${previous}`,
  )
  add('Cut off', 'cutBytes', (bytes) => counted(bytes, 'byte'))
  add('Undecodable', 'undecodable', String)
  add('Next record', 'nextLSN', recordLink)
  add(
    'Body',
    'bodyBytes',
    (bytes) => `${counted(bytes, 'byte')}${bytes < 1024 ? '' : ` (${bytesInWords(bytes)})`}`,
  )
  add('Pieces', 'pieces', String)
  add('Incarnation', 'incarnation', String)
  add('Durable then', 'promiseLSN', (lsn) => `every byte below LSN ${lsn}`)
  entries.push(['Place', `segment ${segment}, byte ${grouped(offsetInSegment)}`])
  return entries
}

/** @param {Record<string, unknown>} value */
function fieldsOf(value) {
  const fields = /** @type {Record<string, unknown> | undefined} */ (value['fields'])
  if (fields === undefined) return undefined
  const rows = Object.entries(fields).map(([name, field]) => {
    const shown =
      typeof field === 'string' ? bytesShown(field) : html('span', { text: String(field) })
    return row({}, html('span', { class: 'field-name', text: name }), shown)
  })
  return html(
    'section',
    {},
    html('h4', { text: 'Payload' }),
    table('Payload', ['Field', 'Value'], rows),
  )
}

/** @param {string} base64 */
function bytesShown(base64) {
  const bytes = bytesFrom(base64)
  const first = bytes.subarray(0, 48)
  const isText = first.length > 0 && first.every((byte) => byte >= 32 && byte < 127)
  const hex = [...first].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  const more = bytes.length > first.length ? ` … ${counted(bytes.length, 'byte')}` : ''
  const text = isText ? `“${String.fromCharCode(...first)}”` : hex
  return html('code', { text: bytes.length === 0 ? 'no bytes' : text + more })
}

/** @param {Record<string, unknown>} value */
function checkpointOf(value) {
  const checkpoint = /** @type {any} */ (value['checkpoint'])
  if (checkpoint === undefined) return undefined
  const { beginLSN, filePages, transactions, transactionCount, pages, pageCount } = checkpoint
  const running = transactions.map((/** @type {any} */ each) =>
    row(
      {},
      recordLink(each.transactionLSN),
      recordLink(each.lastLSN),
      recordLink(each.undoNextLSN),
    ),
  )
  const dirty = pages.map((/** @type {any} */ each) =>
    row({}, pageLink(each.pageId), each.recLSN === 0 ? 'given up' : recordLink(each.recLSN)),
  )
  return html(
    'section',
    {},
    facts([
      ['Begun at', recordLink(beginLSN)],
      ['Data file', `room for ${counted(filePages, 'page')}`],
    ]),
    html('h4', { text: `ATT: ${counted(transactionCount, 'transaction')}` }),
    running.length > 0 && table('ATT', ['Transaction', 'lastLSN', 'undoNextLSN'], running),
    html('h4', { text: `DPT: ${counted(pageCount, 'page')}` }),
    dirty.length > 0 && table('DPT', ['Page', 'recLSN'], dirty),
  )
}

/** @param {OneRecord} record */
function bytesOf({ value, body }) {
  const bytes = bytesFrom(body)
  const all = Number(value['bodyBytes'])
  if (all === 0) return undefined
  const title = bytes.length < all ? `Body, the first ${grouped(bytes.length)} bytes` : 'Body'
  return html(
    'section',
    {},
    html('h4', { text: title }),
    html('pre', {
      class: 'hex',
      tabindex: 0,
      'aria-label': 'Body in hexadecimal',
      text: hexDump(bytes),
    }),
  )
}
