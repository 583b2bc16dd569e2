// LevelDB. `sync: true`: the log file is synced before the put resolves. Puts that wait at the same
// time share a sync, but no more than libuv has threads. No compression, as elsewhere.
import { load } from './load-package.mjs'

const { ClassicLevel } = await load('classic-level')

const keyBytes = 8

export async function open(directory) {
  const database = new ClassicLevel(directory, {
    keyEncoding: 'buffer',
    valueEncoding: 'buffer',
    compression: false,
  })
  await database.open()
  return {
    commit: (key, body) => {
      const encoded = Buffer.allocUnsafe(keyBytes)
      encoded.writeDoubleBE(key)
      return database.put(encoded, body, { sync: true })
    },
    close: () => database.close(),
  }
}
