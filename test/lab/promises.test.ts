// Goal: what the lab shows is true: of what was acknowledged survives what each mode promises, and records are where it says.
// Method: hundreds of seeded runs with several power cuts each; what the state showed before a cut is compared with what is there after it.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

import { randomFrom } from '../../lib/lab/random.ts'
import {
  type CommitMode,
  type CutSurvival,
  cutSurvivals,
  type LabState,
  type RecordView,
} from '../../lib/lab/lab-types.ts'
import { LabDriver } from './lab-driver.ts'

const test = suite('what the lab shows')
const recordSizes = [16, 64, 256, 1024, 4096]
const driver = new LabDriver()

interface CutOutcome {
  /** Without what is too old to be listed after it. */
  readonly before: LabState
  readonly after: LabState
  /** Numbers that are there after recovery. */
  readonly survivors: ReadonlySet<number>
}

function pick<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)] as T
}

/** Some steps, a cut, recovery. */
async function cutOnce(steps: number): Promise<CutOutcome> {
  await driver.step(steps)
  const shown = driver.state
  await driver.ask({ do: 'cut' })
  const after = await driver.recover()
  const there = after.records.filter(({ place }) => place === 'media').map(({ number }) => number)
  const listed = there.length < after.counts.onMedia ? (there[0] ?? 0) : 0
  const records = shown.records.filter(({ number }) => number >= listed)
  return { before: { ...shown, records }, after, survivors: new Set(there) }
}

/** Runs with 1 to 4 cuts each; `check` is called after each cut. */
async function eachCut(
  seeds: number,
  modes: readonly CommitMode[],
  isLying: boolean,
  check: (outcome: CutOutcome, label: string, survival: CutSurvival) => void,
): Promise<void> {
  for (let seed = 1; seed <= seeds; seed++) {
    const random = randomFrom(seed * 7919)
    const mode = pick(random, modes)
    const [survival, recordBytes] = [pick(random, cutSurvivals), pick(random, recordSizes)]
    const committers = 1 + Math.floor(random() * 8)
    await driver.restart(seed, { mode, survival, recordBytes, committers, isLying })
    const cuts = 1 + Math.floor(random() * 4)
    for (let cut = 0; cut < cuts; cut++) {
      const outcome = await cutOnce(1 + Math.floor(random() * 45))
      const label = `seed ${seed}, cut ${cut}, ${mode}, ${survival}, ${recordBytes} bytes`
      check(outcome, label, survival)
      if (outcome.after.phase !== 'recovered') break
      await driver.ask({ do: 'resume' })
    }
  }
}

function acknowledged(records: readonly RecordView[]): RecordView[] {
  return records.filter(({ acknowledgedIn, isRecovered }) => isRecovered || acknowledgedIn)
}

test('300 runs in sync and group mode -> every acknowledged record survives every cut', async () => {
  let unansweredSurvivors = 0
  let cutInCache = 0
  await eachCut(300, ['sync', 'group'], false, ({ before, after, survivors }, label) => {
    assert.is(after.phase, 'recovered', label)
    for (const { number } of acknowledged(before.records))
      assert.ok(survivors.has(number), `${label}: #${number} was acknowledged`)
    const verdict = after.cut?.verdict
    assert.is(verdict?.outcome, 'kept', label)
    assert.is(verdict?.acknowledgedSurvived, verdict?.acknowledged, label)
    assert.is(verdict?.recoveredSurvived, verdict?.recovered, label)
    unansweredSurvivors += verdict?.unansweredSurvived ?? 0
    cutInCache += after.cut?.before.cache ?? 0
  })
  // The cuts are worth something: some came while records were on their way.
  assert.ok(unansweredSurvivors > 20, `${unansweredSurvivors} unanswered records survived`)
  assert.ok(cutInCache > 100, `${cutInCache} records were in the cache`)
})

test('100 runs, and where records are shown -> buffer is lost, media survives, cache is as was chosen', async () => {
  const seen = { buffer: 0, cache: 0, media: 0 }
  await eachCut(100, ['sync', 'group', 'async'], false, (outcome, label, survival) => {
    for (const { number, place } of outcome.before.records) {
      const hasSurvived = outcome.survivors.has(number)
      if (place === 'buffer') assert.not.ok(hasSurvived, `${label}: #${number} was in memory`)
      if (place === 'media') assert.ok(hasSurvived, `${label}: #${number} was on the media`)
      if (place === 'cache' && survival === 'nothing') assert.not.ok(hasSurvived, label)
      if (place === 'cache' && survival === 'everything') assert.ok(hasSurvived, label)
      if (place !== 'gone' && place !== 'unknown') seen[place] += 1
    }
  })
  assert.ok(seen.buffer > 200 && seen.cache > 200 && seen.media > 200, JSON.stringify(seen))
})

test('100 runs in async mode -> a cut loses nothing but the newest records, and sometimes those', async () => {
  let lostAcknowledged = 0
  await eachCut(100, ['async'], false, ({ before, after, survivors }, label) => {
    const there = before.records.map(({ number }) => survivors.has(number))
    const firstLost = there.indexOf(false)
    if (firstLost !== -1)
      assert.ok(
        there.slice(firstLost).every((survived) => !survived),
        `${label}: a hole`,
      )
    const verdict = after.cut?.verdict
    assert.ok(verdict?.outcome === 'kept' || verdict?.outcome === 'allowed', label)
    assert.is(verdict?.recoveredSurvived, verdict?.recovered, label)
    const lost = (verdict?.acknowledged ?? 0) - (verdict?.acknowledgedSurvived ?? 0)
    assert.is(verdict?.outcome === 'allowed', lost > 0, label)
    lostAcknowledged += lost
  })
  assert.ok(lostAcknowledged > 100, `${lostAcknowledged} acknowledged records were lost`)
})

test('100 runs on a lying drive -> acknowledged records are lost, or recovery refuses; never "broken"', async () => {
  const outcomes = { kept: 0, allowed: 0, lied: 0, broken: 0, refused: 0 }
  await eachCut(100, ['sync', 'group'], true, ({ before, after, survivors }, label) => {
    const verdict = after.cut?.verdict
    if (after.phase === 'refused') {
      assert.match(
        after.cut?.refusal?.code ?? '',
        /^ERR_SEAWALL_(CORRUPT_LOG|LOG_MISMATCH|NOT_A_LOG)/,
        label,
      )
      outcomes.refused += 1
      return
    }
    const lost = acknowledged(before.records).filter(({ number }) => !survivors.has(number))
    assert.is(verdict?.outcome, lost.length > 0 ? 'lied' : 'kept', label)
    outcomes[verdict?.outcome ?? 'broken'] += 1
  })
  assert.is(outcomes.broken, 0)
  assert.ok(outcomes.lied > 20, JSON.stringify(outcomes))
})

test('a drive that begins to lie -> what was flushed before is there, or recovery refuses to go on without', async () => {
  const outcomes = { lied: 0, refused: 0, other: 0 }
  for (let seed = 1; seed <= 40; seed++) {
    await driver.restart(seed, { mode: 'group', recordBytes: 1024, survival: 'random' })
    await driver.step(30)
    await driver.ask({ do: 'configure', settings: { isLying: true } })
    await driver.step(60)
    const honest = driver.state.records.filter(({ place }) => place === 'media')
    await driver.ask({ do: 'cut' })
    const { phase, records, cut } = await driver.recover()
    if (phase === 'refused') {
      outcomes.refused += 1
      continue
    }
    const there = new Set(records.filter(({ place }) => place === 'media').map((one) => one.number))
    for (const { number } of honest) assert.ok(there.has(number), `seed ${seed}: #${number}`)
    outcomes[cut?.verdict?.outcome === 'lied' ? 'lied' : 'other'] += 1
  }
  assert.ok(outcomes.refused > 0 && outcomes.lied + outcomes.refused > 30, JSON.stringify(outcomes))
})

test('a lie that is over -> after the recovery and a flush everything survives again', async () => {
  for (let seed = 1; seed <= 30; seed++) {
    await driver.restart(seed, { mode: 'group', survival: 'nothing', isLying: true })
    await driver.step(10)
    await driver.ask({ do: 'configure', settings: { isLying: false } })
    await driver.ask({ do: 'cut' })
    if ((await driver.recover()).phase !== 'recovered') continue
    await driver.ask({ do: 'resume' })
    const { after } = await cutOnce(40)
    assert.is(after.cut?.verdict?.outcome, 'kept', `seed ${seed}`)
    assert.not(after.cut?.wasLying)
  }
})

test('the same seed and the same buttons -> the same states', async () => {
  const states: string[] = []
  for (const _ of [1, 2]) {
    await driver.restart(77, { mode: 'group', committers: 6, survival: 'random', recordBytes: 256 })
    await driver.step(41)
    await driver.ask({ do: 'cut' })
    await driver.recover()
    await driver.ask({ do: 'resume' })
    await driver.step(20)
    states.push(JSON.stringify({ ...driver.state, version: 0 }))
  }
  assert.is(states[0], states[1])
})

test.after(() => driver.close())
test.run()
