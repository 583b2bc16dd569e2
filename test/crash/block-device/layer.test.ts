// timeout: 120s
// Goal: L5 finds nothing on an honest device and something on each that loses flushes; what it
// finds can be met again; a killed run leaves nothing behind.
// Method: the layer itself with a small budget.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { layer } from '../../../crash/block-device/layer.ts'
import { removeLeftovers } from '../../../crash/block-device/leftovers.ts'
import type { Failure, LayerContext } from '../../../crash/layer.ts'
import { seedOr } from '../../support/random.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const budgetCpuSeconds = 3
const reason = await layer.unavailable()

function contextWith(seed: number): LayerContext {
  return { seed, budgetCpuSeconds, workDirectory: temporaryDirectory(), progress: () => {} }
}

/** False, and says why, where the layer cannot run. */
function isAvailable(): boolean {
  if (reason !== undefined) console.log(`skipped: ${reason}`)
  return reason === undefined
}

test('an honest device -> no violation on XFS and ext4', async () => {
  if (!isAvailable()) return
  const seed = seedOr(1)
  const { counts, violations } = await layer.run(contextWith(seed))
  const messages = violations.map(({ message }) => message)
  assert.equal(messages, [], `SEAWALL_SEED=${seed}`)
  assert.ok((counts.images ?? 0) > 40 && (counts.lostAtoms ?? 0) > 0, JSON.stringify(counts))
})

test('devices that drop flushes -> each is found out, and an image shows it again', async () => {
  if (!isAvailable()) return
  const { violations, notes } = await layer.canary(contextWith(seedOr(2)))
  assert.ok(violations.length > 0, notes.join('; '))
  const found = violations.find(({ parameters }) => parameters.image !== undefined) as Failure
  const again = await layer.replay(JSON.parse(JSON.stringify(found)) as Failure)
  assert.is(again?.oracle, found.oracle)
})

test('a run is killed -> nothing of it is left', async () => {
  if (!isAvailable()) return
  const folder = temporaryDirectory()
  const url = new URL('../../../crash/block-device/block-device.ts', import.meta.url).href
  const script = `
    import { BlockDevice } from ${JSON.stringify(url)}
    const device = await BlockDevice.open(${JSON.stringify(folder)}, {
      fileSystem: 'ext4', sectorBytes: 512,
    })
    device.format()
    await device.mount()
    process.stdout.write('mounted')
    setInterval(() => {}, 1000)`
  const args = ['--import', 'tsx', '--input-type=module', '-e', script]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  assert.ok(mountsIn(folder) >= 2)
  child.kill('SIGKILL')
  await once(child, 'exit')
  removeLeftovers()
  assert.is(mountsIn(folder), 0)
})

function mountsIn(folder: string): number {
  return readFileSync('/proc/self/mountinfo', 'utf8').split(folder).length - 1
}

test.run()
