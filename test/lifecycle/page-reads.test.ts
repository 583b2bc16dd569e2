// Goal: a process or worker may end with page reads under way, without a crash and without hanging;
// reads that somebody waits for keep it alive, an idle engine does not (H22, H42).
// Method: child processes and workers on a store that is larger than its buffer pool, on both backends.
import { spawnSync } from 'node:child_process'
import { Worker } from 'node:worker_threads'

import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { temporaryDirectory } from '../support/temporary-directory.ts'

const library = new URL('../../lib/index.ts', import.meta.url).href
const registerTsx = new URL('../support/register-tsx.mjs', import.meta.url).href
const backends = ['auto', 'threads'] as const
const pageCount = 400

// `read` reads a page that is hardly ever in memory.
const opened = (directory: string, backend: string): string => `
  const { Engine } = await import('${library}')
  const engine = await Engine.open(${JSON.stringify(directory)}, {
    pageSize: 4096, bufferPoolBytes: 64 * 4096, segmentBytes: 1 << 20, backend: '${backend}' })
  const ids = []
  while (ids.length < ${pageCount}) {
    await engine.transaction(async (tx) => {
      for (let i = 0; i < 20; i++) {
        const page = await tx.allocatePage()
        ids.push(page.id)
        tx.write(page, 0, Buffer.from('x'))
      }
    })
  }
  await engine.checkpoint({ immediate: true })
  const read = async () => {
    const tx = await engine.begin({ readOnly: true })
    const page = await tx.page(ids[Math.floor(Math.random() * ids.length)], { lock: 'none' })
    if (page.body[0] !== 120) throw new Error('not what was written')
    await tx.commit()
  }
  const readForEver = async () => { for (;;) await read() }
`

const endings: Record<string, [program: string, output: RegExp]> = {
  'process.exit with reads under way': [
    `for (let i = 0; i < 40; i++) void readForEver()
     setTimeout(() => process.exit(0), 30)`,
    /^$/,
  ],
  'process.exit by one who got a page': [
    `for (let i = 0; i < 40; i++) void read().then(() => process.exit(0))`,
    /^$/,
  ],
  'reads that are waited for, and nothing else': [
    `Promise.all(Array.from({ length: 40 }, read)).then((all) => console.log('read', all.length))`,
    /^read 40$/,
  ],
  'an idle engine that has read': [`await Promise.all([read(), read()])`, /^$/],
  'closed while it reads': [
    `const reads = Promise.allSettled(Array.from({ length: 40 }, readForEver))
     setTimeout(async () => {
       await engine.close()
       console.log('closed', (await reads).length)
     }, 20)`,
    /^closed 40$/,
  ],
}

for (const backend of backends) {
  for (const [name, [program, output]] of Object.entries(endings)) {
    test(`H22 ${backend}: ${name} -> the process ends with exit code 0`, () => {
      const script = opened(temporaryDirectory(), backend) + program
      const result = spawnSync(
        process.execPath,
        ['--import', 'tsx', '--input-type=module', '-e', script],
        { encoding: 'utf8', timeout: 60_000 },
      )
      assert.equal([result.status, result.signal], [0, null], result.stderr)
      assert.match(result.stdout.trim(), output)
    })
  }

  test(`H22 ${backend}: workers terminated while they read pages -> no crash`, async () => {
    for (let round = 0; round < 8; round++) {
      const source = `(async () => {
        await import('${registerTsx}')
        ${opened(temporaryDirectory(), backend)}
        require('node:worker_threads').parentPort.postMessage('reading')
        for (let i = 0; i < 40; i++) void readForEver()
      })()`
      const worker = new Worker(source, { eval: true })
      await new Promise<void>((resolve, reject) => {
        worker.once('message', () => resolve())
        worker.once('error', reject)
      })
      await new Promise((resolve) => setTimeout(resolve, round * 3))
      await worker.terminate()
    }
  })
}

test.run()
