// Numbers, and what happened last in words.
import { element, grouped, setText } from './elements.js'

/** @typedef {import('./lab.js').LabState} LabState */

const shownMax = 14

/** @type {[string, (state: LabState) => string][]} */
const figures = [
  ['Commits / flush', ({ counts }) => counts.commitsPerFlush.toFixed(1)],
  ['Commits / s', ({ counts }) => grouped(counts.commitsPerSecond)],
  ['Acknowledged', ({ counts }) => grouped(counts.acknowledged)],
  ['Appended', ({ counts }) => grouped(counts.appended)],
  ['Device writes', ({ counts }) => grouped(counts.deviceWrites)],
  ['Flushes', ({ counts }) => grouped(counts.deviceSyncs)],
]

export function makeSidelights() {
  const values = figures.map(() => element('dd', {}))
  const numbers = element(
    'dl',
    { class: 'lab-figures' },
    ...figures.map(([name], i) =>
      element('div', {}, element('dt', { text: name }), /** @type {HTMLElement} */ (values[i])),
    ),
  )
  const happenings = element('ol', { class: 'lab-happenings', 'aria-label': 'What happened' })
  const clock = element('p', { class: 'lab-sub' })
  return {
    root: element(
      'section',
      { class: 'lab-panel lab-side', 'aria-label': 'Numbers' },
      element('h3', { text: 'What happens' }),
      clock,
      numbers,
      happenings,
    ),
    /** @param {LabState} state */
    show(state) {
      for (const [i, [, textOf]] of figures.entries()) {
        const value = values[i]
        if (value !== undefined) setText(value, textOf(state))
      }
      const seconds = `${(state.timeMs / 1000).toFixed(3)} s`
      const whose = state.device === 'simulated' ? ' of the log’s clock' : ''
      setText(clock, `Step ${grouped(state.tick)}, ${seconds}${whose}`)
      happenings.replaceChildren(
        ...[...state.happenings]
          .slice(-shownMax)
          .reverse()
          .map(({ tick, kind, text }) =>
            element(
              'li',
              { 'data-kind': kind },
              element('span', { class: 'lab-tick', text: String(tick) }),
              element('span', { text }),
            ),
          ),
      )
    },
  }
}
