// Goal: the lab works in a browser as a user would use it: every mode, cuts, recovery, a lying drive; readable, without a mouse.
// Method: Chromium clicks through it, is asked what it shows, and takes pictures.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { createLab, type Lab } from '../../lib/lab/lab.ts'
import { type LabServer, serveLab } from './lab-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'seawall-lab-page-'))
const scratchRoot = join(folder, 'scratch')
const pictures = process.env.SEAWALL_PICTURES ?? folder
const test = suite('the lab in a browser')

let browser: BrowserContext
let lab: Lab
let server: LabServer
const complaints: string[] = []
const requests: string[] = []

async function open(device?: 'none'): Promise<Page> {
  lab = createLab({ scratchRoot, ...(device === undefined ? {} : { device }) })
  server = await serveLab(lab)
  const page = await browser.newPage()
  page.setDefaultTimeout(10_000)
  await page.setViewportSize({ width: 1280, height: 800 })
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(server.url)
  await page.locator('.lab-happenings li').first().waitFor()
  return page
}

async function leave(page: Page): Promise<void> {
  await page.close()
  await server.close()
  await lab.close()
  assert.equal(readdirSync(scratchRoot), [])
}

function press(page: Page, name: string): Promise<void> {
  return page.getByRole('button', { name, exact: true }).first().click()
}

function phase(page: Page, name: string): Promise<unknown> {
  return page.locator(`.lab[data-phase=${name}]`).waitFor()
}

/** The number of a step in the page is that of the lab. */
async function step(page: Page, times: number): Promise<void> {
  const now = async () =>
    Number(/\d+/.exec((await page.textContent('.lab-side .lab-sub')) ?? '')?.[0])
  for (const last = (await now()) + times; (await now()) < last;) await press(page, 'Step')
}

async function cutAndRecover(page: Page, name = 'Cut power', on = 'Power on'): Promise<void> {
  await press(page, name)
  await phase(page, 'off')
  await press(page, on)
  await phase(page, 'recovering')
  const ended = page.locator('.lab:is([data-phase=recovered], [data-phase=refused])')
  while ((await ended.count()) === 0) {
    await page
      .locator('.lab-buttons button:last-child')
      .click({ timeout: 300 })
      .catch(() => {})
  }
}

/** Before, survived, lost, by row. */
async function table(page: Page): Promise<Record<'recovered' | 'acknowledged' | 'open', number[]>> {
  const rows = await page.$$eval('.lab-table tbody tr', (all) =>
    all.map((row) => [...row.querySelectorAll('td')].map((cell) => Number(cell.textContent))),
  )
  const [recovered = [], acknowledged = [], unanswered = []] = rows
  return { recovered, acknowledged, open: unanswered }
}

async function picture(page: Page, name: string): Promise<void> {
  // Movements are over.
  await page.waitForTimeout(400)
  const path = join(pictures, `lab-${name}.png`)
  await page.screenshot({ path, fullPage: true })
  assert.ok(statSync(path).size > 20_000)
}

test.after.each(async () => {
  for (const page of browser.pages().slice(1)) await page.close()
  await server.close()
  await lab.close()
})

test.before(async () => {
  mkdirSync(scratchRoot)
  mkdirSync(pictures, { recursive: true })
  browser = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: '/usr/bin/chromium',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  })
})

test.after(async () => {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
})

test('each mode -> says what it promises, records arrive on the media, a cut keeps the promise, it goes on', async () => {
  const page = await open()
  const sentences = new Set<string>()
  let recovered = 0
  for (const mode of ['Sync', 'Group', 'Async']) {
    await page.getByRole('radio', { name: mode, exact: true }).check()
    await step(page, 30)
    sentences.add((await page.textContent('.lab-promise')) ?? '')
    assert.ok((await page.locator('[data-lane=media] .lab-chip').count()) > 3, mode)
    await picture(page, `running-${mode.toLowerCase()}`)
    await cutAndRecover(page)
    const rows = await table(page)
    const [before = 0, survived = 0, lost = 0] = rows.acknowledged
    assert.ok(before > 2, mode)
    assert.is(survived + lost, before)
    if (mode !== 'Async') assert.is(lost, 0, mode)
    assert.equal(rows.recovered, [recovered, recovered, 0])
    assert.match(
      (await page.textContent('.lab-verdict')) ?? '',
      lost > 0 ? /async mode allows that/ : /The promise was kept/,
    )
    assert.is(await page.locator('.lab-steps li').count(), 7)
    assert.match((await page.textContent('.lab-report')) ?? '', /clean-end|torn-tail/)
    await picture(page, `recovered-${mode.toLowerCase()}`)
    recovered += survived + (rows.open[1] ?? 0)
    await press(page, 'Go on')
    await phase(page, 'running')
    assert.is(await page.locator('.lab-chip[data-place=gone]').count(), 0)
  }
  assert.is(sentences.size, 3)
  await leave(page)
})

test('a lying drive that forgets everything -> acknowledged records are lost, and the page says who lied', async () => {
  const page = await open()
  await step(page, 30)
  await page.getByRole('switch').check()
  await page.locator('.lab-power select').selectOption('nothing')
  await step(page, 30)
  assert.ok((await page.locator('[data-lane=cache] .lab-chip[data-status=early]').count()) > 3)
  const onMedia = await page.locator('[data-lane=media] .lab-chip').count()
  assert.ok(onMedia > 3)
  await picture(page, 'lying')
  await cutAndRecover(page)
  const { acknowledged } = await table(page)
  assert.is(acknowledged[1], onMedia)
  assert.ok((acknowledged[2] ?? 0) > 3)
  assert.match((await page.textContent('.lab-verdict')) ?? '', /the drive lied/)
  assert.ok((await page.locator('.lab-chip[data-status=lost]').count()) > 3)
  await picture(page, 'lied')
  await leave(page)
})

test('a drive that begins to lie, cut after cut -> in the end the log refuses, and a new one can be begun', async () => {
  const page = await open()
  await page.getByLabel('Record size').selectOption('4096')
  await page.getByRole('slider').fill('16')
  await step(page, 16)
  await page.getByRole('switch').check()
  await page.locator('.lab-power select').selectOption('nothing')
  await step(page, 40)
  await cutAndRecover(page)
  await phase(page, 'refused')
  assert.match((await page.textContent('.lab-verdict')) ?? '', /refuses to open/)
  assert.match((await page.textContent('.lab-report')) ?? '', /ERR_SEAWALL_/)
  await picture(page, 'refused')
  await page.getByRole('spinbutton').fill('42')
  await press(page, 'New log')
  await phase(page, 'running')
  assert.is(await page.getByRole('spinbutton').inputValue(), '42')
  await leave(page)
})

test('normal speed -> goes by itself, everything in its lane, and nothing on the page moves but records', async () => {
  const page = await open()
  await page.getByRole('slider').fill('16')
  const boxes = () =>
    page.$$eval('.lab-lane, .lab-panel, .lab button', (all) =>
      all.map((one) => {
        const { left, top, width, height } = one.getBoundingClientRect()
        return [left, top, width, height].map(Math.round)
      }),
    )
  const before = await boxes()
  await press(page, 'Normal')
  await page
    .locator('[data-lane=media] .lab-more', { hasText: 'before' })
    .waitFor({ timeout: 20_000 })
  assert.equal(await boxes(), before)
  await press(page, 'Pause')
  await page.waitForTimeout(600)
  const outside = await page.$$eval(
    '.lab-chips .lab-chip',
    (chips) =>
      chips.filter((chip) => {
        const box = chip.getBoundingClientRect()
        const lane = chip.closest('.lab-chips')?.getBoundingClientRect()
        return lane === undefined || box.bottom > lane.bottom + 1 || box.right > lane.right + 1
      }).length,
  )
  assert.is(outside, 0)
  await leave(page)
})

test('reduced motion -> nothing is animated', async () => {
  const page = await open()
  await page.emulateMedia({ reducedMotion: 'reduce' })
  for (let i = 0; i < 12; i++) {
    await step(page, 1)
    assert.is(await page.evaluate<number>('document.getAnimations().length'), 0)
  }
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  let animated = 0
  for (let i = 0; i < 12; i++) {
    await step(page, 1)
    animated += await page.evaluate<number>('document.getAnimations().length')
  }
  assert.ok(animated > 0)
  await leave(page)
})

test('the keyboard alone -> reaches everything, and the focus can be seen', async () => {
  const page = await open()
  const reached = new Set<string>()
  for (let i = 0; i < 16; i++) {
    await page.keyboard.press('Tab')
    const [name, outline] = await page.evaluate<[string, string]>(`(() => {
      const one = document.activeElement
      const shown = one.type === 'radio' ? one.nextElementSibling : one
      return [one.type + ' ' + one.textContent, getComputedStyle(shown).outlineStyle]
    })()`)
    if (!/^(undefined|)/.exec(name)?.[0]) assert.is(outline === 'none', false, name)
    reached.add(name)
  }
  for (const name of ['button Pause', 'button Step', 'button Cut power', 'button New log'])
    assert.ok(reached.has(name), `${name}: ${[...reached].join(', ')}`)
  for (const kind of ['radio', 'range', 'select-one', 'checkbox', 'number'])
    assert.ok(
      [...reached].some((name) => name.startsWith(kind)),
      kind,
    )
  await page.getByRole('radio', { name: 'Group' }).focus()
  await page.keyboard.press('ArrowRight')
  await page.locator('.lab-promise', { hasText: 'Acknowledged does not mean durable' }).waitFor()
  await page.getByRole('button', { name: 'Step' }).focus()
  for (let i = 0; i < 3; i++) await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Cut power' }).focus()
  await page.keyboard.press('Enter')
  await phase(page, 'off')
  await leave(page)
})

for (const [width, height] of [
  [1280, 800],
  [900, 700],
  [420, 800],
] as const) {
  for (const colorScheme of ['light', 'dark'] as const) {
    test(`${width}x${height}, ${colorScheme} -> nothing wider than the page or than its box, text readable`, async () => {
      const page = await open()
      await page.setViewportSize({ width, height })
      await page.emulateMedia({ colorScheme })
      await page.getByRole('slider').fill('16')
      await step(page, 14)
      await cutAndRecover(page)
      const wide = await page.evaluate<string[]>(`[document.documentElement,
        ...document.querySelectorAll('.lab-panel, .lab-lane, .lab-bar, .lab-table, .lab-committers, .lab-report')]
        .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className || one.tagName)`)
      assert.equal(wide, [])
      const faint = await page.evaluate<string[]>(faintTexts)
      assert.equal(faint, [])
      await picture(page, `${width}-${colorScheme}`)
      await leave(page)
    })
  }
}

// Texts whose colour is too close to what is behind them (WCAG AA), computed in the page.
const faintTexts = `(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number)
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((part) => {
      const share = part / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * x + 0.7152 * y + 0.0722 * z
  }
  const backOf = (one) => {
    for (let at = one; at !== null; at = at.parentElement) {
      const back = parse(getComputedStyle(at).backgroundColor)
      if (back[3] === undefined || back[3] === 1) return back
    }
    return [255, 255, 255]
  }
  return [...document.querySelectorAll('.lab *')]
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
    .filter((one) => one.closest(':disabled, option, .lab-people') === null)
    .filter((one) => {
      const [a, b] = [luminance(parse(getComputedStyle(one).color)), luminance(backOf(one))]
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5
    })
    .map((one) => one.className + ' ' + one.textContent)
})()`

test('a real directory -> no lane for the cache, a kill in place of a cut, and plain words about it', async () => {
  const page = await open('none')
  assert.match((await page.textContent('.lab-note')) ?? '', /process that holds the log is killed/)
  assert.not(await page.locator('[data-lane=cache]').isVisible())
  assert.not(await page.getByRole('switch').isVisible())
  await step(page, 30)
  await cutAndRecover(page, 'Kill the process', 'Start again')
  const { acknowledged } = await table(page)
  assert.ok((acknowledged[0] ?? 0) > 3)
  assert.is(acknowledged[2], 0)
  await picture(page, 'directory')
  await leave(page)
})

test('the server ends -> the page says so; all of the above: no message, nothing from elsewhere', async () => {
  assert.equal(complaints, [])
  assert.equal([...new Set(requests.map((each) => new URL(each).hostname))], ['127.0.0.1'])
  const page = await open()
  await server.close()
  await page.getByRole('alert').filter({ hasText: 'connection' }).waitFor()
  await leave(page)
})

test.run()
