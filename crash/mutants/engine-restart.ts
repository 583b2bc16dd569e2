import type { Mutant } from './mutant.ts'

const analysis = 'lib/recovery/analysis.ts'
const redo = 'lib/recovery/redo.ts'

/** Bugs of the three passes of a restart. */
export const engineRestart: readonly Mutant[] = [
  {
    name: 'losers-of-the-checkpoint-only',
    bug: 'a transaction that began after the checkpoint is never rolled back',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: analysis,
        original: `    if (loser === undefined) {
      this.#add(transactionLSN as LSN, lastLSN, undoNextLSN)`,
        mutated: `    if (loser === undefined) {
      if (this.#checkpointLSN !== noLSN) return
      this.#add(transactionLSN as LSN, lastLSN, undoNextLSN)`,
      },
    ],
  },
  {
    name: 'redo-from-the-checkpoint',
    bug: 'redo begins at the checkpoint and not at the least recLSN of its dirty pages',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: 'lib/recovery/restart.ts',
        original: 'const redoLSN = leastRecLSN(analysis.dirtyPages.values(), endLSN)',
        mutated: `const redoLSN =
    checkpointLSN !== noLSN ? checkpointLSN : leastRecLSN(analysis.dirtyPages.values(), endLSN)`,
      },
    ],
  },
  {
    name: 'redo-skips-the-first-record',
    bug: 'redo passes over a record whose LSN equals the recLSN of its page',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: redo,
        original: 'if (lsn < page.recLSN) {',
        mutated: 'if (lsn <= page.recLSN) {',
      },
    ],
  },
  {
    name: 'redo-ignores-page-lsn',
    bug: 'redo applies records that the page has already',
    killedBy: ['L2'],
    edits: [
      {
        file: redo,
        original: 'if (page.pageLSN >= lsn) {',
        mutated: 'if (page.pageLSN >= Number.POSITIVE_INFINITY) {',
      },
    ],
  },
  {
    name: 'redo-compares-with-greater',
    bug: 'redo applies the last record of a page a second time',
    killedBy: ['L2'],
    edits: [
      {
        file: redo,
        original: 'if (page.pageLSN >= lsn) {',
        mutated: 'if (page.pageLSN > lsn) {',
      },
    ],
  },
  {
    name: 'redo-skips-compensations',
    bug: 'redo repeats the changes of rolled back transactions and not their undo',
    killedBy: ['L1-engine', 'L4'],
    edits: [
      {
        file: redo,
        original: 'return view.getUint32(at + compensationBody.pageId, true)',
        mutated: 'return 0 * view.getUint32(at + compensationBody.pageId, true)',
      },
    ],
  },
  {
    name: 'no-doublewrite-while-restarting',
    bug: 'with page images, what redo makes dirty is written without a copy and without an image',
    killedBy: ['L2'],
    edits: [
      {
        file: 'lib/engine/open-engine.ts',
        original: "doublewrite: tornPages !== 'none',",
        mutated: "doublewrite: tornPages === 'doublewrite',",
      },
    ],
  },
]
