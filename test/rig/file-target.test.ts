// Goal: what the agent writes past the page cache is what it reads back, in every size; credit and
// the simulated device keep their rules.
// Method: a real file in the temporary directory; a device whose power is cut.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Credit } from '../../lib/rig/agent/credit.ts'
import { FileTarget } from '../../lib/rig/agent/file-target.ts'
import { SimulatedDevice } from '../../lib/rig/selftest/simulated-device.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const kib = 1024

test('writes of one block to 256 KiB, plain and through -> read back', async () => {
  const path = join(temporaryDirectory(), 'target')
  writeFileSync(path, Buffer.alloc(1024 * kib))
  const target = await FileTarget.open(path, {
    bytes: 1024 * kib,
    blockBytes: 512,
    wholeUnitBytes: 512,
    isDevice: false,
    fingerprint: { model: 'x' },
    counters: undefined,
  })
  assert.type(target.fingerprint.directIO, 'boolean')
  for (const bytes of [512, 1 * kib, 4 * kib, 64 * kib, 256 * kib]) {
    const memory = target.allocate(bytes)
    for (const through of [false, true]) {
      memory.fill(bytes / 512 + (through ? 1 : 0))
      const expected = Buffer.from(memory)
      await target.write(memory, 512, through)
      await target.flush()
      memory.fill(0)
      await target.read(memory, 512)
      assert.ok(memory.equals(expected), `${bytes} bytes`)
    }
  }
  await target.close()
})

test('credit -> announced ahead, issued only when confirmed', async () => {
  const announced: number[] = []
  const credit = new Credit(11, 100, (upTo) => announced.push(upTo))
  assert.equal(announced, [110])
  assert.not.ok(credit.covers(11))
  const more = credit.more()
  credit.confirmed(110)
  await more
  assert.ok(credit.covers(11))
  assert.ok(credit.covers(110))
  assert.not.ok(credit.covers(111))
  assert.equal(announced, [110, 210])
  credit.stop()
  assert.ok(credit.isStopped)
})

test('honest device -> keeps what was flushed or written through, and some version of the rest', () => {
  const shape = { bytes: 64 * kib, blockBytes: 512, atomicBytes: 4 * kib }
  for (let seed = 1; seed <= 50; seed++) {
    const device = new SimulatedDevice(shape, 'none', seed)
    const unit = (value: number): Buffer => Buffer.alloc(4 * kib, value)
    device.write(0, unit(1), false)
    device.flush()
    device.write(0, unit(2), false)
    device.write(0, unit(3), false)
    device.write(8 * kib, unit(4), true)
    assert.is(device.read(0, 512)[0], 3, 'read before the cut')
    const before = device.identity()
    device.powerOff()
    device.powerOn()
    const first = device.read(0, 4 * kib)
    assert.ok([1, 2, 3].includes(first[0] ?? 0))
    assert.ok(first.equals(unit(first[0] ?? 0)), 'not torn')
    assert.ok(device.read(8 * kib, 4 * kib).equals(unit(4)))
    assert.is(device.identity().counters.powerCycles, before.counters.powerCycles + 1)
    assert.is.not(device.identity().bootId, before.bootId)
  }
})

test.run()
