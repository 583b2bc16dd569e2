// Goal: a crash at any moment of the making of a store and of its first transactions leaves nothing,
// or a store that goes on as if nothing had been (H11, H28; found by L2: the map of pages handed
// out itself).
// Method: the first transactions of a new store on the stepped simulated disk; a crash after every
// event of the device, everything that may be left tried; then the store is used again.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { Engine, type EngineOptions } from '../../lib/index.ts'
import { CrashedDisk } from '../../simulation/crashed-disk.ts'
import { SteppedWorld, steppedBinding } from '../../simulation/stepped-world.ts'

// 0 is the header of the file, 1 the first map.
const firstPageId = 2

function optionsIn(world: SteppedWorld): EngineOptions {
  return {
    nativeBinding: steppedBinding,
    clock: world.clock,
    pageSize: 4096,
    bufferPoolBytes: 16 * 4096,
    segmentBytes: 64 * 1024,
    bufferBytes: 64 * 1024,
    maxWalBytes: 64 * 1024,
    maxLogBytes: 1024 * 1024,
    // Page images between the records: a tear can come between any two.
    consistencyChecks: true,
  }
}

async function allocateTwo(world: SteppedWorld, engine: Engine): Promise<number[]> {
  return world.run(
    engine.transaction(async (tx) => {
      const [first, second] = [await tx.allocatePage(), await tx.allocatePage()]
      tx.write(first, 0, Buffer.from('first'))
      tx.write(second, 0, Buffer.from('second'))
      return [first.id, second.id]
    }),
  )
}

test('crash after every event of the first transactions -> the map is never handed out', async () => {
  const disk = CrashedDisk.empty({ sectorBytes: 4096, outcomes: 'whole' })
  disk.record()
  const world = new SteppedWorld(1)
  const engine = await world.run(Engine.open(disk.mount(), optionsIn(world)))
  const opened = disk.events
  const tx = await world.run(engine.begin())
  const page = await world.run(tx.allocatePage())
  tx.write(page, 0, Buffer.from('never committed'))
  await world.run(tx.rollback())
  await allocateTwo(world, engine)
  world.abandon()
  let states = 0
  for (let event = 0; event <= disk.events; event++) {
    let picks: number[] | undefined = []
    while (picks !== undefined) {
      const crashed = disk.crashAt(event, 'cut', picks)
      const again = new SteppedWorld(1)
      const recovered = await again.run(Engine.open(crashed.mount(), optionsIn(again)))
      const ids = await allocateTwo(again, recovered)
      assert.ok(
        ids.every((id) => id >= firstPageId),
        `event ${event}, picks ${String(picks)}: pages ${String(ids)}`,
      )
      await again.run(recovered.close())
      picks = crashed.trace().next()
      again.abandon()
      crashed.forget()
      states += 1
    }
  }
  assert.ok(states > disk.events && opened > 0)
})

test.run()
