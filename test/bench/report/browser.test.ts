// Goal: the report works in a browser: complete, from one file, readable in both themes and on a phone.
// Method: npm run bench -- --report makes it from the sample; Chromium opens it, and is asked what it sees.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { writeResult } from '../../../bench/result/result-file.ts'
import { sampleResult } from './sample-result.ts'

const root = new URL('../../..', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'seawall-report-'))
const url = pathToFileURL(join(folder, 'sample.html')).href
const widths = [400, 760, 1280] as const
const schemes = ['light', 'dark'] as const
const plots = Object.values(sampleResult.cases).flatMap((each) => each.plots ?? [])

let browser: BrowserContext
const complaints: string[] = []
const requests: string[] = []

async function open(width = 1280, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const page = await browser.newPage()
  await page.setViewportSize({ width, height: 900 })
  await page.emulateMedia({ colorScheme })
  page.on('console', (message) => complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(url)
  return page
}

// As text, because the types of the browser would be in force everywhere else too.
function styleOf(page: Page, selector: string, property: string): Promise<string> {
  const element = `document.querySelector(${JSON.stringify(selector)})`
  return page.evaluate<string>(`getComputedStyle(${element}).getPropertyValue('${property}')`)
}

/** How light a colour is, as WCAG defines it. */
function luminance(rgb: string): number {
  const [r = 0, g = 0, b = 0] = [...rgb.matchAll(/[\d.]+/g)].map(([part]) => {
    const share = Number(part) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y)
  return (light + 0.05) / (dark + 0.05)
}

const test = suite('report in a browser')

test.before(async () => {
  writeResult(join(folder, 'sample.json'), sampleResult)
  const args = ['--import', 'tsx', 'bench/main.ts', '--report', join(folder, 'sample.json')]
  const made = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  assert.is(made.status, 0, made.stderr)
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

for (const width of widths) {
  for (const scheme of schemes) {
    test(`${width} px, ${scheme} -> nothing wider than the page, text readable, all plots there`, async () => {
      const page = await open(width, scheme)
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      assert.is(overflow, 0)
      const back = await styleOf(page, 'body', 'background-color')
      assert.is(luminance(back) < 0.2, scheme === 'dark')
      for (const selector of ['body', '.lede', '.facts dt', 'main a', '.remark', '.skipped']) {
        const text = await styleOf(page, selector, 'color')
        assert.ok(contrast(text, back) >= 4.5, `${selector}: ${text} on ${back}`)
      }
      for (const { name, lines } of plots) {
        const visible = page.locator(`[data-plot="${name}"] svg[role=img]:visible`)
        assert.is(await visible.count(), 1, `${name} is drawn once`)
        assert.is(await visible.locator('.series .line').count(), lines.length, name)
        const box = await visible.boundingBox()
        assert.ok(box !== null && box.width > 250 && box.height > 150, `${name} is large enough`)
      }
      const picture = join(folder, `${width}-${scheme}.png`)
      await page.screenshot({ path: picture, fullPage: true })
      assert.ok(statSync(picture).size > 20_000)
      await page.close()
    })
  }
}

test('ratio bars -> within their tracks, at every width', async () => {
  for (const width of widths) {
    const page = await open(width)
    const outside = await page.$$eval(
      '.track',
      (tracks) =>
        tracks.filter((track) => {
          const [all, bar] = [track, track.querySelector('.bar')].map((element) =>
            element?.getBoundingClientRect(),
          )
          if (all === undefined || bar === undefined) return true
          return bar.left < all.left - 1 || bar.right > all.right + 1 || bar.width === 0
        }).length,
    )
    assert.is(outside, 0)
    await page.close()
  }
})

test('a wide table on a phone -> scrolls in its box', async () => {
  const page = await open(400)
  const isScrollable = await page.$eval('.table-box', (box) => box.scrollWidth > box.clientWidth)
  assert.ok(isScrollable)
  await page.close()
})

test('every entry of the contents -> leads to its section', async () => {
  const page = await open()
  const links = await page.$$eval('nav a', (all) => all.map((link) => link.getAttribute('href')))
  assert.is(links.length, Object.keys(sampleResult.cases).length + 2)
  for (const link of links) {
    await page.click(`nav a[href="${link}"]`)
    const top = await page.$eval(link ?? '', (section) => section.getBoundingClientRect().top)
    assert.ok(top > -1 && top < 900, `${link} is in view, at ${top}`)
  }
  await page.close()
})

test('the theme button -> changes the theme, says what it does, is remembered', async () => {
  const page = await open(1280, 'light')
  const before = await styleOf(page, 'body', 'background-color')
  assert.is(await page.textContent('#theme'), 'Dark')
  await page.click('#theme')
  const after = await styleOf(page, 'body', 'background-color')
  assert.ok(luminance(after) < 0.2 && luminance(before) > 0.8)
  assert.is(await page.textContent('#theme'), 'Light')
  await page.reload()
  assert.is(await styleOf(page, 'body', 'background-color'), after)
  await page.click('#theme')
  assert.is(await styleOf(page, 'body', 'background-color'), before)
  await page.close()
})

test('the pointer on a point -> its line, its value, and how far the rounds were apart', async () => {
  const page = await open()
  const point = page.locator('[data-plot=throughput] .wide .series.peer .hit').nth(2)
  await point.scrollIntoViewIfNeeded()
  const tip = page.locator('.tip')
  // The page may still be scrolling, which hides what is shown. Another line has its circle above
  // this one; the nearer one counts.
  for (let attempt = 0; attempt < 50 && !(await tip.isVisible()); attempt++) {
    await page.mouse.move(5, 5)
    const box = await point.boundingBox()
    assert.ok(box !== null)
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await page.waitForTimeout(50)
  }
  assert.ok(await tip.isVisible())
  assert.match(
    await tip.innerText(),
    /^lmdb\nawaited committers: 16\ncommits per second: .*k\/s \(.*\.\..*\)/,
  )
  await page.mouse.move(5, 5)
  await tip.waitFor({ state: 'hidden' })
  await page.close()
})

test('on paper -> light, without buttons and contents', async () => {
  const page = await open(1280, 'dark')
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
  assert.ok(luminance(await styleOf(page, 'body', 'background-color')) > 0.8)
  assert.is(await styleOf(page, '#theme', 'display'), 'none')
  assert.is(await styleOf(page, 'nav', 'display'), 'none')
  await page.close()
})

test('all of the above -> no message on the console, and nothing was loaded but the file', () => {
  assert.equal(complaints, [])
  assert.equal([...new Set(requests.map((each) => each.replace(/#.*/, '')))], [url])
})

test.run()
