// Goal: the lab does what is asked in every phase, refuses what it does not understand, and leaves nothing behind.
// Method: requests in and out of order, good and bad, against the simulated device.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import type { LabDevice } from '../../lib/lab/lab-device.ts'
import { createLab } from '../../lib/lab/lab.ts'
import type { LabRequest, LabState } from '../../lib/lab/lab-types.ts'
import * as device from '../../simulation/lab-device.ts'
import { expectError } from '../support/expect-error.ts'
import { LabDriver } from './lab-driver.ts'

// That it fits is checked by the compiler: simulation/ does not know lib/lab.
const simulated: LabDevice = device

test('the device of simulation/ -> is found next to the package, and is the default', async () => {
  for (const options of [{}, { device: simulated }]) {
    const driver = new LabDriver(options)
    assert.is((await driver.ask({ do: 'state' })).device, 'simulated')
    await driver.close()
  }
})

test('a commit -> is in the buffer, then in the cache, then on the media, then acknowledged', async () => {
  const driver = new LabDriver()
  await driver.ask({ do: 'configure', settings: { mode: 'sync', committers: 1 } })
  const stages: string[] = []
  while (!stages.at(-1)?.endsWith('acknowledged')) {
    const [record] = (await driver.ask({ do: 'step' })).records
    const stage = `${record?.place} ${record?.acknowledgedIn === undefined ? 'open' : 'acknowledged'}`
    if (record !== undefined && stage !== stages.at(-1)) stages.push(stage)
    const { inDrive, flushedLSN, endLSN } = driver.state
    assert.is(inDrive !== undefined, record?.place === 'cache')
    assert.is(flushedLSN === endLSN, record === undefined || record.place === 'media')
  }
  assert.equal(stages, ['buffer open', 'cache open', 'media open', 'media acknowledged'])
  await driver.close()
})

test('sync mode -> one record on its way at a time, one commit per flush; group mode -> more of both', async () => {
  const driver = new LabDriver()
  const rates = []
  for (const mode of ['sync', 'group'] as const) {
    await driver.restart(5, { mode, committers: 8 })
    let most = 0
    for (let i = 0; i < 120; i++) {
      const { inBuffer, inCache } = (await driver.ask({ do: 'step' })).counts
      most = Math.max(most, inBuffer + inCache)
    }
    rates.push({ most, commitsPerFlush: driver.state.counts.commitsPerFlush })
  }
  const [sync, group] = rates
  assert.is(sync?.most, 1)
  assert.ok((sync?.commitsPerFlush ?? 0) > 0.9 && (sync?.commitsPerFlush ?? 0) <= 1)
  assert.ok((group?.most ?? 0) > 4 && (group?.commitsPerFlush ?? 0) > 3, JSON.stringify(group))
  await driver.close()
})

test('async mode -> acknowledged in the buffer, durable within some ticks all the same', async () => {
  const driver = new LabDriver()
  await driver.ask({ do: 'configure', settings: { mode: 'async', committers: 2 } })
  await driver.step(3)
  const first = driver.state.records[0]
  assert.is(first?.acknowledgedIn, 'buffer')
  await driver.step(30)
  assert.is(driver.state.records.find(({ number }) => number === first?.number)?.place, 'media')
  await driver.close()
})

test('a lying drive -> records are acknowledged in the cache and stay there', async () => {
  const driver = new LabDriver()
  await driver.ask({ do: 'configure', settings: { isLying: true } })
  await driver.step(30)
  const acknowledged = driver.state.records.filter(({ acknowledgedIn }) => acknowledgedIn)
  assert.ok(acknowledged.length > 3)
  for (const { acknowledgedIn, place } of acknowledged)
    assert.equal([acknowledgedIn, place], ['cache', 'cache'])
  assert.is(driver.state.counts.onMedia, 0)
  await driver.close()
})

test('a power cut -> off, recovering step by step, recovered, running; out of turn nothing happens', async () => {
  const driver = new LabDriver()
  const phaseAfter = async (request: LabRequest) => (await driver.ask(request)).phase
  await driver.step(25)
  for (const name of ['recover', 'resume'] as const)
    assert.is(await phaseAfter({ do: name }), 'running')
  assert.is(await phaseAfter({ do: 'cut' }), 'off')
  for (const name of ['cut', 'resume', 'step'] as const)
    assert.is(await phaseAfter({ do: name }), 'off')
  assert.is(driver.state.cut?.verdict, undefined)
  assert.is(await phaseAfter({ do: 'recover' }), 'recovering')
  const titles: number[] = []
  while (driver.state.phase === 'recovering') {
    assert.is(driver.state.cut?.report, undefined)
    titles.push(driver.state.cut?.steps.length ?? 0)
    assert.is(driver.state.cut?.stepsLeft, 7 - titles.length)
    await driver.ask({ do: 'step' })
  }
  assert.equal(titles, [1, 2, 3, 4, 5, 6, 7])
  assert.is(driver.state.phase, 'recovered')
  assert.is(driver.state.cut?.report?.incarnation, 2)
  const { acknowledged } = driver.state.counts
  assert.is(await phaseAfter({ do: 'resume' }), 'running')
  await driver.step(25)
  assert.ok(driver.state.counts.acknowledged > acknowledged)
  await driver.close()
})

test('the log is full -> the lab says so, and can still be cut or begun anew', async () => {
  const driver = new LabDriver()
  const settings = { mode: 'async', committers: 16, recordBytes: 4096 } as const
  await driver.ask({ do: 'configure', settings })
  for (let i = 0; i < 400 && driver.state.phase === 'running'; i++) await driver.step(1)
  assert.is(driver.state.phase, 'full')
  const { tick } = driver.state
  await driver.step(2)
  assert.is(driver.state.tick, tick)
  await driver.ask({ do: 'cut' })
  assert.is((await driver.recover()).phase, 'recovered')
  await driver.ask({ do: 'restart' })
  assert.is(driver.state.phase, 'running')
  assert.is(driver.state.endLSN < 100, true)
  await driver.close()
})

test('what is no request -> ERR_SEAWALL_INVALID_ARGUMENT, and the lab goes on', async () => {
  const driver = new LabDriver()
  const bad = [
    ...[null, 3, 'state', [], {}, { do: 'stop' }, { do: '__proto__' }, { do: 'toString' }],
    ...[{ do: 'state', more: 1 }, { do: 'run' }, { do: 'run', speed: 'fast' }],
    ...[{ do: 'configure' }, { do: 'restart', seed: -1 }, { do: 'restart', seed: 0.5 }],
    ...[
      { mode: 'fast' },
      { committers: 0 },
      { committers: 17 },
      { recordBytes: 15 },
      { recordBytes: 4097 },
      { isLying: 1 },
      { survival: '' },
      { toString: 1 },
      JSON.parse('{"__proto__": 1}') as object,
    ].map((settings) => ({ do: 'configure', settings })),
  ]
  for (const request of bad) {
    const label = JSON.stringify(request)
    try {
      await driver.lab.handle(request)
      assert.unreachable(label)
    } catch (error) {
      assert.is((error as { code?: string }).code, 'ERR_SEAWALL_INVALID_ARGUMENT', label)
    }
  }
  await driver.step(3)
  assert.is(driver.state.tick, 3)
  await driver.close()
})

test('running -> steps come by themselves while somebody listens, and only then', async () => {
  const driver = new LabDriver()
  await driver.ask({ do: 'run', speed: 'normal' })
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.is((await driver.ask({ do: 'state' })).tick, 0)
  const states: LabState[] = []
  const end = driver.lab.subscribe((state) => states.push(state))
  while (states.length < 3) await new Promise((resolve) => setTimeout(resolve, 20))
  end()
  const { tick } = await driver.ask({ do: 'state' })
  assert.equal(
    states.map((state) => state.tick),
    states.map((_, i) => i + 1),
  )
  await new Promise((resolve) => setTimeout(resolve, 500))
  assert.is((await driver.ask({ do: 'state' })).tick, tick)
  await driver.close()
})

test('many requests at once -> served one at a time, each state newer than the one before', async () => {
  const driver = new LabDriver()
  const requests: LabRequest[] = Array.from({ length: 40 }, (_, i) => {
    if (i % 13 === 12) return { do: 'cut' }
    return { do: i % 13 === 5 ? 'recover' : i % 13 === 11 ? 'resume' : 'step' }
  })
  const states = await Promise.all(requests.map((request) => driver.lab.handle(request)))
  const versions = states.map((state) => (state as LabState).version)
  assert.equal(
    versions,
    versions.map((_, i) => i + 1),
  )
  await driver.close()
})

test('close -> again is nothing, and later requests get ERR_SEAWALL_CLOSED', async () => {
  const never = createLab({ scratchRoot: '/nowhere' })
  await never.close()
  const driver = new LabDriver()
  await driver.step(10)
  const pending = driver.lab.handle({ do: 'step' })
  await Promise.all([driver.close(), driver.close(), pending])
  await expectError('ERR_SEAWALL_CLOSED', () => driver.lab.handle({ do: 'state' }))
})

test.run()
