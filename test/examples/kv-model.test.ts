// Goal: the example key-value store is a map whose batches are atomic: with reads and scans beside
// writes, flushes and merges, and after a crash anywhere a beginning of the writes with everything
// that was promised (P1-P3).
// Method: workers at random from a seed, each with keys of its own and a list of what it wrote, on
// simulated disks whose power ends; memtables are small, so that runs are written and merged.
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { type Change, KeyValueStore } from '../../examples/kv/store.ts'
import { simulatedBinding, SimulatedDisk, survival } from '../../simulation/simulated-disk.ts'
import { Random, seedOr } from '../support/random.ts'

const rounds = Number(process.env.SEAWALL_ROUNDS ?? 15)
const firstSeed = seedOr(1)
const crashesPerRound = 5
const totals = { promised: 0, lost: 0, kept: 0, deleted: 0, scans: 0, cut: 0, merged: 0 }

type Contents = Map<string, string>

test('power ends or process is killed anywhere -> a beginning of the writes, whole batches', async () => {
  for (let seed = firstSeed; seed < firstSeed + rounds; seed++) {
    try {
      await round(new Random(seed), seed)
    } catch (error) {
      console.log(`failed with SEAWALL_SEED=${seed}`, error)
      throw error
    }
  }
  console.log(totals)
  // What was not reached was not tested.
  if (rounds >= 15) for (const [name, total] of Object.entries(totals)) assert.ok(total > 0, name)
})

/** Somebody who writes to keys of his own, and knows what they hold. */
class Worker {
  readonly name: string
  readonly #random: Random
  readonly #contents: Contents = new Map()
  /** States after each write since the last one that is known to be durable. */
  #possible: Contents[] = []
  #durable: Contents = new Map()

  constructor(name: string, random: Random) {
    this.name = name
    this.#random = random
  }

  async run(store: KeyValueStore, steps: number): Promise<void> {
    for (let i = 0; i < steps; i++) {
      const choice = this.#random.next()
      if (choice < 0.6) await this.#write(store)
      else if (choice < 0.85) await this.#get(store)
      else if (choice < 0.93) await this.#scan(store)
      else if (choice < 0.97) await this.#sync(store)
      else await store.flush()
    }
  }

  /** What was found after a crash is what there is now. */
  compare(found: Contents): void {
    const candidates = [this.#durable, ...this.#possible]
    const index = candidates.findLastIndex((contents) => differenceOf(contents, found) === '')
    const differences = candidates.map((contents) => differenceOf(contents, found)).slice(0, 3)
    assert.ok(index >= 0, `${this.name}, ${candidates.length} states: ${differences.join('; ')}`)
    totals.lost += candidates.length - 1 - index
    totals.kept += index
    this.#durable = new Map(found)
    this.#possible = []
    this.#contents.clear()
    for (const [key, value] of found) this.#contents.set(key, value)
  }

  #key(): string {
    return `${this.name}/${this.#random.below(150)}`
  }

  #change(): Change {
    const key = this.#key()
    if (this.#random.chance(0.3)) return { key }
    const length = this.#random.chance(0.02) ? 40_000 : this.#random.below(600)
    return { key, value: Buffer.from(`${this.#random.below(1e9)}`.padEnd(length, '.')) }
  }

  async #write(store: KeyValueStore): Promise<void> {
    const random = this.#random
    const changes = Array.from({ length: 1 + random.below(5) }, () => this.#change())
    const durability = random.chance(0.4) ? 'flush' : 'async'
    for (const { key, value } of changes) {
      const name = String(key)
      if (value === undefined) this.#contents.delete(name)
      else this.#contents.set(name, Buffer.from(value).toString())
      if (value === undefined) totals.deleted += 1
    }
    this.#possible.push(new Map(this.#contents))
    await store.write(changes, { durability })
    if (durability === 'flush') this.#promised(this.#possible.length)
  }

  async #sync(store: KeyValueStore): Promise<void> {
    const { length } = this.#possible
    await store.sync()
    this.#promised(length)
  }

  #promised(count: number): void {
    this.#durable = this.#possible[count - 1] ?? this.#durable
    this.#possible = this.#possible.slice(count)
    totals.promised += count
  }

  async #get(store: KeyValueStore): Promise<void> {
    const key = this.#key()
    const value = await store.get(key)
    assert.is(value && Buffer.from(value).toString(), this.#contents.get(key), `get ${key}`)
  }

  async #scan(store: KeyValueStore): Promise<void> {
    const expected = new Map(this.#contents)
    const scan = store.scan(`${this.name}/`, `${this.name}0`)
    const found: Contents = new Map()
    const first = await scan.next()
    if (first.done !== true) found.set(first.value[0].toString(), textOf(first.value[1]))
    // It shows what was there when it began.
    for (let i = this.#random.below(4); i > 0; i--) await this.#write(store)
    if (this.#random.chance(0.2)) await store.flush()
    for await (const [key, value] of scan) found.set(key.toString(), textOf(value))
    assert.is(differenceOf(expected, found), '', 'scan')
    assert.equal([...found.keys()], [...found.keys()].sort())
    totals.scans += 1
  }
}

const textOf = (value: Uint8Array): string => Buffer.from(value).toString()

/** Empty when both are the same. */
function differenceOf(expected: Contents, found: Contents): string {
  for (const key of new Set([...expected.keys(), ...found.keys()])) {
    const [a, b] = [expected.get(key), found.get(key)]
    if (a !== b) return `${key}: ${a?.slice(0, 20)}, found ${b?.slice(0, 20)}`
  }
  return ''
}

async function compareAll(store: KeyValueStore, workers: readonly Worker[]): Promise<void> {
  const found = new Map(workers.map(({ name }) => [name, new Map<string, string>()]))
  for await (const [key, value] of store.scan()) {
    const name = key.toString().split('/')[0] ?? ''
    found.get(name)?.set(key.toString(), textOf(value))
  }
  for (const worker of workers) worker.compare(found.get(worker.name) ?? new Map())
}

/** The disk that the simulation makes for a directory that is opened on it. */
function diskOf(directory: string): SimulatedDisk {
  const disk = Object.create(SimulatedDisk.prototype) as SimulatedDisk
  return Object.assign(disk, { directory })
}

async function round(random: Random, seed: number): Promise<void> {
  const disk = new SimulatedDisk(seed)
  const disks = [disk, diskOf(join(disk.directory, 'runs'))]
  const segmentBytes = 64 * 1024
  const options = {
    memtableBytes: 4096 * (1 + random.below(8)),
    runsMax: 1 + random.below(4),
    log: {
      segmentBytes,
      bufferBytes: segmentBytes,
      nativeBinding: simulatedBinding,
      padToBlock: random.chance(0.2),
    },
  }
  const workers = Array.from(
    { length: 1 + random.below(4) },
    (_, i) => new Worker(`worker${i}`, random),
  )
  try {
    for (let crash = 0; crash <= crashesPerRound; crash++) {
      const store = await KeyValueStore.open(disk.directory, options)
      await compareAll(store, workers)
      random.pick(disks).endPowerAfter(10 + random.below(200))
      let failure: unknown
      const work = workers.map((worker) =>
        worker.run(store, 120).catch((error: unknown) => (failure ??= error)),
      )
      await Promise.all(work)
      if (failure !== undefined && !disks.some(({ isOff }) => isOff)) throw failure
      for (const each of disks) {
        if (random.chance(0.3)) each.kill(random.below(2 ** 31))
        else each.cutPower(random.pick(Object.values(survival)), random.below(2 ** 31))
      }
      await store.close().catch(() => {})
      await turn()
    }
    const store = await KeyValueStore.open(disk.directory, options)
    await compareAll(store, workers)
    await store.flush()
    const { writes, runs } = store.logBytes
    // Cut off, and merged: they have seen a multiple of it.
    assert.ok(writes < 3 * segmentBytes, `${writes} bytes of writes`)
    if (writes < segmentBytes) totals.cut += 1
    if (runs < 20 * segmentBytes) totals.merged += 1
    await store.close()
  } finally {
    for (const each of disks) each.forget()
  }
}

test.run()
