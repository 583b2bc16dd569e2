// timeout: 120s
// Goal: in both themes, from 900 x 700 up, nothing is wider than the page and every text can be read.
// Method: headless Chromium is asked what it has laid out; SCREENSHOTS=DIR keeps pictures.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { Inspector } from '../../lib/inspector/inspector.ts'
import { type Look, PageBrowser, picture } from './page-browser.ts'
import { crashedStore, damageLog, damagePage } from './sample-stores.ts'

const test = suite('inspector in a browser')

let browser: PageBrowser
let store: Inspector
let damaged: Inspector

test.before(async () => {
  browser = await PageBrowser.launch()
  const directory = await crashedStore(71)
  damagePage(directory, 9)
  store = await Inspector.open({ directory })
  const other = await crashedStore(72)
  await damageLog(other)
  damaged = await Inspector.open({ directory: other })
})

test.after(async () => {
  await browser.close()
  for (const inspector of [store, damaged]) await inspector.close()
})

test.after.each(() => browser.closePages())

const views = [
  'log',
  'log?lsn=43000&from=40000&to=46000',
  'pages?page=9',
  'restart?step=150',
  'lab',
]
const looks: Look[] = [
  { width: 1280, height: 800, scheme: 'light' },
  { width: 900, height: 700, scheme: 'dark' },
]

for (const look of looks) {
  test(`${look.width} x ${look.height}, ${look.scheme} -> nothing wider than the page, texts readable`, async () => {
    for (const view of views) {
      const page = await browser.open(view.startsWith('log') ? damaged : store, `#${view}`, look)
      await page.waitForTimeout(250)
      const tooWide = 'document.documentElement.scrollWidth - document.documentElement.clientWidth'
      assert.is(await page.evaluate<number>(tooWide), 0, view)
      const back = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
      assert.is(luminance(back) < 0.2, look.scheme === 'dark')
      for (const selector of [
        'body',
        '.faint',
        '.range',
        '.legend',
        '.lede',
        'td a',
        '.bad-note',
      ]) {
        const element = page.locator(`${selector} >> visible=true`).first()
        if ((await element.count()) === 0) continue
        const colour = await element.evaluate(
          (each) => each.ownerDocument.defaultView?.getComputedStyle(each).color ?? '',
        )
        assert.ok(contrast(colour, back) >= 4.5, `${view} ${selector}: ${colour} on ${back}`)
      }
      await picture(page, `${view.replaceAll(/\W+/g, '-')}-${look.width}-${look.scheme}`)
      await page.close()
    }
  })
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

test('all of that -> no word in the console, no request to anybody but the server', () => {
  browser.checkQuiet()
})

test.run()
