import { btreeOperations } from '../../examples/btree/operations.ts'
import type { BTree } from '../../examples/btree/tree.ts'
import type { Engine, EngineOptions } from '../../lib/index.ts'
import type { Random } from './random.ts'

/** What a tree holds, in the order of its keys. Both as latin1. */
export type TreeContents = Map<string, string>

/** Small pages and few frames: splits and evictions all the time. */
export const smallTreeEngine: EngineOptions = {
  operations: btreeOperations,
  pageSize: 4096,
  bufferPoolBytes: 16 * 4096,
  segmentBytes: 256 * 1024,
  bufferBytes: 512 * 1024,
  maxWalBytes: 256 * 1024,
  maxLogBytes: 32 * 1024 * 1024,
  writerDelayMs: 1,
  lockTimeoutMs: 5000,
}

const longestValueBytes = 700

/** One of `count` keys: from a few bytes to 260, some of them the beginnings of others. */
export function keyOf(number: number): string {
  const length = number % 17 === 0 ? 260 : 5 + ((number * 37) % 40)
  return `${number % 100}/${number}`.padEnd(length, 'k')
}

export function randomValue(random: Random, mark: number): string {
  const length = random.chance(0.1) ? random.below(longestValueBytes) : random.below(80)
  return `${mark}`.padEnd(length, 'v')
}

/** All of a tree, by a scan; waits for transactions that have changed something. */
export async function contentsOf(engine: Engine, tree: BTree): Promise<TreeContents> {
  const contents: TreeContents = new Map()
  await engine.transaction(
    async (transaction) => {
      for await (const [key, value] of tree.scan(transaction)) {
        contents.set(textOf(key), textOf(value))
      }
    },
    { readOnly: true },
  )
  return contents
}

/** The first difference; undefined when there is none. Also finds a scan out of order. */
export function treeDifference(found: TreeContents, expected: TreeContents): string | undefined {
  const keys = [...expected.keys()].sort()
  for (const [i, key] of [...found.keys()].entries()) {
    if (key !== keys[i]) return `key ${i} is ${brief(key)} instead of ${brief(keys[i])}`
    const [value, wanted] = [found.get(key), expected.get(key)]
    if (value !== wanted) return `${brief(key)}: ${brief(value)} instead of ${brief(wanted)}`
  }
  if (found.size === keys.length) return undefined
  return `${brief(keys[found.size])} is missing`
}

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1')
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

function brief(text: string | undefined): string {
  return text === undefined ? 'nothing' : `${text.slice(0, 12)} (${text.length})`
}
