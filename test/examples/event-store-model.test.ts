// Goal: whatever a crash leaves of the example event store is a beginning of what was appended, with
// everything acknowledged, each append whole; a live reader sees the same events in the same order;
// a projection counts each of them once (P1-P3).
// Method: writers at random from a seed, right and wrong about versions, on simulated disks whose
// power ends anywhere, against a list of what was appended; the projection has a disk of its own.
import { setImmediate as turn } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import {
  type Commit,
  EventStore,
  WrongVersionError,
} from '../../examples/event-store/event-store.ts'
import { Projection } from '../../examples/event-store/projection.ts'
import { simulatedBinding, SimulatedDisk, survival } from '../../simulation/simulated-disk.ts'
import { Random, seedOr } from '../support/random.ts'

const rounds = Number(process.env.SEAWALL_ROUNDS ?? 15)
const firstSeed = seedOr(1)
const crashesPerRound = 5
const streams = ['a', 'b', 'c', 'ü/d']

interface Appended {
  readonly stream: string
  readonly firstVersion: number
  readonly marks: readonly string[]
  isAcknowledged: boolean
  position: number | undefined
}

/** The marks of all events that were counted, and a sum that shows what was counted twice. */
interface Counted {
  commits: number
  events: number
  hash: number
}

const hashOf = (hash: number, text: string): number =>
  [...text].reduce((sum, char) => (Math.imul(sum, 31) + (char.codePointAt(0) ?? 0)) | 0, hash)
const textOf = (data: Uint8Array): string => Buffer.from(data).toString()

function count(state: Counted, stream: string, marks: readonly string[]): Counted {
  return {
    commits: state.commits + 1,
    events: state.events + marks.length,
    hash: hashOf(state.hash, `${stream} ${marks.join()}`),
  }
}

const nothing: Counted = { commits: 0, events: 0, hash: 0 }
const marksOf = ({ events }: Commit): string[] => events.map(({ data }) => textOf(data))

const totals = { acknowledged: 0, conflicts: 0, lost: 0, kept: 0, snapshots: 0, replayed: 0 }

test('power ends or process is killed anywhere -> a beginning of the appends, each counted once', async () => {
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

class Round {
  readonly random: Random
  readonly appended: Appended[] = []
  failure: unknown
  #marks = 0

  constructor(random: Random) {
    this.random = random
  }

  async write(store: EventStore, steps: number): Promise<void> {
    for (let i = 0; i < steps && this.failure === undefined; i++) {
      try {
        await this.#step(store)
      } catch (error) {
        this.failure ??= error
      }
      if (this.random.chance(0.2)) await turn()
    }
  }

  async #step(store: EventStore): Promise<void> {
    const { random } = this
    const stream = random.pick(streams)
    const version = store.versionOf(stream)
    if (version > 0 && random.chance(0.1)) {
      totals.snapshots += 1
      return store.saveSnapshot(stream, version, Buffer.from(`state at ${version}`))
    }
    const expected = random.chance(0.2) ? random.below(version + 3) : version
    const length = random.chance(0.05) ? 30_000 : random.below(300)
    const marks = Array.from(
      { length: 1 + random.below(4) },
      () => `${(this.#marks += 1)}${'.'.repeat(length)}`,
    )
    const entry: Appended = {
      stream,
      firstVersion: version + 1,
      marks,
      isAcknowledged: false,
      position: undefined,
    }
    const events = marks.map((mark) => ({ type: 'marked', data: Buffer.from(mark) }))
    const promise = store.append(stream, random.chance(0.1) ? 'any' : expected, events)
    const isAppended = store.versionOf(stream) > version
    if (isAppended) this.appended.push(entry)
    try {
      const { position, version: newVersion } = await promise
      assert.is(newVersion, version + marks.length)
      entry.position = position
      entry.isAcknowledged = true
      totals.acknowledged += 1
    } catch (error) {
      if (!(error instanceof WrongVersionError)) throw error
      assert.not(isAppended)
      assert.is.not(expected, version)
      totals.conflicts += 1
    }
  }

  /** Compares, and forgets what the crash took: it may not come back. */
  async compare(store: EventStore): Promise<Counted> {
    let counted = nothing
    for await (const commit of store.readAll()) {
      const entry = this.appended[counted.commits]
      assert.ok(entry !== undefined, 'more than was appended')
      const { stream, firstVersion, marks, position } = entry as Appended
      assert.equal([commit.stream, marksOf(commit)], [stream, marks])
      assert.equal(
        commit.events.map((event) => event.version),
        marks.map((_, i) => firstVersion + i),
      )
      assert.ok(position === undefined || position === commit.position)
      counted = count(counted, commit.stream, marksOf(commit))
    }
    const lost = this.appended.splice(counted.commits)
    const broken = lost.find(({ isAcknowledged }) => isAcknowledged)
    assert.is(broken, undefined, `lost: ${JSON.stringify(broken)?.slice(0, 200)}`)
    totals.lost += lost.length
    totals.kept += this.appended.filter(({ isAcknowledged }) => !isAcknowledged).length
    for (const entry of this.appended) entry.isAcknowledged = true
    await this.#compareStreams(store)
    return counted
  }

  async #compareStreams(store: EventStore): Promise<void> {
    for (const stream of streams) {
      const marks = this.appended
        .filter((entry) => entry.stream === stream)
        .flatMap((entry) => entry.marks)
      assert.is(store.versionOf(stream), marks.length)
      const from = 1 + this.random.below(marks.length + 1)
      const read: string[] = []
      for await (const { data } of store.readStream(stream, from)) read.push(textOf(data))
      assert.equal(read, marks.slice(from - 1))
      const snapshot = await store.readSnapshot(stream)
      if (snapshot === undefined) continue
      assert.is(textOf(snapshot.state), `state at ${snapshot.version}`)
      assert.ok(snapshot.version <= marks.length)
    }
  }
}

async function round(random: Random, seed: number): Promise<void> {
  const disks = [new SimulatedDisk(seed), new SimulatedDisk(seed + 1)] as const
  const [storeDisk, viewDisk] = disks
  const state = new Round(random)
  const segmentBytes = 64 * 1024
  const log = {
    segmentBytes,
    bufferBytes: segmentBytes,
    nativeBinding: simulatedBinding,
    padToBlock: random.chance(0.2),
  }
  try {
    for (let crash = 0; crash <= crashesPerRound; crash++) {
      const store = await EventStore.open(storeDisk.directory, log)
      const counted = await state.compare(store)
      const openView = (): Promise<Projection<Counted>> =>
        Projection.open(viewDisk.directory, store, {
          initial: nothing,
          apply: (before, commit) => count(before, commit.stream, marksOf(commit)),
          checkpointEvery: 1 + random.below(20),
          log,
        })
      const view = await openView()
      assert.ok(view.state.commits <= counted.commits)
      totals.replayed += counted.commits - view.state.commits
      assert.equal(await view.catchUp(), counted)
      random.pick(disks).endPowerAfter(10 + random.below(100))
      state.failure = undefined
      const following = view.follow().catch((error: unknown) => (state.failure ??= error))
      await Promise.all(
        Array.from({ length: 1 + random.below(5) }, () =>
          state.write(store, 10 + random.below(80)),
        ),
      )
      if (state.failure !== undefined && !disks.some(({ isOff }) => isOff)) throw state.failure
      for (const disk of disks) {
        if (random.chance(0.3)) disk.kill(random.below(2 ** 31))
        else disk.cutPower(random.pick(Object.values(survival)), random.below(2 ** 31))
      }
      await Promise.all([store.close().catch(() => {}), view.close().catch(() => {}), following])
    }
  } finally {
    for (const disk of disks) disk.forget()
  }
}

test.run()
