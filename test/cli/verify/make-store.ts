// Makes a log or a store in a directory. Arguments: kind, directory.
//   log: some hundred records in several segments, closed
//   killed-log: the same, killed while records are on their way
//   store: pages, committed and rolled back transactions, two checkpoints; closed, all log kept
//   killed-store: the same, killed with a transaction running and pages dirty
//   imaged-store: killed, with full page images in the log
import { Engine, Log } from '../../../lib/index.ts'

const [kind = '', directory = ''] = process.argv.slice(2)

async function makeLog(isKilled: boolean): Promise<void> {
  const log = await Log.open(directory, { segmentBytes: 64 * 1024, bufferBytes: 64 * 1024 })
  for (let i = 0; i < 300; i++) await log.commit(Buffer.alloc(700, i), { type: 1 + (i % 5) })
  if (!isKilled) return log.close()
  // Durable, and not acknowledged: nothing behind it promises it.
  log.append(Buffer.alloc(3000, 1), { type: 7 })
  log.append(Buffer.alloc(3000, 2), { type: 7 })
  await log.flush()
  process.kill(process.pid, 'SIGKILL')
}

async function write(engine: Engine, pageId: number, text: string): Promise<void> {
  await engine.transaction(async (tx) => {
    tx.write(await tx.page(pageId), 0, Buffer.from(text))
  })
}

async function makeStore(isKilled: boolean, isImaged: boolean): Promise<void> {
  const engine = await Engine.open(directory, {
    pageSize: 4096,
    bufferPoolBytes: 64 * 4096,
    segmentBytes: 64 * 1024,
    bufferBytes: 64 * 1024,
    tornPages: isImaged ? 'fullPageImages' : 'doublewrite',
  })
  const release = engine.holdLog(engine.recovery.endLSN)
  const pages: number[] = []
  for (let i = 0; i < 20; i++) {
    await engine.transaction(async (tx) => {
      const page = await tx.allocatePage()
      tx.write(page, 0, Buffer.alloc(400, 0x41 + i))
      pages.push(page.id)
    })
  }
  for (let i = 0; i < 100; i++) await write(engine, pages[i % 20] ?? 0, `first ${i}`)
  await engine.checkpoint({ immediate: true })
  const tx = await engine.begin()
  tx.write(await tx.page(pages[3] ?? 0), 8, Buffer.from('rolled back'))
  await tx.rollback()
  for (let i = 0; i < 100; i++) await write(engine, pages[i % 10] ?? 0, `second ${i}`)
  await engine.checkpoint({ immediate: true })
  for (let i = 0; i < 30; i++) await write(engine, pages[i % 5] ?? 0, `third ${i}`)
  if (!isKilled) {
    await engine.close()
    release()
    return
  }
  const running = await engine.begin()
  running.write(await running.page(pages[7] ?? 0), 0, Buffer.from('running'))
  await write(engine, pages[0] ?? 0, 'last')
  process.kill(process.pid, 'SIGKILL')
}

if (kind === 'log' || kind === 'killed-log') await makeLog(kind === 'killed-log')
else await makeStore(kind !== 'store', kind === 'imaged-store')
