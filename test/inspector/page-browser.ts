// Chromium on the pages of inspectors: what they complain about, and whom they ask, is kept.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { type BrowserContext, chromium, type Page } from 'playwright-core'
import * as assert from 'uvu/assert'

import { temporaryDirectory } from '../support/temporary-directory.ts'

// SCREENSHOTS=directory keeps pictures of every view.
const pictures = process.env.SCREENSHOTS
const inTimeMs = 15_000

export interface Look {
  readonly width?: number
  readonly height?: number
  readonly scheme?: 'light' | 'dark'
}

export class PageBrowser {
  readonly #browser: BrowserContext
  readonly #complaints: string[] = []

  private constructor(browser: BrowserContext) {
    this.#browser = browser
  }

  static async launch(): Promise<PageBrowser> {
    if (pictures !== undefined) mkdirSync(pictures, { recursive: true })
    const profile = join(temporaryDirectory(), 'profile')
    const browser = await chromium.launchPersistentContext(profile, {
      executablePath: '/usr/bin/chromium',
      args: [
        ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ],
    })
    return new PageBrowser(browser)
  }

  async open(inspector: { address: string }, hash = '', look: Look = {}): Promise<Page> {
    const page = await this.#browser.newPage()
    const { width = 1280, height = 800, scheme = 'light' } = look
    await page.setViewportSize({ width, height })
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
    page.on('console', (message) => this.#complaints.push(message.text()))
    page.on('pageerror', (error) => this.#complaints.push(error.message))
    page.on('response', (response) => {
      if (response.status() >= 400) this.#complaints.push(`${response.status()} ${response.url()}`)
    })
    page.on('request', (request) => {
      const isOurs = request.url().startsWith(inspector.address)
      if (!isOurs) this.#complaints.push(`asked for ${request.url()}`)
    })
    await page.goto(inspector.address + hash)
    await page.waitForSelector('[role=tabpanel]:not([hidden])')
    return page
  }

  /** No word in the console, no answer but good ones, no request to anybody but the server. */
  checkQuiet(): void {
    assert.equal(this.#complaints, [])
  }

  async closePages(): Promise<void> {
    for (const page of this.#browser.pages().slice(1)) await page.close()
  }

  async close(): Promise<void> {
    await this.#browser.close()
  }
}

export async function picture(page: Page, name: string): Promise<void> {
  if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) })
}

/** Waits until `check` says so. */
export async function until(what: string, check: () => Promise<boolean>): Promise<void> {
  const began = performance.now()
  while (performance.now() - began < inTimeMs) {
    if (await check()) return
    await new Promise((done) => setTimeout(done, 20))
  }
  assert.unreachable(`not in time: ${what}`)
}

/** The digits of a text. */
export function number(text: string | null): number {
  return Number((text ?? '').replaceAll(/[^\d]/g, ''))
}

export async function hashOf(page: Page): Promise<string> {
  return page.evaluate<string>('location.hash')
}

export async function selectedLSN(page: Page): Promise<number> {
  return number(await page.getAttribute('.log-tab tr[aria-selected=true]', 'data-lsn'))
}
