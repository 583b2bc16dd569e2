// Goal: what the example queue promises holds whatever happens: what was enqueued is delivered until
// it is acknowledged, also when the power ends or the process is killed anywhere; what was
// acknowledged never comes back; messages come in order (P1-P3).
// Method: producers and consumers at random from a seed on a simulated disk whose power ends, against
// a ledger of what was asked for and what was acknowledged. Segments are small, so that truncating
// and moving messages happen all the time.
import { setImmediate as turn } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { DurableQueue } from '../../examples/queue/queue.ts'
import type { QueueOptions } from '../../examples/queue/queue-types.ts'
import { simulatedBinding, SimulatedDisk, survival } from '../../simulation/simulated-disk.ts'
import { Random, seedOr } from '../support/random.ts'
import { QueueLedger } from './queue-ledger.ts'

const rounds = Number(process.env.SEAWALL_ROUNDS ?? 12)
const firstSeed = seedOr(1)
const crashesPerRound = 6
const visibilityTimeoutMs = 100
const segmentBytes = 64 * 1024
const slackBytes = 2 * segmentBytes

interface Session {
  readonly random: Random
  readonly queue: DurableQueue
  readonly ledger: QueueLedger
  failure: unknown
}

test('power ends or process is killed anywhere -> nothing lost, nothing comes back, in order', async () => {
  const totals = { acknowledged: 0, redelivered: 0, undecided: 0, truncatedBytes: 0 }
  for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
    try {
      await round(new Random(seed), seed, totals)
    } catch (error) {
      console.log(`failed with SEAWALL_SEED=${seed}`, error)
      throw error
    }
  }
  console.log(totals)
  // What was not reached was not tested.
  if (rounds >= 12) for (const [name, total] of Object.entries(totals)) assert.ok(total > 0, name)
})

async function round(random: Random, seed: number, totals: Record<string, number>): Promise<void> {
  const disk = new SimulatedDisk(seed)
  const ledger = new QueueLedger()
  let now = 0
  const options: QueueOptions = {
    visibilityTimeoutMs,
    maxDeliveries: random.pick([3, 1000]),
    slackBytes,
    nowMs: () => now,
    log: {
      segmentBytes,
      bufferBytes: segmentBytes,
      nativeBinding: simulatedBinding,
      padToBlock: random.chance(0.2),
    },
  }
  try {
    for (let crash = 0; crash < crashesPerRound; crash++) {
      const queue = await DurableQueue.open(disk.directory, options)
      await ledger.compare(queue)
      now += visibilityTimeoutMs
      const session: Session = { random, queue, ledger, failure: undefined }
      disk.endPowerAfter(20 + random.below(400))
      const workers = 1 + random.below(4)
      ledger.oneConsumer = workers === 1
      const work = Array.from({ length: workers }, () => [
        produce(session),
        consume(session, () => (now += 20)),
      ])
      await Promise.all(work.flat())
      if (session.failure !== undefined && !disk.isOff) throw session.failure
      if (random.chance(0.3)) disk.kill(random.below(2 ** 31))
      else disk.cutPower(random.pick(Object.values(survival)), random.below(2 ** 31))
      await queue.close().catch(() => {})
    }
    const queue = await DurableQueue.open(disk.directory, options)
    await ledger.compare(queue)
    await queue.acknowledge(...ledger.presentIds())
    assert.is(queue.count, 0)
    await queue.close()
    // Tidied up before it was closed.
    await using empty = await DurableQueue.open(disk.directory, options)
    assert.ok(empty.logBytes < slackBytes + segmentBytes, `${empty.logBytes} bytes`)
    const { acknowledged, redelivered, undecided, highestId } = ledger
    totals.acknowledged! += acknowledged
    totals.redelivered! += redelivered
    totals.undecided! += undecided
    totals.truncatedBytes! += highestId - slackBytes - segmentBytes
  } finally {
    disk.forget()
  }
}

async function produce(session: Session): Promise<void> {
  const { random, queue, ledger } = session
  for (let i = 0; i < 150 && session.failure === undefined; i++) {
    const body = ledger.newBody(random.chance(0.05) ? 20_000 : random.below(2500))
    try {
      const id = await queue.enqueue(body)
      ledger.enqueued(body, id)
    } catch (error) {
      session.failure ??= error
    }
    if (random.chance(0.2)) await turn()
  }
}

async function consume(session: Session, passTime: () => void): Promise<void> {
  const { random, queue, ledger } = session
  // Some consumers only begin when there is much to do, some leave what they get.
  const diligence = random.pick([0.5, 0.95, 1])
  try {
    for (let i = 0; i < 200 && session.failure === undefined; i++) {
      const deliveries = await queue.tryReceive(1 + random.below(8))
      if (deliveries.length === 0) await turn()
      for (const delivery of deliveries) ledger.delivered(delivery)
      if (random.chance(0.3)) passTime()
      for (const delivery of deliveries) {
        if (random.chance(0.1)) queue.release(delivery)
        if (!random.chance(diligence)) continue
        ledger.acknowledging(delivery.id)
        await queue.acknowledge(delivery.id)
        ledger.acknowledgedNow(delivery.id)
      }
    }
  } catch (error) {
    session.failure ??= error
  }
}

test.run()
