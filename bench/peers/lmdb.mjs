// LMDB. `put` resolves when the transaction is committed and visible; `flushed` when it is on the
// disk. All puts of one event turn share a transaction.
import { load } from './load-package.mjs'

const { open: openDatabase } = await load('lmdb')

export async function open(directory) {
  const database = openDatabase({ path: directory, encoding: 'binary', separateFlushed: true })
  return {
    commit: async (key, body) => {
      await database.put(key, body)
      await database.flushed
    },
    close: () => database.close(),
  }
}
