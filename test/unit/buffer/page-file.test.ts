// Goal: how a page was found on disk is said as it is, and no read is left unanswered at the end (H27,
// H42, H56).
// Method: a native side that answers when the test says so.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { PageFile } from '../../../lib/buffer/page-file.ts'
import type { SeawallError } from '../../../lib/errors.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import { exposeInternals, internalsOf } from '../../../lib/log/log-internals.ts'
import type { Log } from '../../../lib/log/log.ts'
import { type NativeBinding, pageOutcome } from '../../../lib/native/binding.ts'
import { expectError } from '../../support/expect-error.ts'

const pageBytes = 4096
const frames = 4
const flushedLSN = 1000
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

class Rig {
  readonly steps: string[] = []
  readonly log = { flushedLSN } as unknown as Log

  constructor() {
    const binding = {
      pagesOpen: (_handle: number, _options: unknown, done: (...results: unknown[]) => void) =>
        done(undefined, {
          pageBytes,
          frames,
          filePages: 8,
          batchPages: 4,
          created: false,
          repaired: [],
          arenas: [new ArrayBuffer(frames * pageBytes)],
        }),
      pagesRead: (_handle: number, reads: Uint32Array) => this.steps.push(`read ${reads.join()}`),
      pagesWrite: (_handle: number, indexes: Uint32Array, _count: number, done: () => void) => {
        this.steps.push(`write ${indexes.join()}`)
        queueMicrotask(done)
      },
      pagesStats: () => ({}),
    } as unknown as NativeBinding
    exposeInternals(this.log, binding, 0, () => this.steps.push('publish'))
  }

  open(): Promise<PageFile> {
    return PageFile.open(this.log, {} as Parameters<typeof PageFile.open>[1])
  }

  answer(frame: number, outcome: number, pageLSN = 0, errno = 0): void {
    internalsOf(this.log).onPagesRead(Float64Array.of(frame, outcome, pageLSN, errno))
  }
}

/** Reads page `pageId` into the frame of this index, and notes how that ended. */
function read(file: PageFile, index: number, pageId: number): { error?: SeawallError | 'none' } {
  const frame = file.frame(index)
  frame.pageId = pageId
  const outcome: { error?: SeawallError | 'none' } = {}
  file.read(frame, pageId, (error) => (outcome.error = error ?? 'none'))
  return outcome
}

test('H56 page found in any way -> usable, empty, or its failure with what is known of it', async () => {
  const made = new Rig()
  const file = await made.open()
  const table: [number, number, string | undefined, number | undefined][] = [
    [pageOutcome.valid, 40, undefined, undefined],
    [pageOutcome.neverWritten, 0, undefined, undefined],
    [pageOutcome.aheadOfLog, 5000, 'ERR_SEAWALL_PAGE_AHEAD_OF_LOG', 5000],
    [pageOutcome.misplaced, 40, 'ERR_SEAWALL_DAMAGED_PAGE', 40],
    [pageOutcome.damaged, 40, 'ERR_SEAWALL_DAMAGED_PAGE', 40],
    // Anything may stand where the LSN of a damaged page was.
    [pageOutcome.damaged, 1e15, 'ERR_SEAWALL_DAMAGED_PAGE', undefined],
  ]
  for (const [outcome, pageLSN, code, lsn] of table) {
    const result = read(file, 1, 7)
    await turn()
    made.answer(1, outcome, pageLSN)
    assert.is(result.error, 'none')
    const { failure } = file.frame(1)
    assert.equal([failure?.code, failure?.lsn], [code, lsn], `outcome ${outcome}`)
    if (failure !== undefined) assert.is(failure.page, 7)
  }
})

test('H41 read that failed -> an error that says nothing about the page', async () => {
  const made = new Rig()
  const file = await made.open()
  const result = read(file, 1, 7)
  await turn()
  made.answer(1, pageOutcome.failed, 0, 5)
  const error = result.error as SeawallError
  assert.equal([error.code, error.errno, error.page], ['ERR_SEAWALL_IO', 5, 7])
  assert.is(file.frame(1).failure, undefined)
})

test('reads of one turn -> go out together', async () => {
  const made = new Rig()
  const file = await made.open()
  const results = [read(file, 2, 7), read(file, 0, 9)]
  await turn()
  assert.equal(made.steps, ['read 7,2,9,0'])
  made.answer(0, pageOutcome.valid)
  assert.equal([results[0]?.error, results[1]?.error], [undefined, 'none'])
})

test('H42 stop with reads under way -> resolves after the last of them; later ones are refused', async () => {
  const made = new Rig()
  const file = await made.open()
  const results = [read(file, 1, 7), read(file, 2, 8)]
  let isStopped = false
  const stopping = file.stop().then(() => (isStopped = true))
  await turn()
  made.answer(1, pageOutcome.valid)
  await turn()
  assert.is(isStopped, false)
  made.answer(2, pageOutcome.failed, 0, 5)
  await stopping
  assert.is(results[0]?.error, 'none')
  assert.is((results[1]?.error as SeawallError).code, 'ERR_SEAWALL_IO')
  const late = read(file, 3, 9)
  assert.is(late.error, undefined, 'never from within')
  await turn()
  assert.is((late.error as SeawallError).code, 'ERR_SEAWALL_CLOSED')
  assert.is(made.steps.length, 1)
  await expectError('ERR_SEAWALL_CLOSED', () => file.write([file.frame(1)]))
  await expectError('ERR_SEAWALL_CLOSED', () => file.grow(10))
})

test('H27 pages written -> the log is handed over first: the write waits for it', async () => {
  const made = new Rig()
  const file = await made.open()
  file.frame(1).pageLSN = 900 as LSN
  await file.write([file.frame(1), file.frame(2)])
  assert.equal(made.steps, ['publish', 'write 1,2'])
})

test.run()
