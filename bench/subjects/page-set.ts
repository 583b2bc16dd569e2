import type { Engine } from '../../lib/index.ts'
import { randomNumbers } from '../transfers.ts'

const pagesPerTransaction = 128
const changeBytes = 100

/** Pages whose ids follow each other. */
export interface PageRange {
  readonly firstPage: number
  readonly pageCount: number
}

/** Allocates so many empty pages. */
export async function allocatePages(engine: Engine, count: number): Promise<number[]> {
  const pages: number[] = []
  while (pages.length < count) {
    const wanted = Math.min(pagesPerTransaction, count - pages.length)
    await engine.transaction(
      async (transaction) => {
        for (let i = 0; i < wanted; i++) pages.push((await transaction.allocatePage()).id)
      },
      { durability: 'async' },
    )
  }
  return pages
}

/** The same for a new store and for fewer pages than one map page covers (509 MiB of 8 KiB). */
export async function allocateRange(engine: Engine, pageCount: number): Promise<PageRange> {
  const pages = await allocatePages(engine, pageCount)
  const [firstPage] = pages as [number]
  if (pages.some((id, i) => id !== firstPage + i)) throw new Error('the pages are not in a row')
  return { firstPage, pageCount }
}

/** Writes of 100 bytes, all of which differ from what was there, at random places of the pages. */
export class RandomWrites {
  readonly #engine: Engine
  readonly #range: PageRange
  readonly #random: (limit: number) => number
  readonly #bytes = new Uint8Array(changeBytes)

  constructor(engine: Engine, range: PageRange, seed: number) {
    this.#engine = engine
    this.#range = range
    this.#random = randomNumbers(seed)
  }

  /** One transaction of `count` writes, which is not waited for. */
  async run(count: number): Promise<void> {
    const transaction = await this.#engine.begin({ durability: 'async' })
    const { firstPage, pageCount } = this.#range
    for (let i = 0; i < count; i++) {
      const page = await transaction.page(firstPage + this.#random(pageCount))
      const at = this.#random(page.body.length - changeBytes)
      for (let byte = 0; byte < changeBytes; byte++) {
        this.#bytes[byte] = (page.body[at + byte] as number) + 1 + byte
      }
      transaction.write(page, at, this.#bytes)
    }
    await transaction.commit()
  }
}
