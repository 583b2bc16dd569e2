// The third tab: a restart of this store, one record at a time, without doing it.
import { button, emptyState, html, svg } from '../dom.js'
import { numberField } from '../lsn-field.js'
import { hashOf, replaceHash } from '../place.js'
import { ask, isAborted } from '../server.js'
import { tablesView } from '../tables.js'
import { grouped } from '../words.js'
import { bringLitIntoView, losersTable } from './losers.js'
import { drawPasses, passesHeight } from './passes.js'
import { highlightsOf, tablesBehind } from './restart-state.js'
import { stepView } from './step-view.js'
import { summaryView } from './summary-view.js'

/**
 * @typedef {import('../server.js').RestartPage} RestartPage
 * @typedef {import('../server.js').RestartSummary} Summary
 */

const pollMs = 500
const paces = { slow: 1600, normal: 600, fast: 120 }

/** @param {{ failed: (error: unknown) => void }} listener */
export function makeRestartTab({ failed }) {
  /** @type {Summary | undefined} */
  let summary
  /** @type {RestartPage | undefined} */
  let page
  let at = 0
  let isVisible = false
  let poll = 0
  let timer = 0
  let asked = new AbortController()

  const passes = svg('svg', {
    class: 'passes',
    height: passesHeight,
    role: 'img',
    'aria-label': 'The three passes over the log',
  })
  const passesBox = html('div', { class: 'passes-box' }, passes)
  const counts = html('div')
  const stepBox = html('div', { class: 'panel-body', 'aria-live': 'polite' })
  const tablesBox = html('div', { class: 'panel-body' })
  const progress = html('input', {
    type: 'range',
    min: 0,
    max: 0,
    step: 1,
    value: 0,
    'aria-label': 'Step of the restart',
  })
  const jump = numberField('Step', 'Go', (number) => void go(number - 1))
  const controls = {
    first: button('First', () => void go(0), { title: 'First step (Home)' }),
    back: button('Back', () => void go(at - 1), { title: 'One step back (←)' }),
    play: button('Play', () => setPlaying(timer === 0), {
      class: 'main',
      title: 'Play or pause (space)',
    }),
    step: button('Step', () => void go(at + 1), { title: 'One step (→)' }),
    last: button('Last', () => void go(Number.MAX_SAFE_INTEGER), { title: 'Last step (End)' }),
  }
  const pace = html(
    'select',
    { 'aria-label': 'Pace', change: () => timer !== 0 && (setPlaying(false), setPlaying(true)) },
    html('option', { value: 'slow', text: 'slow' }),
    html('option', { value: 'normal', text: 'normal', selected: true }),
    html('option', { value: 'fast', text: 'fast' }),
  )
  const phases = {
    analysis: button('Analysis', () => jumpTo('analysis')),
    redo: button('Redo', () => jumpTo('redo')),
    undo: button('Undo', () => jumpTo('undo')),
  }
  const problem = html('p', { class: 'bad-note', role: 'alert', hidden: true })
  const player = html(
    'div',
    { class: 'player', role: 'group', 'aria-label': 'Steps of the restart' },
    html('div', { class: 'buttons' }, ...Object.values(controls)),
    html('label', { class: 'pace' }, 'Pace ', pace),
    html(
      'div',
      { class: 'buttons', role: 'group', 'aria-label': 'Jump to a pass' },
      ...Object.values(phases),
    ),
    jump.root,
    progress,
  )
  const content = html(
    'div',
    { class: 'restart-tab' },
    html('p', {
      class: 'lede',
      text: 'What opening this store now would do, record by record. Nothing of it is done.',
    }),
    html('section', { class: 'card', 'aria-label': 'The three passes' }, passesBox, counts),
    problem,
    player,
    html(
      'div',
      { class: 'split even' },
      html('section', { class: 'card', 'aria-label': 'The step' }, stepBox),
      html('section', { class: 'card', 'aria-label': 'The tables' }, tablesBox),
    ),
  )
  const root = html('div', { tabindex: -1 }, content)

  const loadSummary = async () => {
    clearTimeout(poll)
    try {
      const answer = await ask('restart-summary')
      if (answer.lacking !== undefined) {
        root.replaceChildren(emptyState('No restart', answer.lacking))
        summary = undefined
        return
      }
      if (content.parentNode === null) root.replaceChildren(content)
      summary = answer
      draw()
      const isGoing = !answer.isComplete && answer.problem === undefined
      if (isGoing && isVisible) poll = window.setTimeout(() => void loadSummary(), pollMs)
    } catch (error) {
      failed(error)
    }
  }
  /** @param {number} number */
  const go = async (number) => {
    // It may not be known yet how many there are: the server finds the last one.
    const isKnown = summary?.isComplete === true || summary?.problem !== undefined
    const known = isKnown ? (summary?.steps ?? 1) - 1 : Number.MAX_SAFE_INTEGER
    const wanted = Math.max(0, Math.min(number, known))
    asked.abort()
    asked = new AbortController()
    try {
      if (page === undefined || wanted < page.first || wanted >= page.first + page.steps.length) {
        stepBox.setAttribute('aria-busy', 'true')
        page = await ask('restart', { step: wanted }, asked.signal)
      }
      if (page === undefined) return
      at = Math.max(0, Math.min(wanted, page.first + page.steps.length - 1))
      replaceHash(hashOf('restart', { step: at + 1 }))
      draw()
    } catch (error) {
      if (isAborted(error)) return
      setPlaying(false)
      problem.hidden = false
      problem.textContent = /** @type {Error} */ (error).message
    }
    stepBox.removeAttribute('aria-busy')
  }
  const isAtEnd = () => {
    if (page === undefined) return true
    const { isComplete = false, problem: stop, steps = 0 } = summary ?? {}
    const isLastKnown = (isComplete || stop !== undefined) && at >= steps - 1
    return isLastKnown || (page.isLast && at >= page.first + page.steps.length - 1)
  }

  const draw = () => {
    if (summary === undefined) return
    const step = page?.steps[at - (page?.first ?? 0)]
    const lsn = step?.record?.lsn ?? (step?.phase === 'undo' ? step.transactionLSN : undefined)
    drawPasses(
      passes,
      summary,
      step === undefined ? undefined : { phase: step.phase, lsn },
      Math.max(320, passesBox.clientWidth - 24),
    )
    counts.replaceChildren(summaryView(summary))
    const isGoing = !summary.isComplete && summary.problem === undefined
    const steps = isGoing ? `more than ${grouped(summary.steps)}` : grouped(summary.steps)
    for (const [name, each] of Object.entries(phases)) {
      const first = summary.firstStep[/** @type {'redo'} */ (name)]
      each.disabled = first === undefined
      each.setAttribute('aria-pressed', String(step?.phase === name))
    }
    const stop = page?.problem ?? summary.problem
    problem.hidden = stop === undefined
    if (stop !== undefined) problem.textContent = `The restart would not come through: ${stop}`
    progress.max = String(Math.max(0, summary.steps - 1))
    progress.value = String(at)
    jump.show(at + 1)
    controls.first.disabled = controls.back.disabled = at === 0
    controls.step.disabled = controls.last.disabled = isAtEnd()
    controls.play.disabled = isAtEnd() && timer === 0
    if (step === undefined || page === undefined) {
      const none =
        page === undefined
          ? 'Walking through the restart …'
          : 'There is nothing to do: the log has no records that a restart would look at.'
      stepBox.replaceChildren(html('p', { class: 'nothing', text: none }))
      tablesBox.replaceChildren()
      return
    }
    stepBox.replaceChildren(stepView(step, at, steps))
    const tables = tablesBehind(page, at - page.first)
    tablesBox.replaceChildren(
      step.phase === 'undo'
        ? losersTable(step.left, step.leftCount, step.transactionLSN)
        : tablesView(
            tables,
            highlightsOf(step),
            step.phase === 'redo' ? 'Losers (ATT)' : undefined,
          ),
    )
    bringLitIntoView(tablesBox)
  }
  /** @param {boolean} isPlaying */
  const setPlaying = (isPlaying) => {
    clearInterval(timer)
    timer = 0
    if (isPlaying) {
      const period = paces[/** @type {keyof typeof paces} */ (pace.value)]
      timer = window.setInterval(() => {
        if (isAtEnd()) setPlaying(false)
        else if (stepBox.getAttribute('aria-busy') !== 'true') void go(at + 1)
      }, period)
    }
    controls.play.textContent = isPlaying ? 'Pause' : 'Play'
    controls.play.setAttribute('aria-pressed', String(isPlaying))
    draw()
  }
  /** @param {'analysis' | 'redo' | 'undo'} name */
  const jumpTo = (name) => {
    const first = summary?.firstStep[name]
    if (first !== undefined) void go(first)
  }
  progress.addEventListener('change', () => void go(Number(progress.value)))
  /** @type {Record<string, () => void>} */
  const keys = {
    ArrowRight: () => void go(at + 1),
    ArrowLeft: () => void go(at - 1),
    Home: () => void go(0),
    End: () => void go(Number.MAX_SAFE_INTEGER),
    ' ': () => setPlaying(timer === 0),
  }
  document.addEventListener('keydown', (event) => {
    const target = /** @type {Element | null} */ (event.target)
    const isTaken =
      target?.closest('input, select, button, a, [role=tablist], pre') !== null &&
      target?.closest('input, select, button, a, [role=tablist], pre') !== undefined
    const action = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
    if (!isVisible || summary === undefined || isTaken || action === undefined) return
    event.preventDefault()
    action()
  })
  new ResizeObserver(() => draw()).observe(passesBox)

  return {
    root,
    /** @param {Readonly<Record<string, number>>} numbers */
    async show({ step }) {
      isVisible = true
      await loadSummary()
      if (summary !== undefined) await go(step === undefined ? at : step - 1)
    },
    hide() {
      isVisible = false
      clearTimeout(poll)
      if (timer !== 0) setPlaying(false)
    },
    async renew() {
      if (summary === undefined && !isVisible) return
      page = undefined
      at = 0
      await loadSummary()
      if (summary !== undefined) await go(0)
    },
  }
}
