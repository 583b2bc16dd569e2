// Two accounts change together, some keys are written fast, and everything is there after a reopen.
// `node --import tsx examples/kv/main.ts [DIRECTORY]`.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { KeyValueStore } from './store.ts'

const directory = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'seawall-kv-')))
const textOf = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString()

const store = await KeyValueStore.open(directory, { memtableBytes: 256 * 1024 })
const opened = Number(textOf(await store.get('opened')))
await store.put('opened', Buffer.from(String(opened + 1)))

// Both or none, whatever happens.
await store.write([
  { key: 'account/alice', value: Buffer.from('60') },
  { key: 'account/bob', value: Buffer.from('40') },
  { key: 'account/carol' },
])

// Nobody waits for these one by one: a crash may take the last ones, until `sync`.
for (let i = 0; i < 5000; i++) {
  const key = `reading/${String(i).padStart(5, '0')}`
  await store.put(key, Buffer.from(`${i * i}`), { durability: 'async' })
}
await store.sync()
await store.flush()
await store.close()

const again = await KeyValueStore.open(directory)
console.log(`opened ${textOf(await again.get('opened'))} times`)
for await (const [key, value] of again.scan('account/', 'account0')) {
  console.log(`${key.toString()} = ${textOf(value)}`)
}
let readings = 0
for await (const _ of again.scan('reading/', 'reading0')) readings += 1
console.log(`${readings} readings, the last is ${textOf(await again.get('reading/04999'))}`)
await again.close()
