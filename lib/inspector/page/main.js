// The inspector: tabs, and what is said about the log as a whole.
import { button, emptyState, html } from './dom.js'
import { mountLab } from './lab/lab.js'
import { makeLogTab } from './log/log-tab.js'
import { makePagesTab } from './pages/pages-tab.js'
import { placeFrom, tabNames } from './place.js'
import { makeRestartTab } from './restart/restart-tab.js'
import { ask, post } from './server.js'
import { timeInWords } from './words.js'

/** @typedef {import('./server.js').Summary} Summary */
/** @typedef {import('./place.js').TabName} TabName */
/**
 * @typedef {{
 *   root: HTMLElement,
 *   show: (numbers: Readonly<Record<string, number>>) => Promise<void>,
 *   hide: () => void,
 *   renew: () => Promise<void>,
 * }} Tab
 */

const titles = { log: 'Log', pages: 'Pages', restart: 'Restart', lab: 'Lab' }

const main = /** @type {HTMLElement} */ (document.querySelector('#main'))
const trouble = /** @type {HTMLElement} */ (document.querySelector('#trouble'))
const subject = /** @type {HTMLElement} */ (document.querySelector('#subject'))
const refresh = /** @type {HTMLButtonElement} */ (document.querySelector('#refresh'))

/** @param {unknown} error */
function failed(error) {
  trouble.textContent = error instanceof Error ? error.message : String(error)
  trouble.hidden = false
}

function makeLabTab() {
  const root = html('div')
  let isMounted = false
  return {
    root,
    async show() {
      if (isMounted) return
      isMounted = true
      const events = new EventSource('lab/events')
      mountLab(root, { command: (request) => post('lab/command', request), events })
    },
    hide() {},
    async renew() {},
  }
}

/** @type {Record<TabName, Tab>} */
const tabs = {
  log: makeLogTab({ failed }),
  pages: makePagesTab({ failed }),
  restart: makeRestartTab({ failed }),
  lab: makeLabTab(),
}
const buttons = tabNames.map((name) =>
  button(titles[name], () => (location.hash = `#${name}`), {
    ...{ role: 'tab', id: `tab-${name}`, 'aria-controls': `view-${name}` },
  }),
)

/** @type {TabName | undefined} */
let shown
let isLabOnly = false

function showPlace() {
  const place = isLabOnly
    ? { tab: /** @type {const} */ ('lab'), numbers: {} }
    : placeFrom(location.hash)
  const { tab } = place
  trouble.hidden = true
  if (shown !== tab) {
    if (shown !== undefined) tabs[shown].hide()
    for (const [i, name] of tabNames.entries()) {
      const isShown = name === tab
      const each = /** @type {HTMLButtonElement} */ (buttons[i])
      each.setAttribute('aria-selected', String(isShown))
      each.tabIndex = isShown ? 0 : -1
      views[name].hidden = !isShown
    }
    document.title = `${titles[tab]} – Seawall inspector`
    window.scrollTo(0, 0)
  }
  shown = tab
  tabs[tab].show(place.numbers).catch(failed)
}

/** @param {TabName} name */
const viewOf = (name) =>
  html(
    'div',
    {
      ...{ role: 'tabpanel', id: `view-${name}`, 'aria-labelledby': `tab-${name}`, hidden: true },
    },
    tabs[name].root,
  )
const views = {
  log: viewOf('log'),
  pages: viewOf('pages'),
  restart: viewOf('restart'),
  lab: viewOf('lab'),
}

/** @param {Summary} summary */
function showSubject(summary) {
  const { directory, isStore, use, lookedAtMs } = summary
  const [holder] = use.holders
  const by = holder === undefined ? '' : ` by process ${holder.pid}`
  const uses = {
    closed: 'not open anywhere',
    writer: `open for writing${by}`,
    readers: `open for reading${by}`,
    unknown: 'whether it is open cannot be told here',
  }
  subject.replaceChildren(
    html('code', { class: 'directory', text: directory, title: directory }),
    html('span', { class: 'chip', text: isStore ? 'store' : 'log' }),
    html('span', {
      class: use.state === 'writer' ? 'chip live' : 'chip',
      text: uses[use.state],
      title: holder?.command ?? '',
    }),
    html('span', { class: 'faint looked', text: `as of ${timeInWords(lookedAtMs)}` }),
  )
  refresh.hidden = false
}

async function lookAgain() {
  refresh.disabled = true
  try {
    await post('api/refresh', {})
    trouble.hidden = true
    showSubject(await ask('summary'))
    for (const name of tabNames) if (name !== shown) void tabs[name].hide()
    await Promise.all(tabNames.map((name) => tabs[name].renew()))
  } catch (error) {
    failed(error)
  } finally {
    refresh.disabled = false
  }
}

function moveBetweenTabs(/** @type {KeyboardEvent} */ event) {
  const by = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0
  const at = buttons.findIndex((each) => each === document.activeElement)
  const next = buttons.filter((each) => !each.hidden).at((at + by) % buttons.length)
  if (by === 0 || next === undefined) return
  next.focus()
  next.click()
}

async function start() {
  const bar = /** @type {HTMLElement} */ (document.querySelector('#tabs'))
  bar.append(...buttons)
  bar.addEventListener('keydown', moveBetweenTabs)
  main.append(...Object.values(views))
  refresh.addEventListener('click', () => void lookAgain())
  try {
    const summary = await ask('summary')
    isLabOnly = summary.isLabOnly === true
    if (!isLabOnly) showSubject(summary)
    for (const [i, name] of tabNames.entries()) {
      const each = /** @type {HTMLButtonElement} */ (buttons[i])
      each.hidden = isLabOnly && name !== 'lab'
    }
  } catch (error) {
    failed(error)
    main.append(emptyState('Nothing to show', 'The inspector did not answer.'))
    return
  }
  window.addEventListener('hashchange', showPlace)
  showPlace()
}

await start()
