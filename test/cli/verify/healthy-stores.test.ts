// timeout: 240s
// Goal: what a crash leaves behind is never called damage: a store that was killed anywhere, and one
// that is being written, verify clean.
// Method: processes that work on several stores each, with random options and transactions, are
// killed with SIGKILL; every store is verified, opened by the next process, and killed again. The
// seed decides all but the instant of the kill.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { verify, type VerifyReport } from '../../../lib/inspection/verify/verify.ts'
import { Random, seedOr } from '../../support/random.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

const seed = seedOr(Date.now() % 2 ** 31)
const rounds = Number(process.env.SEAWALL_ROUNDS ?? 18)
const storesAtOnce = 8

const child = new URL('random-store.ts', import.meta.url).pathname

/** Runs `during` while a process works on the stores, then kills it. */
async function killWhileWorking(
  directories: readonly string[],
  childSeed: number,
  lifeMs: number,
  during: () => Promise<void> = async () => {},
): Promise<void> {
  const args = ['--import', 'tsx', child, String(childSeed), ...directories]
  const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  process_.stderr.on('data', (text: Buffer) => (errors += text.toString()))
  const exited = once(process_, 'exit')
  try {
    await Promise.race([once(process_.stdout, 'data'), exited])
    await sleep(lifeMs)
    await during()
  } finally {
    process_.kill('SIGKILL')
    await exited
  }
  assert.is(errors, '', `seed ${seed}: the process said: ${errors}`)
}

function assertHealthy({ found, damage, warnings, directory, tail }: VerifyReport): void {
  const first = found.map(({ code, findings }) => `${code}: ${findings[0]?.sentence}`)
  const what = `seed ${seed}: ${directory}, ${tail.verdict} end: ${first.join('; ')}`
  assert.is(damage + warnings, 0, what)
}

test('stores that were killed at random, again and again -> each verifies clean', async () => {
  const random = new Random(seed)
  let verified = 0
  let withTransactions = 0
  let stores: string[] = []
  for (let round = 0; round < rounds; round++) {
    if (round % 5 === 0) {
      const parent = temporaryDirectory()
      stores = Array.from({ length: storesAtOnce }, (_, i) => join(parent, `store-${i}`))
      for (const store of stores) mkdirSync(store)
    }
    await killWhileWorking(stores, random.below(2 ** 30), random.below(900))
    for (const store of stores) {
      try {
        const report = await verify(store)
        assertHealthy(report)
        verified += 1
        const maps = report.checks.find(({ name }) => name === 'allocation maps')
        if (maps?.skipped !== undefined) withTransactions += 1
      } catch (error) {
        // Killed before there was a log.
        const { code } = error as { code?: string }
        if (code !== 'ERR_SEAWALL_NOT_FOUND') throw error
      }
    }
  }
  assert.ok(verified > rounds * storesAtOnce * 0.6, `only ${verified} were verified`)
  assert.ok(withTransactions > verified * 0.1, `${withTransactions} of ${verified} with losers`)
})

test('stores that are written while they are looked at -> each verifies clean', async () => {
  const random = new Random(seed + 1)
  const parent = temporaryDirectory()
  const stores = [0, 1, 2].map((i) => join(parent, `store-${i}`))
  for (const store of stores) mkdirSync(store)
  let verified = 0
  await killWhileWorking(stores, random.below(2 ** 30), 1500, async () => {
    const until = Date.now() + 8000
    while (Date.now() < until) {
      const report = await verify(random.pick(stores))
      assertHealthy(report)
      verified += 1
    }
  })
  assert.ok(verified > 10, `only ${verified} were verified`)
})

test.run()
