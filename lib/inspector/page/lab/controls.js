// Everything that can be set and pressed.
import { element, setText } from './elements.js'

/** @typedef {import('./lab.js').LabState} LabState */
/** @typedef {import('./lab.js').LabRequest} LabRequest */

const promises = {
  sync:
    'One commit at a time: each waits for its own flush before the next ' +
    'begins. When a commit is acknowledged, its record survives every power ' +
    'cut. The price is one flush per commit.',
  group:
    'Everybody commits when they like; whoever comes while a flush is under ' +
    'way shares the next one. The promise is the same as in sync mode: ' +
    'acknowledged means on the media. The flushes are fewer.',
  async:
    'A commit is acknowledged as soon as its record is in the buffer, and ' +
    'flushed within 10 ms of the log’s clock. Acknowledged does not mean ' +
    'durable: a power cut may lose the newest records, but never one from ' +
    'the middle.',
}

const survivals = {
  nothing: 'nothing of it',
  random: 'each sector by chance',
  torn: 'the first part, torn off',
  everything: 'all of it',
}

const recordSizes = [64, 256, 1024, 4096]

/** @param {(request: LabRequest) => Promise<void>} send */
export function makeControls(send) {
  /** @param {Record<string, unknown>} settings */
  const configure = (settings) => void send({ do: 'configure', settings })
  const modes = makeChoice(
    'Commit mode',
    'lab-mode',
    { sync: 'Sync', group: 'Group', async: 'Async' },
    (mode) => configure({ mode }),
  )
  const committers = makeCommitters((count) => configure({ committers: count }))
  const size = makeSelect(
    'Record size',
    recordSizes.map((bytes) => [String(bytes), `${bytes} bytes`]),
    (bytes) => configure({ recordBytes: Number(bytes) }),
  )
  const pace = makePace(send)
  const power = makePower(send, configure)
  const promise = element('p', { class: 'lab-promise' })
  const note = element('p', { class: 'lab-note' })
  const bar = element(
    'div',
    { class: 'lab-bar' },
    modes.root,
    committers.root,
    size.root,
    pace.root,
  )
  return {
    bar,
    promise: element('div', { class: 'lab-lede' }, promise, note),
    power: power.root,
    /** @param {LabState} state */
    show(state) {
      modes.show(state.settings.mode)
      committers.show(state.settings.committers)
      size.show(String(state.settings.recordBytes))
      pace.show(state)
      power.show(state)
      setText(promise, promises[state.settings.mode])
      setText(note, state.deviceNote)
    },
  }
}

/**
 * Radio buttons side by side.
 * @param {string} legend
 * @param {string} name
 * @param {Record<string, string>} labels
 * @param {(value: string) => void} chosen
 */
function makeChoice(legend, name, labels, chosen) {
  /** @type {Record<string, HTMLInputElement>} */
  const inputs = {}
  const options = Object.entries(labels).map(([value, label]) => {
    const input = element('input', { type: 'radio', name, value, change: () => chosen(value) })
    inputs[value] = /** @type {HTMLInputElement} */ (input)
    return element('label', {}, input, element('span', { text: label }))
  })
  return {
    root: element(
      'fieldset',
      { class: 'lab-choice' },
      element('legend', { text: legend }),
      element('div', { class: 'lab-segments' }, ...options),
    ),
    /** @param {string} value */
    show(value) {
      const input = inputs[value]
      if (input !== undefined) input.checked = true
    },
  }
}

/** @param {(count: number) => void} chosen */
function makeCommitters(chosen) {
  const output = element('output', {})
  const range = /** @type {HTMLInputElement} */ (
    element('input', {
      ...{ type: 'range', min: 1, max: 16, step: 1, 'aria-label': 'Committers' },
      input: () => setText(output, range.value),
      change: () => chosen(Number(range.value)),
    })
  )
  return {
    root: element(
      'div',
      { class: 'lab-field' },
      element('span', { class: 'lab-label' }, 'Committers ', output),
      range,
    ),
    /** @param {number} count */
    show(count) {
      if (document.activeElement !== range || !range.matches(':active')) range.value = String(count)
      setText(output, range.value)
    },
  }
}

/**
 * @param {string} label
 * @param {string[][]} options values and their texts
 * @param {(value: string) => void} chosen
 */
function makeSelect(label, options, chosen) {
  const select = /** @type {HTMLSelectElement} */ (
    element(
      'select',
      { change: () => chosen(select.value) },
      ...options.map(([value, text]) => element('option', { value, text })),
    )
  )
  return {
    root: element(
      'label',
      { class: 'lab-field' },
      element('span', { class: 'lab-label', text: label }),
      select,
    ),
    /** @param {string} value */
    show(value) {
      if (select.value !== value) select.value = value
    },
  }
}

/** @param {(request: LabRequest) => Promise<void>} send */
function makePace(send) {
  const paces = {
    pause: button('Pause', () => send({ do: 'pause' })),
    slow: button('Slow', () => send({ do: 'run', speed: 'slow' })),
    normal: button('Normal', () => send({ do: 'run', speed: 'normal' })),
  }
  const step = button('Step', () => send({ do: 'step' }))
  return {
    root: element(
      'div',
      { class: 'lab-field lab-pace', role: 'group', 'aria-label': 'Speed' },
      element('span', { class: 'lab-label', text: 'Speed' }),
      element('div', { class: 'lab-buttons' }, ...Object.values(paces), step),
    ),
    /** @param {LabState} state */
    show(state) {
      const current = state.speed === 'paused' ? 'pause' : state.speed
      for (const [name, one] of Object.entries(paces))
        one.setAttribute('aria-pressed', String(name === current))
      const isAtWork = state.phase === 'running' || state.phase === 'recovering'
      step.disabled = !isAtWork
    },
  }
}

/**
 * @param {(request: LabRequest) => Promise<void>} send
 * @param {(settings: Record<string, unknown>) => void} configure
 */
function makePower(send, configure) {
  const survival = makeSelect('Of the drive’s cache survives', Object.entries(survivals), (value) =>
    configure({ survival: value }),
  )
  const lies = /** @type {HTMLInputElement} */ (
    element('input', {
      ...{ type: 'checkbox', role: 'switch' },
      change: () => configure({ isLying: lies.checked }),
    })
  )
  const main = button('Cut power', (event) => {
    // The second half of a double click was not meant for what the button has become.
    if (event.detail > 1) return
    if (main.dataset.request === 'restart') void seed.restart()
    else void send(nextOf(main.dataset.request))
  })
  main.classList.add('lab-main')
  const hint = element('p', { class: 'lab-hint' })
  const seed = makeSeed(send)
  const root = element(
    'section',
    { class: 'lab-panel lab-power', 'aria-label': 'Power' },
    element('h3', { text: 'Power' }),
    main,
    hint,
    survival.root,
    element(
      'label',
      { class: 'lab-check' },
      lies,
      element(
        'span',
        {},
        element('strong', { text: 'Lying drive' }),
        ' says that it flushed, and does not',
      ),
    ),
    seed.root,
  )
  return {
    root,
    /** @param {LabState} state */
    show(state) {
      const { request, label, sentence } = actionOf(state)
      main.dataset.request = request
      setText(main, label)
      main.disabled = request === ''
      setText(hint, sentence)
      survival.show(state.settings.survival)
      lies.checked = state.settings.isLying
      seed.show(state)
    },
  }
}

/** @param {(request: LabRequest) => Promise<void>} send */
function makeSeed(send) {
  const seed = /** @type {HTMLInputElement} */ (
    element('input', { type: 'number', min: 0, max: 0xffffffff, step: 1, 'aria-label': 'Seed' })
  )
  const restart = () =>
    send({
      do: 'restart',
      ...(seed.validity.valid && seed.value !== '' ? { seed: Number(seed.value) } : {}),
    })
  seed.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') void restart()
  })
  let shown = -1
  return {
    restart,
    root: element(
      'div',
      { class: 'lab-seed' },
      element('span', { class: 'lab-label', text: 'Seed' }),
      seed,
      button('New log', restart),
    ),
    /** @param {LabState} state */
    show(state) {
      if (shown !== state.seed) seed.value = String(state.seed)
      shown = state.seed
    },
  }
}

/** @param {string | undefined} name @returns {LabRequest} */
function nextOf(name) {
  return { do: name === 'recover' || name === 'resume' ? name : 'cut' }
}

/** What the big button does now.
 * @param {LabState} state
 */
function actionOf(state) {
  const isSimulated = state.device === 'simulated'
  const cut = isSimulated ? 'Cut power' : 'Kill the process'
  switch (state.phase) {
    case 'off':
      return {
        request: 'recover',
        label: isSimulated ? 'Power on' : 'Start again',
        sentence:
          `Memory is lost. What the ${isSimulated ? 'drive' : 'kernel'} has left, ` +
          'nobody knows before somebody reads it.',
      }
    case 'recovering':
      return {
        request: '',
        label: 'Recovering …',
        sentence: 'Press Step, or let it run, to see how.',
      }
    case 'recovered':
      return {
        request: 'resume',
        label: 'Go on',
        sentence: 'The log is open again. Go on, and cut as often as you like.',
      }
    case 'refused':
    case 'failed':
      return { request: 'restart', label: 'New log', sentence: 'This log cannot be used any more.' }
    case 'full':
      return {
        request: 'cut',
        label: cut,
        sentence: 'The scratch log is full. Cut the power, or begin a new log.',
      }
    default:
      return {
        request: 'cut',
        label: cut,
        sentence: isSimulated
          ? 'Everything stops at the moment that you see.'
          : 'With SIGKILL: no chance to write anything any more.',
      }
  }
}

/** @param {string} text @param {(event: MouseEvent) => unknown} pressed */
function button(text, pressed) {
  return /** @type {HTMLButtonElement} */ (
    element('button', {
      type: 'button',
      text,
      click: (/** @type {MouseEvent} */ event) => void pressed(event),
    })
  )
}
