// What is not a power cut: a device that reports errors, and a file system that stops (L5b). Each
// function returns whether the store is good afterwards, and can be used for the next.
import { setTimeout as wait } from 'node:timers/promises'

import { SeawallError } from '../../lib/index.ts'
import type { Random } from '../../test/support/random.ts'
import type { BlockDevice } from './block-device.ts'
import { randomCoins } from './crash-points.ts'
import { atTheEnd, type CrashSession } from './crash-session.ts'
import { BrokenPromise } from './subject.ts'
import type { Tally } from './tally.ts'

// EIO, ENOSPC and ENODATA: what drives and thin volumes say.
const errnos = [5, 28, 61]

export interface FaultContext<Options, Found, Allowed> {
  readonly device: BlockDevice
  readonly session: CrashSession<Options, Found, Allowed>
  readonly random: Random
  readonly tally: Tally
}

/**
 * An operation fails below the file system while the store is in use. It stops with a typed error,
 * or was not concerned; what it had acknowledged is there afterwards (I1, I14).
 */
export async function failInUse<O, F, A>(context: FaultContext<O, F, A>): Promise<boolean> {
  const { device, session, random, tally } = context
  await device.record()
  const operation = random.pick(['write', 'flush', 'flush'] as const)
  const lasting = random.pick(['once', 'sticky'] as const)
  const nth = 1 + random.below(30)
  const name = `${operation} error ${lasting} in use`
  let injected = 0
  const worked = await session.mounted(async () => {
    const { found } = await session.recover()
    await device.setFault(operation, nth, random.pick(errnos), lasting)
    try {
      return await session.use(found, 30)
    } finally {
      injected = (await device.statistics()).injectedFaults
      await device.clearFaults()
    }
  })
  await device.record()
  const isGood = await session.check(worked.allowedAt(atTheEnd), { fault: name, nth })
  if (injected === 0 || isGood === undefined) return isGood !== undefined
  tally.add('deviceErrors')
  tally.fault(name, worked.failure === undefined ? 'survived' : 'detected')
  return true
}

/**
 * An operation fails while the store recovers from a power cut. Opening it fails with a typed error
 * or comes to its end; the next time, all is there (F11).
 */
export async function failInRecovery<O, F, A>(context: FaultContext<O, F, A>): Promise<boolean> {
  const { device, session, random, tally } = context
  await device.record()
  const worked = await session.mounted(async () => {
    const { found } = await session.recover()
    return session.use(found, 20)
  })
  const event = random.below(device.events() + 1)
  const coins = randomCoins(device.options, random)
  await device.present(0, event, coins)
  const operation = random.pick(['read', 'write', 'flush'] as const)
  const lasting = random.pick(['once', 'sticky'] as const)
  const nth = 1 + random.below(operation === 'flush' ? 12 : 25)
  const name = `${operation} error ${lasting} in recovery`
  let isTyped = false
  const wasMounted = await session.mountedIfPossible(async () => {
    await device.setFault(operation, nth, random.pick(errnos), lasting)
    try {
      await session.recover()
    } catch (error) {
      isTyped = error instanceof SeawallError
      if (!isTyped && !(error instanceof BrokenPromise)) throw error
    } finally {
      const { injectedFaults } = await device.statistics()
      if (injectedFaults > 0) tally.add('deviceErrors')
      await device.clearFaults()
    }
  })
  if (!wasMounted) return false
  await device.record()
  const about = { fault: name, nth, event, coins }
  const isGood = await session.check(worked.allowedAt(event), about)
  if (isGood === undefined) return false
  tally.fault(name, isTyped ? 'detected' : 'survived')
  return true
}

/** The file system is stopped under load, and forgets what its journal has not (L5b). */
export async function shutDownInUse<O, F, A>(context: FaultContext<O, F, A>): Promise<boolean> {
  const { device, session, random, tally } = context
  await device.record()
  const worked = await session.mounted(async () => {
    const { found } = await session.recover()
    const working = session.use(found, 2000)
    working.catch(() => {})
    await wait(random.below(40))
    await device.shutDownFileSystem()
    return working
  })
  await device.record()
  tally.add('shutdowns')
  const isGood = await session.check(worked.allowedAt(atTheEnd), { fault: 'shutdown' })
  if (isGood === undefined) return false
  tally.fault('file system shutdown', worked.failure === undefined ? 'survived' : 'detected')
  return true
}
