// Goal: a record that a checkpoint or its master record names and that is not in the log any more is
// damage and is called so, with its LSN; nothing is opened.
// Method: simulated disks on which the header of one record is wiped out after a kill. The log begins
// before it, so that the record is not known by being the first one.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, type EngineOptions } from '../../lib/index.ts'
import { simulatedBinding, SimulatedDisk } from '../../simulation/simulated-disk.ts'
import { expectError } from '../support/expect-error.ts'
import { newPage, smallEngine } from '../support/open-engine.ts'

const segmentBytes = 1024 * 1024
const options: EngineOptions = {
  ...smallEngine,
  segmentBytes,
  nativeBinding: simulatedBinding,
  checkpointTimeoutMs: 2 ** 31 - 1,
}

function wipeOut(disk: SimulatedDisk, lsn: number): void {
  const payloadBytes = segmentBytes - 4096
  const name = `wal/${String(Math.floor(lsn / payloadBytes)).padStart(20, '0')}.wal`
  disk.overwrite(name, 4096 + (lsn % payloadBytes), new Uint8Array(24))
}

async function checkDamageAt(disk: SimulatedDisk, lsn: number): Promise<void> {
  const error = await expectError('ERR_SEAWALL_CORRUPT_LOG', () =>
    Engine.open(disk.directory, options),
  )
  assert.is(error.lsn, lsn)
  assert.match(error.message, new RegExp(`is not there.*LSN ${lsn}`))
  disk.forget()
}

test('record of the checkpoint that the master record names is lost -> ERR_SEAWALL_CORRUPT_LOG', async () => {
  const disk = new SimulatedDisk(1)
  const engine = await Engine.open(disk.directory, options)
  engine.holdLog(engine.flushedLSN)
  await newPage(engine, 'text')
  const { checkpointLSN } = await engine.checkpoint({ immediate: true })
  disk.kill(1)
  await engine.close().catch(() => {})
  wipeOut(disk, checkpointLSN)
  await checkDamageAt(disk, checkpointLSN)
})

test('first change of a dirty page before the checkpoint is lost -> ERR_SEAWALL_CORRUPT_LOG', async () => {
  const disk = new SimulatedDisk(2)
  const engine = await Engine.open(disk.directory, options)
  engine.holdLog(engine.flushedLSN)
  const page = await newPage(engine, 'text')
  await engine.checkpoint({ immediate: true })
  const tx = await engine.begin()
  const recLSN = tx.write(await tx.page(page), 0, Buffer.from('more'))
  await tx.commit()
  const { redoLSN, checkpointLSN } = await engine.checkpoint()
  assert.ok(redoLSN === recLSN && recLSN < checkpointLSN)
  disk.kill(2)
  await engine.close().catch(() => {})
  wipeOut(disk, recLSN)
  await checkDamageAt(disk, recLSN)
})

test.run()
