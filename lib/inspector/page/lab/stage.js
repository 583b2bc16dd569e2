// The picture: records on their way from the committers to the media.
import { countOf, element, grouped, setText } from './elements.js'

/** @typedef {import('./lab.js').LabState} LabState */
/** @typedef {LabState['records'][number]} RecordView */

// As in lab.css.
const [chipWidth, chipHeight, chipGap] = [46, 25, 5]
const moveMs = { slow: 520, normal: 170, paused: 300 }
const reducedMotion = matchMedia('(prefers-reduced-motion: reduce)')

// Where a chip is drawn.
const laneOf = /** @type {const} */ ({ buffer: 'buffer', cache: 'cache', media: 'media' })

export function makeStage() {
  const committers = makeCommitters()
  const lanes = {
    buffer: makeLane('buffer', 'Log buffer', 'memory, lost with the power'),
    cache: makeLane('cache', 'Drive cache', 'the drive may forget it'),
    media: makeLane('media', 'Media', 'survives every power cut'),
  }
  /** @type {Map<number, HTMLElement>} */
  let chips = new Map()
  const root = element(
    'section',
    { class: 'lab-stage', 'aria-label': 'Where the records are' },
    committers.root,
    ...Object.values(lanes).map((lane) => lane.root),
  )

  /** @param {LabState} state */
  const showRecords = (state) => {
    const before = positionsOf(chips)
    /** @type {Map<number, HTMLElement>} */
    const next = new Map()
    for (const [name, lane] of Object.entries(lanes)) {
      const inLane = state.records.filter(
        (record) => laneNameOf(record, chips, state.device) === name,
      )
      const shown = inLane.slice(-lane.capacity())
      lane.place(
        shown.map((record) => {
          const chip = chips.get(record.number) ?? element('li', { class: 'lab-chip' })
          describe(chip, record)
          next.set(record.number, chip)
          return chip
        }),
      )
      lane.showMore(countIn(state, name) - shown.filter(({ place }) => place !== 'gone').length)
    }
    for (const [number, chip] of next) {
      const from = before.get(number) ?? committers.positionOf(Number(chip.dataset.committer))
      move(chip, from, moveMs[state.speed])
    }
    chips = next
  }

  /** @type {LabState | undefined} */
  let last
  new ResizeObserver(() => last !== undefined && showRecords(last)).observe(root)
  return {
    root,
    legend: makeLegend(),
    /** @param {LabState} state */
    show(state) {
      last = state
      committers.show(state)
      showRecords(state)
      showCaptions(lanes, state)
    },
  }
}

/** @type {Record<LabState['phase'], string>} */
const cacheWords = {
  running: 'nothing that could be lost',
  full: 'nothing that could be lost',
  failed: 'nothing that could be lost',
  off: 'nobody has looked yet',
  recovering: 'recovery looks',
  recovered: 'nothing is left in it',
  refused: 'the log was not opened',
}

function makeLegend() {
  const entries = {
    open: 'not acknowledged',
    early: 'acknowledged, not durable',
    kept: 'acknowledged and durable',
    dropped: 'gone, was not acknowledged',
    lost: 'gone, was acknowledged',
  }
  return element(
    'ul',
    { class: 'lab-legend', 'aria-label': 'What the colours mean' },
    ...Object.entries(entries).map(([status, text]) =>
      element(
        'li',
        {},
        element('span', {
          class: 'lab-chip',
          'data-status': status,
          'aria-hidden': 'true',
          text: '7',
        }),
        text,
      ),
    ),
  )
}

/** @param {Record<'buffer' | 'cache' | 'media', ReturnType<typeof makeLane>>} lanes @param {LabState} state */
function showCaptions(lanes, state) {
  const isDirectory = state.device === 'directory'
  const holder = isDirectory ? 'process' : 'power'
  lanes.buffer.setTitle('Log buffer', `memory, lost with the ${holder}`)
  lanes.media.setTitle(
    isDirectory ? 'Flushed' : 'Media',
    isDirectory ? 'as the kernel reports it' : 'survives every power cut',
  )
  const isOn = state.phase === 'running' || state.phase === 'full'
  const unflushed = Math.max(state.endLSN - state.flushedLSN, 0)
  lanes.buffer.setCaption(
    isOn
      ? `${grouped(unflushed)} bytes from LSN ${grouped(state.flushedLSN)} to flush`
      : `gone with the ${holder}`,
  )
  lanes.buffer.setLevel(isOn ? unflushed / state.bufferBytes : 0)
  const { inDrive } = state
  lanes.cache.setCaption(
    inDrive === undefined
      ? cacheWords[state.phase]
      : `${countOf(inDrive.blocks, 'block')}, LSN ${grouped(inDrive.fromLSN)} to ${grouped(inDrive.toLSN)}`,
  )
  lanes.media.setCaption(
    isOn ? `flushedLSN ${grouped(state.flushedLSN)}` : `${countOf(state.counts.onMedia, 'record')}`,
  )
}

/**
 * Gone records stay where they were.
 * @param {RecordView} record
 * @param {Map<number, HTMLElement>} chips
 * @param {LabState['device']} device
 */
function laneNameOf(record, chips, device) {
  if (record.place === 'unknown') return device === 'directory' ? 'buffer' : 'cache'
  if (record.place !== 'gone') return laneOf[record.place]
  return chips.get(record.number)?.closest('[data-lane]')?.getAttribute('data-lane') ?? undefined
}

/** @param {LabState} state @param {string} lane */
function countIn(state, lane) {
  if (lane === 'media') return state.counts.onMedia
  if (lane === 'buffer') return state.counts.inBuffer
  return state.counts.inCache
}

/**
 * What is known about it, to see and to hear.
 * @param {HTMLElement} chip
 * @param {RecordView} record
 */
function describe(chip, record) {
  const isAcknowledged = record.acknowledgedIn !== undefined
  const isEarly =
    isAcknowledged &&
    (record.place === 'buffer' || record.place === 'cache' || record.place === 'unknown')
  const status =
    record.place === 'gone'
      ? isAcknowledged || record.isRecovered
        ? 'lost'
        : 'dropped'
      : isEarly
        ? 'early'
        : isAcknowledged || record.isRecovered
          ? 'kept'
          : 'open'
  if (chip.dataset.status === status && chip.dataset.place === record.place) return
  chip.dataset.status = status
  chip.dataset.place = record.place
  chip.dataset.committer = String(record.committer)
  setText(chip, String(record.number))
  const words = {
    lost: 'acknowledged, and lost',
    dropped: 'not acknowledged, and gone',
    early: 'acknowledged, but not durable',
    kept: record.isRecovered ? 'recovered' : 'acknowledged and durable',
    open: 'not acknowledged yet',
  }
  chip.title =
    `Record ${record.number} of committer ${record.committer}, LSN ` +
    `${grouped(record.lsn)}: ${words[status]}`
}

/** @param {string} name @param {string} title @param {string} subtitle */
function makeLane(name, title, subtitle) {
  const head = element('h3', { text: title })
  const sub = element('p', { class: 'lab-sub', text: subtitle })
  const list = element('ol', { class: 'lab-chips', 'aria-label': title })
  const more = element('p', { class: 'lab-more' })
  const caption = element('p', { class: 'lab-caption' })
  const level = element('span', { class: 'lab-level' })
  const root = element(
    'div',
    { class: 'lab-lane', 'data-lane': name },
    element('header', {}, head, sub),
    list,
    more,
    element(
      'footer',
      {},
      caption,
      ...(name === 'buffer' ? [element('span', { class: 'lab-gauge' }, level)] : []),
    ),
  )
  return {
    root,
    // Chips are all of one size, and the lane does not grow.
    capacity() {
      const across = Math.floor((list.clientWidth + chipGap) / (chipWidth + chipGap))
      const down = Math.floor((list.clientHeight + chipGap) / (chipHeight + chipGap))
      return Math.max(across * down, 1)
    },
    /** @param {HTMLElement[]} chips */
    place(chips) {
      for (const [i, chip] of chips.entries())
        if (list.children[i] !== chip) list.insertBefore(chip, list.children[i] ?? null)
      while (list.children.length > chips.length) list.lastElementChild?.remove()
    },
    /** @param {number} hidden */
    showMore(hidden) {
      setText(more, hidden > 0 ? `and ${grouped(hidden)} before` : '')
    },
    /** @param {string} text */
    setCaption: (text) => setText(caption, text),
    /** @param {number} share */
    setLevel: (share) => void (level.style.inlineSize = `${Math.min(share * 100, 100)}%`),
    /** @param {string} text @param {string} below */
    setTitle(text, below) {
      setText(head, text)
      setText(sub, below)
    },
  }
}

const committerWords = {
  idle: 'thinks',
  queued: 'waits for its turn',
  waiting: 'waits for its flush',
}

function makeCommitters() {
  const list = element('ol', { class: 'lab-committers', 'aria-label': 'Committers' })
  const root = element(
    'div',
    { class: 'lab-lane lab-people', 'data-lane': 'committers' },
    element(
      'header',
      {},
      element('h3', { text: 'Committers' }),
      element('p', { class: 'lab-sub', text: 'commits each' }),
    ),
    list,
  )
  return {
    root,
    /** @param {number} id */
    positionOf: (id) => list.children[id - 1]?.getBoundingClientRect(),
    /** @param {LabState} state */
    show(state) {
      while (list.children.length > state.committers.length) list.lastElementChild?.remove()
      list.dataset.many = String(state.committers.length > 8)
      for (const [i, { id, state: doing, acknowledged }] of state.committers.entries()) {
        const known = list.children[i]
        const item = /** @type {HTMLElement} */ (known ?? list.appendChild(newCommitter(id)))
        item.dataset.state = doing
        item.title = `Committer ${id} ${committerWords[doing]}`
        const count = item.lastElementChild
        if (count === null || count.textContent === String(acknowledged)) continue
        setText(count, String(acknowledged))
        if (known !== undefined && acknowledged > 0) flash(item)
      }
    },
  }
}

/** @param {number} id */
function newCommitter(id) {
  return element(
    'li',
    {},
    element('span', { class: 'lab-who', text: String(id) }),
    element('span', { class: 'lab-acknowledged', text: '0' }),
  )
}

/** @param {Map<number, HTMLElement>} chips */
function positionsOf(chips) {
  /** @type {Map<number, DOMRect>} */
  const positions = new Map()
  for (const [number, chip] of chips) positions.set(number, chip.getBoundingClientRect())
  return positions
}

/**
 * Lets a chip come from where it was.
 * @param {HTMLElement} chip
 * @param {DOMRect | undefined} from
 * @param {number} duration
 */
function move(chip, from, duration) {
  if (from === undefined || reducedMotion.matches) return
  const to = chip.getBoundingClientRect()
  const [x, y] = [from.left - to.left, from.top - to.top]
  if (Math.abs(x) < 1 && Math.abs(y) < 1) return
  chip.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: 'none' }], {
    ...{ duration, easing: 'cubic-bezier(.3, .1, .2, 1)' },
  })
}

/** @param {HTMLElement} item */
function flash(item) {
  if (reducedMotion.matches) return
  item.animate([{ backgroundColor: 'var(--lab-kept)' }, {}], { duration: 500 })
}
