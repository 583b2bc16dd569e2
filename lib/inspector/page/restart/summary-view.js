// How often each thing happens in the whole restart.
import { html } from '../dom.js'
import { counted, grouped } from '../words.js'

const words = {
  redo: 'redone',
  'not dirty': 'skipped: not in the DPT',
  'before recLSN': 'skipped: before recLSN',
  'on page': 'skipped: on the page',
  damaged: 'not possible: damaged page',
  check: 'compared',
  'no check': 'not compared',
  compensate: 'undone with a CLR',
  'step over': 'CLRs stepped over',
  'ask the user': 'undone by the host',
  end: 'end records',
  lost: 'not found',
}

/** @param {import('../server.js').RestartSummary} summary */
export function summaryView({ steps, counts, isComplete, problem }) {
  const entries = Object.entries(words)
    .filter(([name]) => counts[name] !== undefined)
    .map(([name, text]) => {
      const state = name === 'damaged' || name === 'lost' ? 'bad' : ''
      return html(
        'li',
        { class: state },
        html('strong', { text: grouped(counts[name] ?? 0) }),
        ` ${text}`,
      )
    })
  const isGoing = !isComplete && problem === undefined
  const all = html(
    'li',
    {},
    html('strong', { text: grouped(steps) }),
    isGoing ? ' steps so far …' : ` ${counted(steps, 'step').replace(/^\S+ /, '')}`,
  )
  return html(
    'ul',
    { class: 'restart-counts', 'aria-label': 'The restart in numbers' },
    all,
    ...entries,
  )
}
