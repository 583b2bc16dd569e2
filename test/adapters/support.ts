import { Engine, type EngineOptions, type Log } from '../../lib/index.ts'
import { openSmall, temporaryDirectory } from '../support/temporary-directory.ts'

const small: EngineOptions = {
  segmentBytes: 256 * 1024,
  bufferBytes: 64 * 1024,
  bufferPoolBytes: 256 * 1024,
}

export function openEngine(options: EngineOptions = {}): Promise<Engine> {
  return Engine.open(temporaryDirectory(), { ...small, ...options })
}

/** An engine with a page in it, which some transactions have changed. */
export async function engineAtWork(): Promise<Engine> {
  const engine = await openEngine()
  const id = await engine.transaction(async (tx) => (await tx.allocatePage()).id)
  for (let i = 1; i <= 20; i++) {
    await engine.transaction(async (tx) => tx.write(await tx.page(id), 0, Buffer.from([i])))
  }
  await engine.transaction(async (tx) => void (await tx.page(id)), { readOnly: true })
  await engine
    .transaction(async (tx) => {
      tx.write(await tx.page(id), 0, Buffer.from('never'))
      throw new Error('roll back')
    })
    .catch(() => {})
  return engine
}

export async function logAtWork(): Promise<Log> {
  const log = await openSmall()
  for (let i = 0; i < 10; i++) await log.commit(Buffer.alloc(100))
  return log
}
