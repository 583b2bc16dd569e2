// Goal: what pg_test_fsync printed becomes the right figures, and nothing is guessed.
// Method: output of PostgreSQL 15 as it was printed.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { parseTestFsync } from '../../../bench/postgres/test-fsync-output.ts'

const printed = `1 second per test
O_DIRECT supported on this platform for open_datasync and open_sync.

Compare file sync methods using one 8kB write:
(in wal_sync_method preference order, except fdatasync is Linux's default)
        open_datasync                     11711.450 ops/sec      85 usecs/op
        fdatasync                         11388.066 ops/sec      88 usecs/op
        fsync                             11163.917 ops/sec      90 usecs/op
        fsync_writethrough                              n/a
        open_sync                         11397.430 ops/sec      88 usecs/op

Compare file sync methods using two 8kB writes:
(in wal_sync_method preference order, except fdatasync is Linux's default)
        open_datasync                      5803.263 ops/sec     172 usecs/op
`

test('all of it -> the first comparison only, without what the system does not have', () => {
  assert.equal(
    [...parseTestFsync(printed)],
    [
      ['open_datasync', 11_711.45],
      ['fdatasync', 11_388.066],
      ['fsync', 11_163.917],
      ['open_sync', 11_397.43],
    ],
  )
})

test('ended within the first comparison -> what there is', () => {
  const cut = printed.slice(0, printed.indexOf('        fsync  '))
  assert.equal([...parseTestFsync(cut).keys()], ['open_datasync', 'fdatasync'])
})

test('no comparison -> an Error', () => {
  assert.throws(() => parseTestFsync('could not open output file'), /could not open output file/)
})

test.run()
