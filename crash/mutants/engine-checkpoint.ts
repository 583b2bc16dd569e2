import type { Mutant } from './mutant.ts'

const fuzzyCheckpoint = 'lib/checkpoint/fuzzy-checkpoint.ts'
const dirtyPageTable = 'lib/buffer/dirty-page-table.ts'
const retention = 'lib/checkpoint/retention.ts'

/** Bugs of checkpoints: what they name, in which order, and which log they let go of. */
export const engineCheckpoint: readonly Mutant[] = [
  {
    name: 'master-pointer-before-checkpoint-flush',
    bug: 'the master record names a checkpoint whose end record is not durable',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: fuzzyCheckpoint,
        original: `  const endLSN = log.append(encoder.endCheckpoint(checkpoint), { type: recordEndCheckpoint })
  await log.flush(endLSN)
  await setCheckpoint(log, beginLSN)`,
        mutated: `  await log.flush(beginLSN)
  await setCheckpoint(log, beginLSN)
  await log.flush(log.append(encoder.endCheckpoint(checkpoint), { type: recordEndCheckpoint }))`,
      },
    ],
  },
  {
    name: 'log-released-before-the-checkpoint',
    bug: 'the log below a checkpoint is released before the master record names the checkpoint',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: fuzzyCheckpoint,
        original: '  await setCheckpoint(log, beginLSN)',
        mutated: `  if (checkpoint.transactions.length === 0 && checkpoint.pages.length === 0)
    await log.truncateBefore(beginLSN)
  await setCheckpoint(log, beginLSN)`,
      },
    ],
  },
  {
    name: 'checkpoint-without-transactions',
    bug: 'a checkpoint does not name the transactions that run',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: fuzzyCheckpoint,
        original: 'transactions: transactions.snapshot(),',
        mutated: 'transactions: [],',
      },
    ],
  },
  {
    name: 'checkpoint-names-one-dirty-page',
    bug: 'a checkpoint names only the first of the dirty pages',
    killedBy: ['L2'],
    edits: [
      {
        file: dirtyPageTable,
        original: 'if (writingRecLSN === noLSN) entries.push({ pageId, recLSN })',
        mutated:
          'if (writingRecLSN === noLSN && entries.length === 0) entries.push({ pageId, recLSN })',
      },
    ],
  },
  {
    name: 'checkpoint-forgets-pages-being-written',
    bug: 'a page counts as clean from the moment when its write begins',
    killedBy: ['L2'],
    edits: [
      {
        file: dirtyPageTable,
        original: 'entries.push({ pageId, recLSN: writingRecLSN })',
        mutated: 'void [pageId, writingRecLSN]',
      },
    ],
  },
  {
    name: 'page-clean-before-it-is-written',
    bug: 'a page leaves the dirty page table before its write is durable',
    killedBy: ['L2'],
    edits: [
      {
        file: 'lib/buffer/page-writer.ts',
        original: `      await this.#file.write(frames)
      for (const frame of frames) this.#dirtyPages.endWrite(frame)`,
        mutated: `      for (const frame of frames) this.#dirtyPages.endWrite(frame)
      await this.#file.write(frames)`,
      },
    ],
  },
  {
    name: 'log-released-under-a-transaction',
    bug: 'the records of a running transaction are released with the log before the checkpoint',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: retention,
        original: `    oldest = needs.oldestTransactionLSN
  }`,
        mutated: '  }',
      },
    ],
  },
  {
    name: 'log-released-under-dirty-pages',
    bug: 'records that dirty pages still need are released with the log before the checkpoint',
    killedBy: ['L1-engine'],
    edits: [
      {
        file: retention,
        original:
          'if (needs.redoLSN !== undefined && needs.redoLSN < oldest) oldest = needs.redoLSN',
        mutated: '',
      },
    ],
  },
]
