// Making elements. Text goes in as text, never as markup.

/** @typedef {Record<string, unknown>} Properties attributes; `text` is the content, functions are listeners */
/** @typedef {Node | string | undefined | false} Child */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties} [properties]
 * @param {Child[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function html(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  fill(made, properties, children)
  return made
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Properties} [properties]
 * @param {Child[]} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, properties = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag)
  fill(made, properties, children)
  return made
}

/** @param {string} label @param {() => void} pressed @param {Properties} [properties] */
export function button(label, pressed, properties = {}) {
  return html('button', { type: 'button', text: label, click: () => pressed(), ...properties })
}

/**
 * A table; each row is a list of cells, or a finished row.
 * @param {string} caption
 * @param {readonly string[]} head
 * @param {readonly HTMLTableRowElement[]} rows
 */
export function table(caption, head, rows) {
  const cells = head.map((text) => html('th', { scope: 'col', text }))
  return html(
    'table',
    {},
    html('caption', { class: 'unseen', text: caption }),
    html('thead', {}, html('tr', {}, ...cells)),
    html('tbody', {}, ...rows),
  )
}

/** @param {Properties} properties @param {readonly Child[]} cells */
export function row(properties, ...cells) {
  return html('tr', properties, ...cells.map((cell) => html('td', {}, cell)))
}

/** Names and values below each other. @param {readonly [string, Child][]} entries */
export function facts(entries) {
  const parts = entries.flatMap(([name, value]) => [
    html('dt', { text: name }),
    html('dd', {}, value),
  ])
  return html('dl', { class: 'facts' }, ...parts)
}

/** @param {string} title @param {string} sentence */
export function emptyState(title, sentence) {
  return html('div', { class: 'empty' }, html('h2', { text: title }), html('p', { text: sentence }))
}

/**
 * Scrolls `box`, and nothing around it, until `row` is in it.
 * @param {HTMLElement} box
 * @param {HTMLElement | null} row
 */
export function reveal(box, row) {
  if (row === null) return
  const head = box.querySelector('thead')?.clientHeight ?? 0
  const [top, bottom] = [row.offsetTop - head, row.offsetTop + row.offsetHeight]
  if (top < box.scrollTop) box.scrollTop = top
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight
}

/**
 * @param {Element} made
 * @param {Properties} properties
 * @param {readonly Child[]} children
 */
function fill(made, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'text') made.textContent = String(value)
    else if (typeof value === 'function') made.addEventListener(name, /** @type {any} */ (value))
    else if (value === true) made.setAttribute(name, '')
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value))
  }
  for (const child of children) if (child !== undefined && child !== false) made.append(child)
}
