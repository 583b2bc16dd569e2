// The lab: real commits to a scratch log on their way to the media, and what a power cut leaves.
import { makeControls } from './controls.js'
import { element, setText } from './elements.js'
import { makeOutcome } from './outcome.js'
import { makeSidelights } from './sidelights.js'
import { makeStage } from './stage.js'

/**
 * What the server says: lib/lab/lab-types.ts.
 * @typedef {import('../../../lab/lab-types.ts').LabState} LabState
 * @typedef {import('../../../lab/lab-types.ts').LabRequest} LabRequest
 */

/**
 * Puts the lab into `root`.
 *
 * @param {HTMLElement} root
 * @param {{
 *   command: (request: LabRequest) => Promise<unknown>,
 *   events: { addEventListener: (name: string, listener: (event: any) => void) => void },
 * }} connection `events` delivers a LabState, as JSON, with each `message`
 */
export function mountLab(root, { command, events }) {
  let shown = -1
  const trouble = element('p', { class: 'lab-trouble', role: 'alert', hidden: true })

  /** @param {string} sentence */
  const complain = (sentence) => {
    setText(trouble, sentence)
    trouble.hidden = sentence === ''
  }

  /** @param {LabState} state */
  const show = (state) => {
    if (state.version <= shown) return
    shown = state.version
    root.dataset.phase = state.phase
    root.dataset.device = state.device
    complain(state.failure ?? '')
    for (const part of parts) part.show(state)
  }

  /** @param {LabRequest} request */
  const send = async (request) => {
    try {
      show(/** @type {LabState} */ (await command(request)))
    } catch (error) {
      complain(error instanceof Error ? error.message : String(error))
    }
  }

  const controls = makeControls(send)
  const stage = makeStage()
  const outcome = makeOutcome()
  const sidelights = makeSidelights()
  const parts = [controls, stage, outcome, sidelights]
  root.classList.add('lab')
  root.replaceChildren(
    trouble,
    controls.bar,
    controls.promise,
    element('div', { class: 'lab-picture' }, stage.root, stage.legend),
    element(
      'div',
      { class: 'lab-below' },
      controls.power,
      outcome.root,
      outcome.recovery,
      sidelights.root,
    ),
  )
  events.addEventListener('message', (event) => show(JSON.parse(event.data)))
  events.addEventListener('error', () => complain('The connection to the inspector is gone.'))
  events.addEventListener('open', () => complain(''))
  void send({ do: 'state' })
}
