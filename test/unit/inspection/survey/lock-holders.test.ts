// Goal: who has a log open is found by its lock, and told apart from other locks.
// Method: the text of /proc/locks by hand, and logs that this process has open.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log } from '../../../../lib/index.ts'
import { lockModes, logUse } from '../../../../lib/inspection/survey/lock-holders.ts'
import { openSmall, temporaryDirectory } from '../../../support/temporary-directory.ts'

const locks = [
  '1: POSIX  ADVISORY  WRITE 714 00:19:1093 0 EOF',
  '2: OFDLCK ADVISORY  WRITE -1 fe:01:4711 0 EOF',
  '3: OFDLCK ADVISORY  READ -1 fe:01:4712 0 EOF',
  '3: -> OFDLCK ADVISORY  WRITE -1 fe:01:4712 0 EOF',
  '4: FLOCK  ADVISORY  WRITE 5 103:10001:4713 0 EOF',
  '',
].join('\n')

test('locks of other files and devices, and waiting for a lock -> not ours', () => {
  const device = 0xfe01
  assert.equal(lockModes(locks, 4711, device), ['WRITE'])
  assert.equal(lockModes(locks, 4712, device), ['READ'])
  assert.equal(lockModes(locks, 471, device), [])
  assert.equal(lockModes(locks, 4711, device + 1), [])
})

test('no device -> every open file description lock on an inode of this number', () => {
  assert.equal(lockModes(locks, 4711), ['WRITE'])
  assert.equal(lockModes(locks, 4712), ['READ'])
  // No log takes a lock of these kinds.
  assert.equal(lockModes(locks, 1093), [])
  assert.equal(lockModes(locks, 4713), [])
})

test('large device numbers -> as in st_dev', () => {
  const device = 0x01 + 0x103 * 2 ** 8 + 0x100 * 2 ** 20
  assert.equal(lockModes(locks, 4713, device), ['WRITE'])
})

test('log open for writing, for reading, closed, missing -> said so, with this process', async () => {
  const directory = temporaryDirectory()
  assert.equal(await logUse(directory), { state: 'closed', holders: [] })
  const writer = await openSmall({}, directory)
  const use = await logUse(directory)
  assert.is(use.state, 'writer')
  assert.equal(
    use.holders.map(({ pid }) => pid),
    [process.pid],
  )
  await writer.close()
  assert.is((await stat(join(directory, 'LOCK'))).isFile(), true)
  assert.equal(await logUse(directory), { state: 'closed', holders: [] })
  const reader = await Log.open(directory, { readOnly: true })
  assert.is((await logUse(directory)).state, 'readers')
  await reader.close()
})

test.run()
