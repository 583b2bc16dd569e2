// timeout: 120s
// Goal: any sequence of requests, conversions, withdrawals and releases is served like in the naive table: same
// holders, same waiters, a deadlock is reported if and only if there is one, the youngest gives way.
// Method: random schedules from a printed seed, in which owners wait for several locks at once; after each step everything is
// compared. Of victims every order is tried, since the naive table only judges them.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { SeawallError } from '../../../lib/errors.ts'
import { LockOwner, LockTable } from '../../../lib/txn/lock-table.ts'
import { lockModes, NaiveLockTable } from '../../support/naive-lock-table.ts'
import { generator } from '../../support/random.ts'

const seed = Number(process.env.SEAWALL_SEED ?? 20261121)

interface Call {
  request: number
  owner: LockOwner
  outcome: 'waits' | 'granted' | 'withdrawn' | 'deadlock'
  abort: AbortController
}

/** The naive table after the victims gave way in an order in which each was one, if there is such an order. */
function afterVictims(model: NaiveLockTable, victims: number[]): NaiveLockTable | undefined {
  if (victims.length === 0) return model.hasCycle() ? undefined : model
  for (const victim of victims.filter((one) => model.isVictim(one))) {
    const next = model.clone()
    next.withdraw([victim])
    const rest = victims.filter((one) => one !== victim)
    const end = afterVictims(next, rest)
    if (end !== undefined) return end
  }
  return undefined
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

class Schedule {
  readonly table = new LockTable()
  readonly calls: Call[] = []
  readonly owners: LockOwner[]
  readonly #random: (below: number) => number
  readonly #keyCount: number
  model: NaiveLockTable
  deadlocks = 0
  #lastOwner = 0

  constructor(random: (below: number) => number, ownerCount: number, keyCount: number) {
    this.#random = random
    this.#keyCount = keyCount
    this.model = new NaiveLockTable(keyCount)
    this.owners = Array.from({ length: ownerCount }, () => this.#newOwner())
  }

  async step(): Promise<void> {
    const at = this.#random(this.owners.length)
    const owner = this.owners[at] as LockOwner
    const choice = this.#random(100)
    const waits = this.calls.filter((call) => call.outcome === 'waits')
    const own = waits.filter((call) => call.owner === owner).map((call) => call.request)
    this.model.granted = []
    if (choice < 60 && own.length < 3) this.#acquire(owner)
    else if (choice < 72) this.#tryAcquire(owner)
    else if (choice < 80) {
      waits[this.#random(waits.length)]?.abort.abort()
      this.model.withdraw(waits.filter((call) => call.abort.signal.aborted).map((c) => c.request))
    } else if (choice < 85) {
      this.table.cancel(owner, new SeawallError('ERR_SEAWALL_TRANSACTION_TIMEOUT'))
      this.model.withdraw(own)
    } else {
      this.table.releaseAll(owner)
      this.model.release(owner.id)
      this.owners[at] = this.#newOwner()
    }
    await this.#compare(waits)
  }

  async finish(): Promise<void> {
    for (const owner of this.owners) this.table.releaseAll(owner)
    await settled()
    assert.ok(this.calls.every((call) => call.outcome !== 'waits'))
    const { locks, waiters } = this.table.stats()
    assert.equal({ locks, waiters }, { locks: 0, waiters: 0 })
  }

  #newOwner(): LockOwner {
    this.#lastOwner += 1
    return new LockOwner(this.#lastOwner)
  }

  #choose(): { key: number; mode: (typeof lockModes)[number] } {
    const mode = lockModes[this.#random(lockModes.length)] as (typeof lockModes)[number]
    return { key: this.#random(this.#keyCount), mode }
  }

  #acquire(owner: LockOwner): void {
    const { key, mode } = this.#choose()
    const call: Call = {
      request: this.calls.length,
      owner,
      outcome: 'waits',
      abort: new AbortController(),
    }
    this.calls.push(call)
    const granted = this.table.acquire(owner, key, mode, { signal: call.abort.signal })
    if (granted === undefined) call.outcome = 'granted'
    granted?.then(
      () => (call.outcome = 'granted'),
      ({ code }: SeawallError) => {
        call.outcome = code === 'ERR_SEAWALL_DEADLOCK' ? 'deadlock' : 'withdrawn'
      },
    )
    this.model.request(call.request, owner.id, key, mode)
  }

  #tryAcquire(owner: LockOwner): void {
    const { key, mode } = this.#choose()
    const probe = this.model.clone()
    probe.request(-1, owner.id, key, mode)
    const isGranted = probe.granted.includes(-1)
    assert.is(this.table.tryAcquire(owner, key, mode), isGranted)
    if (isGranted) this.model = probe
  }

  async #compare(waited: Call[]): Promise<void> {
    await settled()
    const newest = this.calls.slice(-1).filter((call) => !waited.includes(call))
    const known = this.model.waiting().map((one) => one.request)
    const victims = [...waited, ...newest]
      .filter((call) => call.outcome === 'deadlock')
      .map((call) => call.request)
      .filter((request) => known.includes(request))
    const model = afterVictims(this.model, victims)
    assert.ok(model, `victims [${victims.join()}] do not break the deadlocks there are`)
    this.model = model
    this.deadlocks += victims.length
    assert.is(this.table.stats().deadlocks, this.deadlocks)

    const waiting = this.calls.filter((call) => call.outcome === 'waits').map((c) => c.request)
    const expected = model.waiting().map((one) => one.request)
    assert.equal(
      waiting,
      expected.sort((a, b) => a - b),
      'waiters',
    )
    assert.is(this.table.stats().waiters, waiting.length)
    for (const owner of this.owners) {
      for (let key = 0; key < this.#keyCount; key++) {
        assert.is(
          this.table.modeOf(owner, key),
          model.modeOf(owner.id, key),
          `${owner.id} on ${key}`,
        )
      }
    }
    assert.is(this.table.stats().locks, model.keys.filter((key) => key.holders.length > 0).length)
    assert.ok(
      this.owners.some((owner) => !owner.isWaiting),
      'everybody waits, nobody was told',
    )
  }
}

test('H41 H42 random schedules -> served like in the naive table, nothing is left behind', async () => {
  console.log(`seed ${seed}`)
  const rounds = Number(process.env.SEAWALL_ROUNDS ?? 100)
  let deadlocks = 0
  for (let round = 0; round < rounds; round++) {
    const random = generator(seed + round)
    const schedule = new Schedule(random, 2 + random(6), 1 + random(5))
    for (let step = 0; step < 250; step++) {
      try {
        await schedule.step()
      } catch (error) {
        throw new Error(`seed ${seed + round}, step ${step}: ${String(error)}`, { cause: error })
      }
    }
    await schedule.finish()
    deadlocks += schedule.deadlocks
  }
  assert.ok(deadlocks > rounds, `only ${deadlocks} deadlocks in ${rounds} schedules`)
})

test.run()
