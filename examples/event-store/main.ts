// Accounts: deposits and withdrawals with a rule that two writers must not break together, a
// snapshot, a projection. `node --import tsx examples/event-store/main.ts [DIRECTORY]`.
import { mkdir, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { EventStore, WrongVersionError } from './event-store.ts'
import { Projection } from './projection.ts'
import type { NewEvent } from './record-format.ts'

interface Account {
  version: number
  balance: number
}

const directory = process.argv[2] ?? (await mkdtemp(join(tmpdir(), 'seawall-events-')))
await mkdir(directory, { recursive: true })
const changed = (amount: number): NewEvent => ({
  type: 'changed',
  data: Buffer.from(JSON.stringify(amount)),
})
const amountOf = (data: Uint8Array): number => Number(Buffer.from(data).toString())

await using store = await EventStore.open(join(directory, 'events'))

async function load(stream: string): Promise<Account> {
  const snapshot = await store.readSnapshot(stream)
  const account = { version: 0, balance: 0 }
  if (snapshot) {
    Object.assign(account, { version: snapshot.version, balance: amountOf(snapshot.state) })
  }
  for await (const { version, data } of store.readStream(stream, account.version + 1)) {
    account.version = version
    account.balance += amountOf(data)
  }
  return account
}

/** Nothing may go below zero: decided on a version, and only appended to that version. */
async function withdraw(stream: string, amount: number): Promise<string> {
  for (;;) {
    const { version, balance } = await load(stream)
    if (balance < amount) return `refused: ${balance} is less than ${amount}`
    try {
      await store.append(stream, version, [changed(-amount)])
      return `withdrawn: ${amount}`
    } catch (error) {
      if (!(error instanceof WrongVersionError)) throw error
    }
  }
}

const stream = `account-${store.versionOf('account-1') === 0 ? 1 : process.pid}`
await store.append(stream, 0, [changed(70), changed(30)])
console.log((await Promise.all([80, 80].map((amount) => withdraw(stream, amount)))).join('; '))

const account = await load(stream)
await store.saveSnapshot(stream, account.version, Buffer.from(JSON.stringify(account.balance)))
console.log(`version ${account.version}, balance ${account.balance}`)

await using total = await Projection.open(join(directory, 'total'), store, {
  initial: { events: 0, balance: 0 },
  apply: (state, { events }) => ({
    events: state.events + events.length,
    balance: events.reduce((sum, { data }) => sum + amountOf(data), state.balance),
  }),
})
console.log('all accounts:', await total.catchUp())
