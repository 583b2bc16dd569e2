// SQLite: one transaction per commit, WAL, synchronous = FULL (the WAL is synced at every commit;
// NORMAL would not). Calls block the thread, so the number of committers makes no difference.
import { join } from 'node:path'

import { load } from './load-package.mjs'

const { default: Database } = await load('better-sqlite3')

export async function open(directory) {
  const database = new Database(join(directory, 'database.sqlite'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.exec('CREATE TABLE records (key INTEGER PRIMARY KEY, body BLOB NOT NULL)')
  const insert = database.prepare('INSERT INTO records (key, body) VALUES (?, ?)')
  return {
    commitSync: (key, body) => insert.run(key, body),
    close: async () => database.close(),
  }
}
