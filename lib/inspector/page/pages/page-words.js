// How a page was found, in words. Pure.

/** @typedef {import('../server.js').Pages['rows'][number]} PageRow */

/** @type {Record<PageRow['condition'], string>} */
export const conditionWords = {
  valid: 'whole',
  'never written': 'never written',
  damaged: 'damaged',
  misplaced: 'another page’s bytes',
  unreadable: 'unreadable',
}

/** By number: lib/format/layout.ts. @type {Record<number, string>} */
export const typeWords = { 0: 'free', 1: 'map', 2: 'user' }

export const stateWords = {
  clean: 'up to date',
  dirty: 'in the DPT',
  free: 'free',
  unwritten: 'never written',
  repaired: 'repairable',
  lost: 'damaged',
  'given-up': 'given up',
}

/** The one thing that counts most about it. @param {PageRow} page @returns {keyof typeof stateWords} */
export function pageStateOf({ condition, recLSN, pageType, isGivenUp, copyLSN }) {
  if (isGivenUp) return 'given-up'
  const isWhole = condition === 'valid' || condition === 'never written'
  if (!isWhole) return copyLSN !== undefined && condition !== 'misplaced' ? 'repaired' : 'lost'
  if (recLSN !== undefined) return 'dirty'
  if (condition === 'never written') return 'unwritten'
  return pageType === 0 ? 'free' : 'clean'
}
