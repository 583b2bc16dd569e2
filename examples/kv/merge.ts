import type { Entry } from './entry-format.ts'

type Source = AsyncIterable<Entry> | Iterable<Entry>

interface Head {
  entry: Entry
  readonly rest: AsyncIterator<Entry> | Iterator<Entry>
}

/**
 * Sources in order of their keys as one. Of entries with the same key the one of the first source
 * counts, so the newest comes first. Deletions are passed on.
 */
export async function* merge(sources: readonly Source[]): AsyncGenerator<Entry, void, void> {
  const heads: Head[] = []
  try {
    for (const source of sources) {
      const rest =
        Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]()
      const { value, done } = await rest.next()
      if (done !== true) heads.push({ entry: value, rest })
    }
    for (;;) {
      const newest = heads.reduce<Head | undefined>(
        (least, head) => (least === undefined || head.entry.key < least.entry.key ? head : least),
        undefined,
      )
      if (newest === undefined) return
      const { key } = newest.entry
      yield newest.entry
      // All that have this key go on; whoever is at its end leaves.
      for (const head of heads.filter(({ entry }) => entry.key === key)) {
        const { value, done } = await head.rest.next()
        if (done === true) heads.splice(heads.indexOf(head), 1)
        else head.entry = value
      }
    }
  } finally {
    for (const { rest } of heads) await rest.return?.()
  }
}

export async function* withoutDeletions(entries: Source): AsyncGenerator<Entry, void, void> {
  for await (const entry of entries) if (entry.value !== undefined) yield entry
}
