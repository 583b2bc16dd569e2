// What the colours mean.
import { html } from '../dom.js'
import { typeClass } from '../type-colours.js'

/** @param {readonly string[]} typeNames @param {boolean} isStore @param {boolean} hasDamage */
export function legend(typeNames, isStore, hasDamage) {
  const types = typeNames.map((typeName) => {
    const text = /^\d+$/.test(typeName) ? `type ${typeName}` : typeName
    return entry(`dot ${typeClass(typeName)}`, text)
  })
  const outcomes = isStore
    ? [
        entry('dash committed', 'committed'),
        entry('dash rolled-back', 'rolled back'),
        entry('dash running', 'running at the end'),
      ]
    : []
  const marks = [
    ...(isStore ? [entry('triangle', 'checkpoint')] : []),
    entry('diamond', 'open (incarnation)'),
    ...(hasDamage ? [entry('dot damage', 'damage')] : []),
  ]
  return html('ul', { class: 'legend', 'aria-label': 'Legend' }, ...types, ...outcomes, ...marks)
}

/** @param {string} className @param {string} text */
function entry(className, text) {
  return html('li', {}, html('i', { class: className }), text)
}
