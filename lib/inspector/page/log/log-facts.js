// The log in numbers.
import { html } from '../dom.js'
import { recordLink } from '../links.js'
import { bytesInWords, counted, grouped } from '../words.js'

/** @typedef {import('../server.js').Summary} Summary */
/** @typedef {import('../server.js').Index} Index */

/** @param {Summary} summary @param {Index} index */
export function logFacts(summary, index) {
  const { layout, tail, isStore } = summary
  const bytes = layout.segments.reduce((sum, segment) => sum + segment.bytes, 0)
  const share = (index.atLSN - index.fromLSN) / Math.max(1, index.toLSN - index.fromLSN)
  const reading = index.isComplete
    ? undefined
    : html(
        'div',
        { class: 'fact wide' },
        html('span', { text: `Reading the log, ${Math.floor(share * 100)} %` }),
        html('progress', { max: 1, value: share.toFixed(3), 'aria-label': 'Reading the log' }),
      )
  const lost = layout.master === undefined ? 'lost' : `slot with sequence ${layout.master.sequence}`
  return html(
    'div',
    { class: 'fact-row' },
    fact(
      'Log',
      bytesInWords(Math.max(0, index.toLSN - index.fromLSN)),
      `LSN ${grouped(index.fromLSN)} to ${grouped(index.toLSN)}`,
    ),
    fact('Segments', grouped(layout.segmentCount), `${bytesInWords(bytes)} on disk`),
    fact('Records', grouped(index.records), counted(index.incarnationCount, 'open')),
    isStore
      ? fact(
          'Transactions',
          grouped(index.committed + index.rolledBack + index.running),
          `${grouped(index.committed)} committed, ${grouped(index.rolledBack)} ` +
            `rolled back, ${grouped(index.running)} running`,
        )
      : undefined,
    isStore
      ? fact('Checkpoints', grouped(index.checkpointCount), lastCheckpoint(summary))
      : undefined,
    fact(
      'Master record',
      layout.master === undefined ? 'lost' : 'good',
      lost,
      layout.master === undefined ? 'bad' : '',
    ),
    endFact(summary),
    index.problemCount > 0
      ? fact('Damage', counted(index.problemCount, 'place'), firstProblem(index), 'bad')
      : undefined,
    reading,
    tail.verdict === 'damaged'
      ? html('p', { class: 'verdict bad', text: `An open refuses this log: ${tail.reason}.` })
      : undefined,
  )
}

/** @param {string} name @param {string} value @param {import('../dom.js').Child} note @param {string} [state] */
function fact(name, value, note, state = '') {
  return html(
    'div',
    { class: `fact ${state}` },
    html('span', { class: 'fact-name', text: name }),
    html('strong', { text: value }),
    html('span', { class: 'fact-note' }, note),
  )
}

/** @param {Summary} summary */
function lastCheckpoint({ layout }) {
  const lsn = layout.master?.checkpointLSN ?? 0
  return lsn === 0 ? 'none was taken' : html('span', {}, 'last at ', recordLink(lsn))
}

/** @param {Index} index */
function firstProblem({ problems }) {
  const [first] = problems
  return first === undefined ? '' : html('span', {}, 'first at ', recordLink(first.lsn))
}

/** @param {Summary} summary */
function endFact({ tail }) {
  switch (tail.verdict) {
    case 'new':
      return fact('End', 'empty', 'nothing was ever appended')
    case 'clean':
      return fact(
        'End',
        'clean',
        tail.closedCleanly ? 'closed in order' : 'not closed: a restart is due',
      )
    case 'torn':
      return fact('End', 'torn', `an open cuts off ${counted(tail.cutBytes, 'byte')}`, 'warn')
    default:
      return fact('End', 'damaged', html('span', {}, 'at LSN ', recordLink(tail.endLSN)), 'bad')
  }
}
