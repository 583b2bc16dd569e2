// Goal: a log that is full to maxLogBytes opens for writing, by at most one segment beyond the limit
// however often; it takes no record before it is truncated, and is back under its limit after that.
// Method: real directories filled until ERR_SEAWALL_LOG_FULL, with and without padding; kills in
// between on the simulated disk.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Log, type LogOptions } from '../../lib/index.ts'
import { simulatedBinding, SimulatedDisk, survival } from '../../simulation/simulated-disk.ts'
import { expectError } from '../support/expect-error.ts'
import { bodiesOf, temporaryDirectory } from '../support/temporary-directory.ts'

const segmentBytes = 64 * 1024
const segmentsMax = 4
const limited: LogOptions = {
  segmentBytes,
  bufferBytes: 64 * 1024,
  maxLogBytes: segmentsMax * segmentBytes,
}

const segmentFiles = (log: Log): number => readdirSync(join(log.directory, 'wal')).length

/** Appends until there is no room; the bodies of what is in the log. `eachFlushed`: padded, each of them. */
async function fill(log: Log, bodyBytes: number, eachFlushed: boolean): Promise<string[]> {
  const bodies: string[] = []
  for (;;) {
    const body = String(bodies.length).padEnd(bodyBytes, '.')
    try {
      const lsn = log.append(Buffer.from(body))
      if (eachFlushed) await log.flush(lsn)
    } catch (error) {
      assert.is((error as { code?: string }).code, 'ERR_SEAWALL_LOG_FULL')
      await log.flush()
      return bodies
    }
    bodies.push(body)
  }
}

async function checkTakesNothing(log: Log, leastBytes: number): Promise<void> {
  const { endLSN } = log
  // What fits into the segment that the open has prepared, and what does not.
  for (const bytes of [leastBytes, 20_000, 100_000]) {
    await expectError('ERR_SEAWALL_LOG_FULL', () => log.append(Buffer.alloc(bytes)))
    await expectError('ERR_SEAWALL_LOG_FULL', () => log.commit(Buffer.alloc(bytes)))
  }
  assert.is(log.endLSN, endLSN)
}

for (const padToBlock of [true, false]) {
  // With 40 bytes a record, the end comes to lie at several distances from the limit.
  for (const bodyBytes of padToBlock ? [8] : [8, 16, 24, 40, 1000]) {
    const name = `padToBlock ${padToBlock}, ${bodyBytes} bytes`
    test(`full log, ${name} -> opens, reads, takes nothing until truncated, then goes on within its limit`, async () => {
      const options = { ...limited, padToBlock }
      const directory = temporaryDirectory()
      let log = await Log.open(directory, options)
      const bodies = await fill(log, bodyBytes, padToBlock)
      await log.close()
      for (let i = 0; i < 8; i++) {
        log = await Log.open(directory, options)
        assert.ok(segmentFiles(log) <= segmentsMax + 1)
        if (i === 7) break
        assert.equal(await bodiesOf(log), bodies)
        await log.close()
      }
      await checkTakesNothing(log, bodyBytes)
      const readOnly = { ...options, readOnly: true }
      await log.close()
      const reader = await Log.open(directory, readOnly)
      assert.equal(await bodiesOf(reader), bodies)
      await reader.close()
      log = await Log.open(directory, options)
      await log.truncateBefore(log.flushedLSN)
      assert.ok(segmentFiles(log) <= segmentsMax)
      const again = await fill(log, bodyBytes, padToBlock)
      assert.ok(again.length > bodies.length / 2)
      assert.ok(segmentFiles(log) <= segmentsMax)
      assert.equal(await bodiesOf(log), again)
      await log.close()
    })
  }
}

test('full log, opened beyond its limit, truncated by one segment -> goes on in what was prepared', async () => {
  const directory = temporaryDirectory()
  let log = await Log.open(directory, { ...limited, padToBlock: true })
  await fill(log, 8, true)
  await log.close()
  log = await Log.open(directory, limited)
  assert.is(segmentFiles(log), segmentsMax + 1)
  const waiting = await expectError('ERR_SEAWALL_LOG_FULL', () => log.append(Buffer.alloc(8)))
  assert.match(waiting.message, /truncateBefore/)
  for await (const { lsn } of log.read()) {
    if (lsn < segmentBytes) continue
    await log.truncateBefore(lsn)
    break
  }
  assert.is(segmentFiles(log), segmentsMax)
  assert.is(log.stats().logBytes, limited.maxLogBytes)
  assert.ok((await fill(log, 8, false)).length > 500)
  assert.is(segmentFiles(log), segmentsMax)
  await log.close()
})

test('full log, opened and killed or cut off at any step, again and again -> one segment beyond its limit and no more', async () => {
  const disk = new SimulatedDisk(1)
  const options = { ...limited, padToBlock: false, nativeBinding: simulatedBinding }
  let log = await Log.open(disk.directory, options)
  const bodies = await fill(log, 8, true)
  await log.close()
  for (let round = 0; round < 120; round++) {
    disk.endPowerAfter(1 + (round % 40))
    const opened = await Log.open(disk.directory, options).catch(() => undefined)
    await opened?.close().catch(() => {})
    if (round % 3 === 0) disk.kill(round)
    else disk.cutPower(survival.random, round)
    if (round % 10 !== 0) continue
    log = await Log.open(disk.directory, options)
    assert.ok(log.stats().logBytes <= (segmentsMax + 1) * segmentBytes)
    assert.equal(await bodiesOf(log), bodies)
    await log.close()
  }
  log = await Log.open(disk.directory, options)
  await checkTakesNothing(log, 0)
  await log.truncateBefore(log.flushedLSN)
  await log.commit(Buffer.from('again'))
  assert.ok(log.stats().logBytes <= segmentsMax * segmentBytes)
  assert.equal(await bodiesOf(log), ['again'])
  await log.close()
  disk.forget()
})

test.run()
