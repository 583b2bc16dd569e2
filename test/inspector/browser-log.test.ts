// timeout: 120s
// Goal: the time line, the list and the details of the Log tab work as a user meets them.
// Method: headless Chromium clicks and types through them; what they show is compared with what the server says.
import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Inspector } from '../../lib/inspector/inspector.ts'
import { hashOf, number, PageBrowser, selectedLSN, until } from './page-browser.ts'
import { crashedStore, damageLog } from './sample-stores.ts'

const test = suite('inspector in a browser')

let browser: PageBrowser
let store: Inspector
let damaged: Inspector

test.before(async () => {
  browser = await PageBrowser.launch()
  store = await Inspector.open({ directory: await crashedStore(71) })
  const other = await crashedStore(72)
  await damageLog(other)
  damaged = await Inspector.open({ directory: other })
})

test.after(async () => {
  await browser.close()
  for (const inspector of [store, damaged]) await inspector.close()
})

test.after.each(() => browser.closePages())

/** The window of the time line. */
async function windowOf(page: Page): Promise<[number, number]> {
  const text = (await page.textContent('.range')) ?? ''
  const [, from = '', to = ''] = /LSN ([\d,]+) to ([\d,]+)/.exec(text) ?? []
  return [number(from), number(to)]
}

test('a store -> facts, time line, marks, lanes and damage', async () => {
  const page = await browser.open(damaged)
  await page.waitForSelector('.lane.running')
  assert.is(await page.locator('.lane.running').count(), 3)
  assert.ok((await page.locator('.lane.committed').count()) > 50)
  assert.ok((await page.locator('.lane.rolled-back').count()) > 10)
  assert.ok((await page.locator('.mark.checkpoint').count()) >= 3)
  assert.is(await page.locator('.strips .damage').count(), 1)
  assert.match((await page.textContent('.fact.bad')) ?? '', /Damage1 place/)
  assert.ok((await page.locator('.segment').count()) >= 1)
  assert.match((await page.textContent('.tail')) ?? '', /^end/)
  for (const word of ['update', 'compensation', 'commit', 'rolled back', 'damage']) {
    assert.match((await page.textContent('.legend')) ?? '', new RegExp(word))
  }
})

test('zoom and pan: buttons, keys, wheel, drag, overview -> the window moves, records appear', async () => {
  const page = await browser.open(store)
  await page.waitForSelector('.lane')
  const whole = await windowOf(page)
  const bytes = ([from, to]: [number, number]): number => to - from
  const changed = async (act: () => Promise<unknown>): Promise<[number, number]> => {
    const before = await windowOf(page)
    await act()
    await until('the window moves', async () => String(await windowOf(page)) !== String(before))
    return windowOf(page)
  }
  const half = await changed(() => page.click('text="+"'))
  assert.ok(Math.abs(bytes(half) - bytes(whole) / 2) <= 2)
  assert.equal(await changed(() => page.click('text="−"')), whole)
  await page.focus('.canvas')
  await changed(() => page.keyboard.press('+'))
  const right = await changed(() => page.keyboard.press('ArrowRight'))
  const left = await changed(() => page.keyboard.press('ArrowLeft'))
  assert.ok(left[0] < right[0])
  const end = await changed(() => page.keyboard.press('End'))
  assert.is(end[1], whole[1])
  const start = await changed(() => page.keyboard.press('Home'))
  assert.is(start[0], whole[0])
  assert.equal(await changed(() => page.keyboard.press('0')), whole)
  const box = (await page.locator('.strips').boundingBox()) ?? { x: 0, y: 0 }
  await page.mouse.move(box.x + 600, box.y + 80)
  for (let i = 0; i < 5; i++) await changed(() => page.mouse.wheel(0, -500))
  await page.waitForSelector('.block')
  const near = await windowOf(page)
  const dragged = await changed(async () => {
    await page.mouse.down()
    await page.mouse.move(box.x + 400, box.y + 80, { steps: 4 })
    await page.mouse.up()
  })
  assert.ok(dragged[0] > near[0] && Math.abs(bytes(dragged) - bytes(near)) <= 2)
  await changed(() => page.mouse.wheel(300, 0))
  const over = await page.locator('.overview').boundingBox()
  const jumped = await changed(() => page.mouse.click((over?.x ?? 0) + 200, (over?.y ?? 0) + 15))
  assert.ok(jumped[0] < dragged[0])
  await until('the address says it', async () => (await hashOf(page)).includes(`from=${jumped[0]}`))
  await changed(() => page.click('.card-head >> text="Whole log"'))
  await changed(() => page.mouse.dblclick(box.x + 300, box.y + 80))
})

test('a click on a block, a lane, a mark, damage, a row -> the record and its links', async () => {
  const page = await browser.open(damaged)
  await page.waitForSelector('.lane')
  const mark = page.locator('.mark.checkpoint').nth(1)
  const at = number(await mark.getAttribute('data-lsn'))
  await mark.click()
  await page.waitForSelector(`.details >> text="begin-checkpoint"`)
  await until('its row', async () => (await selectedLSN(page)) === at)
  await page
    .locator('.lane.running')
    .first()
    .click({ position: { x: 30, y: 6 } })
  await page.waitForSelector('.details >> text="update"')
  assert.match(
    (await page.textContent('.details .facts')) ?? '',
    /Transaction.*prevLSN.*Page.*Operation/,
  )
  assert.ok((await page.textContent('.details .hex'))?.startsWith('0000  '))
  await page.locator('.strips .damage').click()
  await page.waitForSelector('text=/No record can be read from LSN/')
  await page.waitForSelector('tr.bad[aria-selected=true]')
  const row = page.locator('.log-tab tbody tr').nth(3)
  const lsn = number(await row.getAttribute('data-lsn'))
  await row.click()
  await page.waitForSelector(`.record-title >> text="at LSN ${lsn}"`)
  await page.focus('.log-tab .rows')
  await page.keyboard.press('ArrowDown')
  await until('the next record', async () => (await selectedLSN(page)) > lsn)
  await page.keyboard.press('ArrowUp')
  await until('the record before', async () => (await selectedLSN(page)) === lsn)
  const previous = page.locator('dt:has-text("prevLSN") + dd a').first()
  if ((await previous.count()) > 0) {
    const target = number(await previous.textContent())
    await previous.click()
    await until('prevLSN', async () => (await selectedLSN(page)) === target)
    await page.goBack()
    await until('back', async () => (await selectedLSN(page)) === lsn)
  }
})

test('zoomed in, a click on a block -> that record', async () => {
  const page = await browser.open(store, '#log?from=42000&to=46000')
  await page.waitForSelector('.block')
  const block = page.locator('.block').nth(4)
  const lsn = number(await block.getAttribute('data-lsn'))
  await block.click()
  await until('selected', async () => (await selectedLSN(page)) === lsn)
  assert.is(await page.locator('.block.selected').count(), 1)
  assert.match(await hashOf(page), new RegExp(`lsn=${lsn}.*from=42000|from=42000.*lsn=${lsn}`))
})

test('the list: Start, Earlier, Later, End, an LSN -> as far as the log goes', async () => {
  const page = await browser.open(store)
  await page.waitForSelector('.log-tab tbody tr')
  const first = async (): Promise<number> =>
    number(await page.locator('.log-tab tbody tr').first().getAttribute('data-lsn'))
  const press = async (name: string): Promise<number> => {
    const before = await first()
    await page.click(`.log-tab .buttons >> text="${name}"`)
    await until(name, async () => (await first()) !== before)
    return first()
  }
  const start = await first()
  assert.ok(await page.isDisabled('.log-tab .buttons >> text="Earlier"'))
  const later = await press('Later')
  assert.ok(later > start)
  assert.is(await press('Earlier'), start)
  assert.ok((await press('End')) > later)
  assert.ok(await page.isDisabled('.log-tab .buttons >> text="Later"'))
  assert.is(await press('Start'), start)
  // The inside of a record leads to it.
  await page.fill('.log-tab .number-field input', String(later + 8))
  await page.press('.log-tab .number-field input', 'Enter')
  await until('the record', async () => (await selectedLSN(page)) === later)
  await page.fill('.log-tab .number-field input', 'nonsense')
  await page.click('.log-tab .number-field button')
  assert.is(await selectedLSN(page), later)
})

test('ATT and DPT at an LSN -> as the server has them; links lead on', async () => {
  const page = await browser.open(store, '#log?lsn=90000')
  await page.waitForSelector('.record-title')
  await page.click('#panel-tables')
  await page.waitForSelector('.log-tab .tables')
  const lsn = await selectedLSN(page)
  const tables = (await (await fetch(`${store.address}api/tables?lsn=${lsn}`)).json()) as {
    transactionCount: number
    pageCount: number
  }
  const counts = await page.locator('.log-tab .count').allTextContents()
  assert.equal(counts.map(number), [tables.transactionCount, tables.pageCount])
  assert.match(await hashOf(page), /tables=1/)
  await page.click('#panel-record')
  await page.waitForSelector('.record-title')
  await page.click('#panel-tables')
  await page.locator('.log-tab [data-page] a').first().click()
  await page.waitForSelector('#view-pages:not([hidden]) .details')
})

test('all of that -> no word in the console, no request to anybody but the server', () => {
  browser.checkQuiet()
})

test.run()
