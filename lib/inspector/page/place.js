// What is shown stands in the address, behind the #: it can be kept, sent, and gone back to.

export const tabNames = /** @type {const} */ (['log', 'pages', 'restart', 'lab'])

/** @typedef {typeof tabNames[number]} TabName */
/** @typedef {{ tab: TabName, numbers: Readonly<Record<string, number>> }} Place */

/** @param {string} hash @returns {Place} */
export function placeFrom(hash) {
  const [name = '', search = ''] = hash.replace(/^#/, '').split('?')
  const tab = tabNames.find((known) => known === name) ?? 'log'
  /** @type {Record<string, number>} */
  const numbers = {}
  for (const [key, value] of new URLSearchParams(search)) {
    if (/^\d{1,16}$/.test(value)) numbers[key] = Number(value)
  }
  return { tab, numbers }
}

/** @param {TabName} tab @param {Record<string, number | undefined>} numbers */
export function hashOf(tab, numbers) {
  const given = Object.entries(numbers).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams(
    given.map(([name, value]) => [name, String(Math.round(value ?? 0))]),
  )
  return given.length === 0 ? `#${tab}` : `#${tab}?${search}`
}

/** Changes the address without a step in the history. @param {string} hash */
export function replaceHash(hash) {
  if (location.hash !== hash) history.replaceState(undefined, '', hash)
}

/** @param {number} lsn */
export function recordHash(lsn) {
  return hashOf('log', { lsn })
}

/** @param {number} page */
export function pageHash(page) {
  return hashOf('pages', { page })
}
