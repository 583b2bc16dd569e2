// The log as a time line: what is drawn, where, and what a pointer or a key does to it.
import { button, html, svg } from '../dom.js'
import { bytesInWords, grouped } from '../words.js'
import { drawLanes } from './lanes.js'
import { drawOverview } from './overview.js'
import { inside, panned, scaleOf, showing, zoomed } from './scale.js'
import { drawStrips, stripsHeight } from './strips.js'

/**
 * @typedef {import('../server.js').Summary} Summary
 * @typedef {import('../server.js').Index} Index
 * @typedef {import('../server.js').WindowView} WindowView
 * @typedef {import('./scale.js').Range} Range
 * @typedef {{ summary: Summary, index: Index, fine: WindowView | undefined, selected: number | undefined }} Shown
 * @typedef {Shown & { window: Range, whole: Range, width: number, left: number, right: number }} Drawing
 */

/** Room for the names of the strips. */
const gutter = 84
const margin = 12
const overviewHeight = 30

/**
 * @param {{
 *   picked: (lsn: number, isRecord: boolean) => void,
 *   moved: (window: Range) => void,
 * }} listener `moved` is called after each change of the window
 */
export function makeTimeLine({ picked, moved }) {
  const overview = svg('svg', { class: 'overview', height: overviewHeight, 'aria-hidden': 'true' })
  const strips = svg('svg', { class: 'strips', height: stripsHeight, role: 'img' })
  const lanes = svg('svg', { class: 'lanes', role: 'img', 'aria-label': 'Transactions' })
  const lanesBox = html('div', { class: 'lanes-box', tabindex: -1 }, lanes)
  const remark = html('p', { class: 'remark' })
  const range = html('output', { class: 'range' })
  const canvas = html(
    'div',
    {
      ...{ class: 'canvas', tabindex: 0, role: 'group' },
      'aria-label':
        'Time line of the log. Arrow keys move, plus and minus zoom, Home and ' +
        'End go to the ends, 0 shows everything.',
    },
    overview,
    strips,
    lanesBox,
  )
  /** @type {Shown | undefined} */
  let shown
  /** @type {Range} */
  let window_ = { from: 0, to: 1 }
  let frame = 0

  const whole = () => {
    const { fromLSN = 0, toLSN = 0 } = shown?.index ?? {}
    const end = Math.max(toLSN, shown?.summary.endLSN ?? 0)
    // An empty log has a line, too.
    return { from: fromLSN, to: Math.max(end, fromLSN + 1024) }
  }
  const width = () => Math.max(320, canvas.clientWidth)
  const scale = () => scaleOf(window_, gutter, width() - margin)

  const draw = () => {
    frame = 0
    if (shown === undefined) return
    const edges = { width: width(), left: gutter, right: width() - margin }
    /** @type {Drawing} */
    const drawing = { ...shown, ...edges, window: window_, whole: whole() }
    drawOverview(overview, drawing, overviewHeight)
    drawStrips(strips, drawing)
    remark.textContent = drawLanes(lanes, drawing)
    lanesBox.hidden = !shown.summary.isStore
    remark.hidden = remark.textContent === ''
    const bytes = bytesInWords(window_.to - window_.from)
    range.textContent = `LSN ${grouped(window_.from)} to ${grouped(window_.to)}, ${bytes}`
  }
  const redraw = () => {
    if (frame === 0) frame = requestAnimationFrame(draw)
  }
  /** @param {Range} next */
  const move = (next) => {
    if (next.from === window_.from && next.to === window_.to) return
    window_ = next
    redraw()
    moved(next)
  }
  const middle = () => (window_.from + window_.to) / 2
  /** @param {number} factor @param {number} [at] */
  const zoom = (factor, at = middle()) => move(zoomed(window_, whole(), factor, at))
  /** @param {number} share */
  const pan = (share) => move(panned(window_, whole(), share * (window_.to - window_.from)))
  const showAll = () => move(whole())

  watchPointer(canvas, overview, {
    zoom: (factor, x) => zoom(factor, scale().lsn(x)),
    panBy: (pixels) => move(panned(window_, whole(), pixels / perByte())),
    jump: (x) => {
      const at = scaleOf(whole(), gutter, width() - margin).lsn(x)
      const half = (window_.to - window_.from) / 2
      move(inside({ from: at - half, to: at + half }, whole()))
    },
    pick: (x, element) => {
      const lsn = element?.closest('[data-lsn]')?.getAttribute('data-lsn')
      if (lsn !== null && lsn !== undefined) picked(Number(lsn), true)
      else if (x >= gutter) picked(Math.round(scale().lsn(x)), false)
    },
  })
  const perByte = () => (width() - margin - gutter) / Math.max(1, window_.to - window_.from)

  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowLeft: () => pan(-0.2),
    ArrowRight: () => pan(0.2),
    PageUp: () => pan(-0.9),
    PageDown: () => pan(0.9),
    Home: () => pan(-Infinity),
    End: () => pan(Infinity),
    '+': () => zoom(0.5),
    '=': () => zoom(0.5),
    '-': () => zoom(2),
    0: showAll,
  }
  canvas.addEventListener('keydown', (event) => {
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
    if (action === undefined) return
    event.preventDefault()
    if (event.key === 'Home') move(inside(shifted(window_, whole().from), whole()))
    else if (event.key === 'End') move(inside(shifted(window_, whole().to), whole()))
    else action()
  })
  new ResizeObserver(redraw).observe(canvas)

  const tools = html(
    'div',
    { class: 'tools', role: 'group', 'aria-label': 'Window of the time line' },
    button('−', () => zoom(2), { 'aria-label': 'Zoom out', title: 'Zoom out (−)' }),
    button('+', () => zoom(0.5), { 'aria-label': 'Zoom in', title: 'Zoom in (+)' }),
    button('Whole log', showAll, { title: 'Show the whole log (0)' }),
    button('End', () => move(inside(shifted(window_, whole().to), whole())), {
      title: 'Go to the end of the log (End)',
    }),
  )
  return {
    root: html('div', { class: 'time-line' }, canvas, remark),
    tools,
    range,
    whole,
    window: () => window_,
    /** @param {Shown} next */
    show(next) {
      shown = next
      redraw()
    },
    /** @param {Range} next */
    setWindow: (next) => move(inside(next, whole())),
    /** Moves the window if `lsn` is not in it. @param {number} lsn */
    reveal: (lsn) => move(showing(window_, whole(), lsn)),
  }
}

/** @param {Range} window @param {number} from @returns {Range} */
function shifted(window, from) {
  return { from, to: from + window.to - window.from }
}

/**
 * Wheel: pans sideways, zooms with Ctrl or up and down. Drag: pans. Click: picks.
 * @param {HTMLElement} canvas
 * @param {SVGElement} overview
 * @param {{
 *   zoom: (factor: number, x: number) => void,
 *   panBy: (pixels: number) => void,
 *   jump: (x: number) => void,
 *   pick: (x: number, element: Element | null) => void,
 * }} does
 */
function watchPointer(canvas, overview, does) {
  const xOf = (/** @type {MouseEvent} */ event) =>
    event.clientX - canvas.getBoundingClientRect().left
  canvas.addEventListener(
    'wheel',
    (event) => {
      const isSideways = Math.abs(event.deltaX) > Math.abs(event.deltaY) || event.shiftKey
      const pixels = event.deltaMode === 0 ? 1 : 16
      // Lanes that do not fit are scrolled; everything else about the time line is zoomed.
      const lanes = /** @type {Element} */ (event.target).closest('.lanes-box')
      const scrolls = lanes !== null && lanes.scrollHeight > lanes.clientHeight + 1
      if (!isSideways && scrolls && !event.ctrlKey) return
      event.preventDefault()
      if (isSideways) does.panBy((event.deltaX || event.deltaY) * pixels)
      else does.zoom(1.0018 ** (event.deltaY * pixels), xOf(event))
    },
    { passive: false },
  )
  /** @type {{ x: number, moved: boolean, target: Element | null, isOverview: boolean } | undefined} */
  let drag
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return
    const target = /** @type {Element | null} */ (event.target)
    const isOverview = target !== null && overview.contains(target)
    drag = { x: event.clientX, moved: false, target, isOverview }
    if (isOverview) does.jump(xOf(event))
  })
  canvas.addEventListener('pointermove', (event) => {
    if (drag === undefined) return
    const pixels = event.clientX - drag.x
    if (!drag.moved && Math.abs(pixels) < 4) return
    if (!drag.moved) canvas.setPointerCapture(event.pointerId)
    drag.moved = true
    drag.x = event.clientX
    if (drag.isOverview) does.jump(xOf(event))
    else does.panBy(-pixels)
    canvas.classList.add('dragged')
  })
  canvas.addEventListener('pointerup', (event) => {
    canvas.classList.remove('dragged')
    if (drag !== undefined && !drag.moved && !drag.isOverview) does.pick(xOf(event), drag.target)
    drag = undefined
  })
  canvas.addEventListener('pointercancel', () => {
    canvas.classList.remove('dragged')
    drag = undefined
  })
  canvas.addEventListener('dblclick', (event) => does.zoom(0.4, xOf(event)))
}
