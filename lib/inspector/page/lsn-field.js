// A field for a number with a button: an LSN, a page, a step.
import { html } from './dom.js'

/**
 * @param {string} label
 * @param {string} action what the button says
 * @param {(value: number) => void} entered
 */
export function numberField(label, action, entered) {
  const input = html('input', {
    ...{ type: 'text', inputmode: 'numeric', pattern: '[0-9,]*', autocomplete: 'off', size: 13 },
    'aria-label': label,
  })
  const form = html(
    'form',
    {
      class: 'number-field',
      submit: (/** @type {Event} */ event) => {
        event.preventDefault()
        const text = input.value.replaceAll(',', '').trim()
        if (/^\d{1,16}$/.test(text)) entered(Number(text))
        else input.setCustomValidity('A whole number is needed.')
        input.reportValidity()
      },
      input: () => input.setCustomValidity(''),
    },
    html('label', {}, html('span', { text: label }), input),
    html('button', { type: 'submit', text: action }),
  )
  return {
    root: form,
    /** @param {number | undefined} value */
    show(value) {
      if (document.activeElement !== input) input.value = value === undefined ? '' : String(value)
    },
  }
}
