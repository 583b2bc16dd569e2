// timeout: 120s
// Goal: the tabs Pages, Restart and Lab work as a user meets them, each place has an
// address, and logs that have little to show look good, too.
// Method: headless Chromium clicks and types through them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Log } from '../../lib/index.ts'
import { Inspector } from '../../lib/inspector/inspector.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { hashOf, number, PageBrowser, until } from './page-browser.ts'
import { crashedStore, damageLog, damagePage, plainLog } from './sample-stores.ts'

const test = suite('inspector in a browser')

let browser: PageBrowser
let store: Inspector
let plain: Inspector

test.before(async () => {
  browser = await PageBrowser.launch()
  const directory = await crashedStore(71)
  damagePage(directory, 9)
  store = await Inspector.open({ directory })
  plain = await Inspector.open({ directory: await plainLog() })
})

test.after(async () => {
  await browser.close()
  for (const inspector of [store, plain]) await inspector.close()
})

test.after.each(() => browser.closePages())

test('pages -> states, one page, jumping, paging, the DPT as of an LSN', async () => {
  const page = await browser.open(store, '#pages')
  await page.waitForSelector('.pages-tab tbody tr')
  assert.is(await page.locator('.page-map .tile').count(), 100)
  assert.ok((await page.locator('.page-map .tile.dirty').count()) > 10)
  assert.is(await page.locator('.page-map .tile.lost, .page-map .tile.repaired').count(), 1)
  await page.click('tr[data-page="9"]')
  await page.waitForSelector('text=/The checksum does not match/')
  await page.click('.page-map [data-page="4"]')
  await page.waitForSelector('.record-title >> text="Page 4"')
  assert.match(await hashOf(page), /page=4/)
  await page.click('text=/Show all/')
  assert.ok(((await page.locator('.details .hex').last().textContent()) ?? '').length > 15_000)
  await page.focus('.pages-tab .rows')
  await page.keyboard.press('ArrowDown')
  await page.waitForSelector('.record-title >> text="Page 5"')
  const field = page.locator('.pages-tab .number-field')
  await field.nth(0).locator('input').fill('150')
  await field.nth(0).locator('button').click()
  await page.waitForSelector('.record-title >> text="Page 150"')
  await page.click('text="Previous"')
  await until(
    'the first pages',
    async () => (await page.locator('tr[data-page="1"]').count()) === 1,
  )
  await page.click('text="Next"')
  await until(
    'the next pages',
    async () => (await page.locator('tr[data-page="101"]').count()) === 1,
  )
  await field.nth(1).locator('input').fill('42000')
  await field.nth(1).locator('button').click()
  await until('as of', async () => ((await page.textContent('.lede')) ?? '').includes('LSN 42000'))
  await page.click('text="End of log"')
  await until('the end', async () =>
    ((await page.textContent('.lede')) ?? '').includes('the end of the log'),
  )
  await field.nth(0).locator('input').fill('99999')
  await field.nth(0).locator('button').click()
  await page.waitForSelector('text=/There is no page 99999/')
})

test('the restart: every control -> each pass, decisions in sentences, tables that change', async () => {
  const page = await browser.open(store, '#restart')
  await page.waitForSelector('.step')
  const step = async (): Promise<number> =>
    number(/step ([\d,]+)/.exec((await page.textContent('.step-head')) ?? '')?.[1] ?? null)
  const at = (wanted: number): Promise<void> =>
    until(`step ${wanted}`, async () => (await step()) === wanted)
  const press = (name: string): Promise<void> => page.click(`.player >> text="${name}"`)
  await until(
    'counted',
    async () => !/more than/.test((await page.textContent('.step-head')) ?? ''),
  )
  const all = number(/of ([\d,]+)/.exec((await page.textContent('.step-head')) ?? '')?.[1] ?? null)
  assert.ok(all > 200)
  assert.ok(await page.isDisabled('.player >> text="Back"'))
  await press('Step')
  await at(2)
  assert.match((await page.textContent('.decision')) ?? '', /Tables taken over/)
  assert.is(await page.locator('.restart-tab tr[data-transaction]').count(), 3)
  await press('Back')
  await at(1)
  assert.is(await page.locator('.restart-tab tr[data-transaction]').count(), 0)
  await press('Redo')
  await page.waitForSelector('.phase.redo')
  assert.is(await page.locator('.tests li').count(), 3)
  await page.waitForSelector('.restart-tab tr.lit')
  await press('Undo')
  await page.waitForSelector('.phase.undo')
  assert.match((await page.textContent('.sentence')) ?? '', /compensation \(CLR/)
  assert.is(await page.locator('.restart-tab tr[data-transaction]').count(), 3)
  await press('Last')
  await at(all)
  assert.match((await page.textContent('.restart-tab')) ?? '', /undo is over/)
  assert.ok(await page.isDisabled('.player >> text="Step"'))
  await press('Analysis')
  await at(1)
  await page.selectOption('.pace select', 'fast')
  await press('Play')
  await until('it plays', async () => (await step()) > 4)
  await press('Pause')
  const paused = await step()
  await new Promise((done) => setTimeout(done, 300))
  assert.is(await step(), paused)
  await page.fill('.player .number-field input', '100')
  await page.press('.player .number-field input', 'Enter')
  await at(100)
  assert.match(await hashOf(page), /step=100$/)
  await page.click('h4 >> nth=0')
  await page.keyboard.press('ArrowRight')
  await at(101)
  await page.keyboard.press('ArrowLeft')
  await page.keyboard.press('Home')
  await at(1)
  await page.keyboard.press('End')
  await at(all)
  await press('First')
  await at(1)
  await page.locator('.player input[type=range]').fill(String(all - 2))
  await at(all - 1)
  // Every step can be shown.
  const said = new Set<string>()
  for (const wanted of [3, 40, 90, 130, 170, 200, all - 20, all - 10, all - 5]) {
    await page.fill('.player .number-field input', String(wanted))
    await page.press('.player .number-field input', 'Enter')
    await at(wanted)
    said.add((await page.textContent('.decision')) ?? '')
    assert.not.match((await page.textContent('.step')) ?? '', /undefined|NaN|\[object/)
  }
  assert.ok(said.size > 2)
  await page.locator('.step-record a').first().click()
  await page.waitForSelector('#view-log:not([hidden]) .record-title')
})

test('a store that a restart does not come through -> its steps up to there, and why', async () => {
  const directory = await crashedStore(73)
  await damageLog(directory, 'checkpoint')
  const inspector = await Inspector.open({ directory })
  const page = await browser.open(inspector, '#restart')
  await page.waitForSelector('text=/The restart would not come through: /')
  await page.waitForSelector('.step-head >> text="step 1 of 1"')
  assert.ok(await page.isDisabled('.player >> text="Step"'))
  await page.close()
  await inspector.close()
})

test('tabs by keyboard, and the address of a view -> the same view again', async () => {
  const page = await browser.open(store)
  await page.focus('#tab-log')
  for (const name of ['pages', 'restart', 'lab']) {
    await page.keyboard.press('ArrowRight')
    await page.waitForSelector(`#view-${name}:not([hidden])`)
    assert.is(await page.evaluate('document.activeElement.id'), `tab-${name}`)
    assert.is(await page.getAttribute(`#tab-${name}`, 'aria-selected'), 'true')
  }
  await page.goto(`${store.address}#restart?step=60`)
  await page.reload()
  await page.waitForSelector('.step-head >> text=/step 60 of/')
  await page.goto(`${store.address}#pages?page=6`)
  await page.waitForSelector('.record-title >> text="Page 6"')
  await page.goto(`${store.address}#nonsense?lsn=x&from=-5`)
  await page.waitForSelector('#view-log:not([hidden])')
})

test('a plain log -> time line and records; what it does not have is said', async () => {
  const page = await browser.open(plain)
  await page.waitForSelector('.block')
  assert.is(await page.locator('.lane').count(), 0)
  assert.is(await page.locator('.fact:has-text("Transactions")').count(), 0)
  await page.locator('.block').nth(20).click()
  await page.waitForSelector('.details .hex')
  await page.click('#panel-tables')
  await page.waitForSelector('text=/A plain log knows no transactions/')
  await page.click('#tab-pages')
  await page.waitForSelector('text=/A plain log has no data file/')
  await page.click('#tab-restart')
  await page.waitForSelector('text=/A plain log has no restart/')
})

test('an empty log, and one that is written to -> Look again shows what is new', async () => {
  const directory = temporaryDirectory()
  const log = await Log.open(directory, { segmentBytes: 256 * 1024 })
  await log.commit(Buffer.from('first'))
  const inspector = await Inspector.open({ directory })
  const page = await browser.open(inspector)
  await page.waitForSelector('.chip.live')
  assert.match((await page.textContent('.subject')) ?? '', /open for writing by process \d+/)
  await page.waitForSelector('.log-tab tbody tr')
  assert.is(await page.locator('.log-tab tbody tr').count(), 2)
  for (let i = 0; i < 10; i++) await log.commit(Buffer.from(`more ${i}`))
  await page.click('#refresh')
  await until('more', async () => (await page.locator('.log-tab tbody tr').count()) === 12)
  await log.close()
  await page.click('#refresh')
  await until('closed', async () => (await page.locator('.chip.live').count()) === 0)
  await page.close()
  await inspector.close()
})

test('the lab tab -> a state is shown, and a step changes it', async () => {
  const page = await browser.open(store, '#lab')
  await page.waitForSelector('.lab .lab-bar')
  await page.click('.lab >> text="Step"')
  await until('it goes on', async () => !/Step 0,/.test((await page.textContent('.lab')) ?? ''))
})

// In a process of its own: a process has room for one simulated drive.
test('only the lab -> no other tab', async () => {
  const args = ['--import', 'tsx', 'lib/cli/main.ts', 'inspect']
  const root = new URL('../..', import.meta.url).pathname
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const page = await browser.open({ address: line.toString().trim() })
  await page.waitForSelector('.lab .lab-bar')
  assert.is(await page.locator('[role=tab]:visible').count(), 1)
  assert.not(await page.isVisible('#refresh'))
  await page.close()
  child.kill('SIGINT')
  assert.equal(await once(child, 'exit'), [0, null])
})

test('all of that -> no word in the console, no request to anybody but the server', () => {
  browser.checkQuiet()
})

test.run()
