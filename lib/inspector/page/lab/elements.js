// Making elements. Text goes in as text, never as markup.

/**
 * @param {string} tag
 * @param {Record<string, unknown>} [properties] attributes; `text` is the content, functions are listeners
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'text') made.textContent = String(value)
    else if (typeof value === 'function') made.addEventListener(name, /** @type {any} */ (value))
    else if (value === true) made.setAttribute(name, '')
    else if (value !== false && value !== undefined) made.setAttribute(name, String(value))
  }
  made.append(...children)
  return made
}

/** Sets the text if it is another one, so that nothing is announced twice.
 * @param {Element} of
 * @param {string} text
 */
export function setText(of, text) {
  if (of.textContent !== text) of.textContent = text
}

/** @param {number} value */
export function grouped(value) {
  return Math.round(value).toLocaleString('en-US')
}

/** @param {number} count @param {string} noun */
export function countOf(count, noun) {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`
}
