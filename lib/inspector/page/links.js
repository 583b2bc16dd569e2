// Links between the views.
import { html } from './dom.js'
import { pageHash, recordHash } from './place.js'

/** A link to the record; a dash where there is none. @param {number | undefined} lsn */
export function recordLink(lsn) {
  if (lsn === undefined || lsn === 0) return html('span', { class: 'faint', text: '–' })
  return html('a', { href: recordHash(lsn), text: String(lsn), title: 'Show the record' })
}

/** @param {number | undefined} page */
export function pageLink(page) {
  if (page === undefined || page === 0) return html('span', { class: 'faint', text: '–' })
  return html('a', { href: pageHash(page), text: String(page), title: 'Show the page' })
}

/** The name of a type of records with its colour. @param {string} typeName @param {string} className */
export function typeMark(typeName, className) {
  return html('span', { class: 'type' }, html('i', { class: `dot ${className}` }), typeName)
}
