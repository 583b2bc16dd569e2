// A producer, two consumers, one of which dies, and a message that nobody can process. Run it again
// with the same directory: `node --import tsx examples/queue/main.ts /tmp/queue`.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DurableQueue } from './queue.ts'

const directory = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'seawall-queue-')))
const options = { visibilityTimeoutMs: 200, maxDeliveries: 3 }
const textOf = (body: Uint8Array): string => Buffer.from(body).toString()

const queue = await DurableQueue.open(directory, options)
console.log(`${directory}: ${queue.count} messages from before`)

await Promise.all(
  ['first', 'second', 'broken', 'third'].map((text) => queue.enqueue(Buffer.from(text))),
)

// This consumer takes a message and is never heard of again.
const [lost] = await queue.receive()
console.log(`lost: ${textOf(lost?.body ?? Buffer.alloc(0))}`)

const signal = AbortSignal.timeout(1500)
try {
  for (;;) {
    for (const delivery of await queue.receive(10, { signal })) {
      const text = textOf(delivery.body)
      if (text === 'broken') continue
      console.log(`done: ${text}, attempt ${delivery.attempt}`)
      await queue.acknowledge(delivery.id)
    }
  }
} catch (error) {
  if (!signal.aborted) throw error
}
for await (const dead of queue.deadLetters()) {
  console.log(`dead: ${textOf(dead.body)}, after ${dead.attempt} attempts`)
}
await queue.close()
