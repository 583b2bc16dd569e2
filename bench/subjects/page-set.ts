import type { Engine } from '../../lib/index.ts'

const pagesPerTransaction = 128

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

/**
 * The pages of a store that nothing but `allocatePages` was called for: ids rise, and the pages of
 * the allocation map lie between them.
 */
export interface PageSet {
  readonly firstPage: number
  readonly lastPage: number
  /** In between, but not to be used. */
  readonly mapPages: readonly number[]
}
