// Goal: an LSN that the log itself names and that has no record is damage, not a wrong argument.
// Method: the translation alone, and the reader of undo on a log that has lost a record.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { SeawallError } from '../../../lib/errors.ts'
import type { LSN } from '../../../lib/format/lsn.ts'
import type { Log } from '../../../lib/log/log.ts'
import { asLostRecord } from '../../../lib/log/lost-record.ts'
import { type TransactionState, UndoMarks } from '../../../lib/txn/transaction-table.ts'
import { UndoReader } from '../../../lib/txn/undo-reader.ts'
import { expectError } from '../../support/expect-error.ts'

const outOfRange = new SeawallError('ERR_SEAWALL_LSN_OUT_OF_RANGE', { lsn: 4096, path: 'a/wal/0' })

test('no record where the log names one -> ERR_SEAWALL_CORRUPT_LOG with LSN, path and cause', () => {
  const error = asLostRecord(outOfRange, 'the record that somebody names') as SeawallError
  assert.is(error.code, 'ERR_SEAWALL_CORRUPT_LOG')
  assert.equal([error.lsn, error.path, error.cause], [4096, 'a/wal/0', outOfRange])
  assert.match(error.message, /the record that somebody names is not there.*LSN 4096/)
})

test('any other error -> the same error', () => {
  const others = [new SeawallError('ERR_SEAWALL_IO', { lsn: 1 }), new Error('no'), undefined]
  for (const other of others) assert.is(asLostRecord(other, 'x'), other)
})

test('undo comes upon a lost record -> ERR_SEAWALL_CORRUPT_LOG', async () => {
  const log = { flushedLSN: 0, get: () => Promise.reject(outOfRange) } as unknown as Log
  const state = { undoNextLSN: 4096 as LSN, marks: new UndoMarks() } as unknown as TransactionState
  const error = await expectError('ERR_SEAWALL_CORRUPT_LOG', () => new UndoReader(log).next(state))
  assert.is(error.lsn, 4096)
})

test.run()
