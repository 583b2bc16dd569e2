// Goal: what the ledger has confirmed it still knows after any end of the observer, and nothing else.
// Method: ledgers that are cut off at every byte of their last entry, damaged, or of another kind.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Ledger } from '../../lib/rig/ledger/ledger.ts'
import { ledgerMagic } from '../../lib/rig/ledger/ledger-entry.ts'
import { frameType } from '../../lib/rig/protocol/frame.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

const onFailure = (error: unknown): void => {
  throw error
}

async function readBack(path: string): Promise<{ texts: string[]; cutBytes: number }> {
  const texts: string[] = []
  const ledger = await Ledger.open(path, ({ payload }) => texts.push(payload.toString()), {
    onFailure,
  })
  await ledger.close()
  return { texts, cutBytes: ledger.cutBytes }
}

async function written(path: string, texts: string[]): Promise<Buffer> {
  const ledger = await Ledger.open(path, () => {}, { onFailure })
  for (const text of texts) ledger.append(frameType.note, 2, Buffer.from(text), 1234)
  await ledger.close()
  return readFileSync(path)
}

test('entries -> come back in order with type, probe and time', async () => {
  const path = join(temporaryDirectory(), 'ledger')
  await written(path, ['one', 'two'])
  const seen: unknown[] = []
  const ledger = await Ledger.open(
    path,
    ({ type, probe, atMs, payload }) => seen.push([type, probe, atMs, payload.toString()]),
    { onFailure },
  )
  await ledger.close()
  assert.equal(seen, [
    [frameType.note, 2, 1234, 'one'],
    [frameType.note, 2, 1234, 'two'],
  ])
})

test('the last entry torn at any byte -> cut off; what comes later is appended behind', async () => {
  const path = join(temporaryDirectory(), 'ledger')
  const whole = await written(path, ['one', 'two', 'three'])
  const lastBytes = 20 + 'three'.length
  for (let missing = 1; missing <= lastBytes; missing++) {
    writeFileSync(path, whole.subarray(0, whole.length - missing))
    const { texts, cutBytes } = await readBack(path)
    assert.equal(texts, ['one', 'two'])
    assert.is(cutBytes, lastBytes - missing)
  }
  await written(path, ['four'])
  assert.equal((await readBack(path)).texts, ['one', 'two', 'four'])
})

test('a flipped bit -> everything from there on is cut off', async () => {
  const path = join(temporaryDirectory(), 'ledger')
  const whole = await written(path, ['one', 'two', 'three'])
  whole.writeUInt8(whole.readUInt8(ledgerMagic.length + 30) ^ 1, ledgerMagic.length + 30)
  writeFileSync(path, whole)
  assert.equal((await readBack(path)).texts, ['one'])
})

test('another file -> refused and left alone', async () => {
  const path = join(temporaryDirectory(), 'notes.txt')
  writeFileSync(path, 'x'.repeat(100))
  try {
    await readBack(path)
    assert.unreachable()
  } catch (error) {
    assert.match((error as Error).message, /not a ledger/)
  }
  assert.is(readFileSync(path, 'utf8'), 'x'.repeat(100))
})

test('whenDurable -> called when everything before it is in the file', async () => {
  const path = join(temporaryDirectory(), 'ledger')
  const ledger = await Ledger.open(path, () => {}, { onFailure, syncMs: 5 })
  for (let i = 0; i < 50; i++) {
    const text = `entry ${i} of many`
    ledger.append(frameType.note, 0, Buffer.from(text))
    await new Promise<void>((resolve) => ledger.whenDurable(resolve))
    assert.ok(readFileSync(path).includes(text))
  }
  await ledger.close()
})

test.run()
