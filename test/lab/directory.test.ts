// Goal: without a simulated device the lab works in a real directory, with a kill in place of a power cut, and leaves nothing.
// Method: commits, kills and recoveries in each mode; directories and processes are looked for afterwards.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { commitModes, type LabState, type RecordView } from '../../lib/lab/lab-types.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'
import { LabDriver } from './lab-driver.ts'

function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 10_000
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (isSo()) return resolve()
      if (performance.now() > deadline) return reject(new Error(`never: ${what}`))
      setTimeout(look, 20)
    }
    look()
  })
}

/** Shown as acknowledged before it was durable. */
const isEarly = ({ acknowledgedIn, isRecovered }: RecordView): boolean =>
  !isRecovered && acknowledgedIn !== undefined && acknowledgedIn !== 'media'

for (const mode of commitModes) {
  const allowed = mode === 'async' ? 'newest records may be lost' : 'nothing acknowledged is lost'
  test(`${mode}, killed three times -> promises kept, ${allowed}`, async () => {
    const scratchRoot = temporaryDirectory()
    const driver = new LabDriver({ device: 'none', scratchRoot })
    await driver.ask({ do: 'configure', settings: { mode, committers: 6, isLying: true } })
    assert.is(driver.state.device, 'directory')
    assert.is(readdirSync(scratchRoot).length, 1)
    let acknowledged = 0
    for (let cut = 1; cut <= 3; cut++) {
      await driver.step(30)
      assert.is(driver.state.inDrive, undefined)
      const { phase, cut: view, records } = await driver.ask({ do: 'cut' })
      assert.is(phase, 'off')
      if (mode !== 'async') assert.equal(records.filter(isEarly), [])
      const verdict = (await driver.recover()).cut?.verdict
      assert.is(driver.state.phase, 'recovered')
      assert.is(verdict?.acknowledged, view?.acknowledged)
      if (mode === 'async') assert.ok(['kept', 'allowed'].includes(verdict?.outcome ?? ''))
      else assert.is(verdict?.outcome, 'kept')
      acknowledged += verdict?.acknowledged ?? 0
      await driver.ask({ do: 'resume' })
    }
    assert.ok(acknowledged > 10, `${acknowledged} acknowledged`)
    await driver.close()
    assert.equal(readdirSync(scratchRoot), [])
  })
}

test('a new log -> in another directory; the one before is removed', async () => {
  const scratchRoot = temporaryDirectory()
  const driver = new LabDriver({ device: 'none', scratchRoot })
  await driver.step(5)
  const [first] = readdirSync(scratchRoot)
  await driver.ask({ do: 'restart', seed: 9 })
  const [second, third] = readdirSync(scratchRoot)
  assert.is.not(first, second)
  assert.is(third, undefined)
  await driver.ask({ do: 'cut' })
  await driver.close()
  assert.equal(readdirSync(scratchRoot), [])
})

test('no place for a directory -> an error, and the next try may succeed', async () => {
  const driver = new LabDriver({ device: 'none', scratchRoot: '/proc/nowhere' })
  for (const _ of [1, 2]) {
    try {
      await driver.ask({ do: 'state' })
      assert.unreachable()
    } catch (error) {
      assert.match(String(error), /ENOENT|EACCES|EPERM/)
    }
  }
  await driver.close()
})

test('the lab’s process is killed -> the process that holds the log ends and removes the directory', async () => {
  const scratchRoot = temporaryDirectory()
  const lab = JSON.stringify(new URL('../../lib/lab/lab.ts', import.meta.url).href)
  const program = `
    const { createLab } = await import(${lab})
    const lab = createLab({ scratchRoot: ${JSON.stringify(scratchRoot)}, device: 'none' })
    for (let i = 0; i < 5; i++) await lab.handle({ do: 'step' })
    console.log('at work')
    setInterval(() => {}, 1000)`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', program]
  const child: ChildProcess = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout as NonNullable<typeof child.stdout>, 'data')
  assert.is(readdirSync(scratchRoot).length, 1)
  child.kill('SIGKILL')
  await once(child, 'exit')
  await until(() => readdirSync(scratchRoot).length === 0, 'the directory is gone')
})

test('the process that holds the log ends by itself -> the lab says so', async () => {
  const scratchRoot = temporaryDirectory()
  const driver = new LabDriver({ device: 'none', scratchRoot })
  await driver.step(3)
  const holder = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => isHolder(pid, scratchRoot))
  assert.ok(holder !== undefined)
  process.kill(Number(holder), 'SIGKILL')
  await until(() => !readdirSync('/proc').includes(String(holder)), 'the process is gone')
  let state: LabState = await driver.ask({ do: 'step' })
  if (state.phase !== 'failed') state = await driver.ask({ do: 'step' })
  assert.is(state.phase, 'failed')
  assert.match(state.failure ?? '', /process that holds the log has ended/)
  assert.is((await driver.ask({ do: 'restart' })).phase, 'running')
  await driver.close()
  assert.equal(readdirSync(scratchRoot), [])
})

function isHolder(pid: string, scratchRoot: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${scratchRoot}/`)
  } catch {
    return false
  }
}

test.run()
