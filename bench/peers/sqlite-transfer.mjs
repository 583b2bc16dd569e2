// SQLite: one transaction per transfer, WAL, synchronous = FULL (the WAL is synced at every commit;
// NORMAL would not). The page cache holds the whole database, as PostgreSQL's 128 MB of shared
// buffers do. Checkpoints are SQLite's own, every 1,000 pages, and are paid for by the commit that
// begins one: without them the WAL would only grow, and overwriting a WAL is faster.
import { join } from 'node:path'

import { load } from './load-package.mjs'

const { default: Database } = await load('better-sqlite3')

// The tables that `pgbench -i` creates, with as many bytes in every row.
const schema = `
  CREATE TABLE branches (
    bid INTEGER PRIMARY KEY, bbalance INTEGER NOT NULL, filler TEXT);
  CREATE TABLE tellers (
    tid INTEGER PRIMARY KEY, bid INTEGER NOT NULL, tbalance INTEGER NOT NULL, filler TEXT);
  CREATE TABLE accounts (
    aid INTEGER PRIMARY KEY, bid INTEGER NOT NULL, abalance INTEGER NOT NULL, filler TEXT);
  CREATE TABLE history (
    tid INTEGER, bid INTEGER, aid INTEGER, delta INTEGER, mtime INTEGER, filler TEXT)`
const accountFiller = ' '.repeat(84)
const branch = 1
const tellers = 10
const cacheKibibytes = 128 * 1024

function fill(database, accounts) {
  const insertTeller = database.prepare('INSERT INTO tellers VALUES (?, ?, 0, NULL)')
  const insertAccount = database.prepare('INSERT INTO accounts VALUES (?, ?, 0, ?)')
  database.transaction(() => {
    database.prepare('INSERT INTO branches VALUES (?, 0, NULL)').run(branch)
    for (let teller = 1; teller <= tellers; teller++) insertTeller.run(teller, branch)
    for (let account = 1; account <= accounts; account++) {
      insertAccount.run(account, branch, accountFiller)
    }
  })()
  // RESTART keeps the file, so that the transfers overwrite it from its beginning.
  database.pragma('wal_checkpoint(RESTART)')
}

export async function open(directory, { accounts }) {
  const database = new Database(join(directory, 'database.sqlite'))
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma(`cache_size = -${cacheKibibytes}`)
  database.exec(schema)
  fill(database, accounts)
  const updateOf = (table, balance, key) =>
    database.prepare(`UPDATE ${table} SET ${balance} = ${balance} + ? WHERE ${key} = ?`)
  const updateAccount = updateOf('accounts', 'abalance', 'aid')
  const updateTeller = updateOf('tellers', 'tbalance', 'tid')
  const updateBranch = updateOf('branches', 'bbalance', 'bid')
  const insertHistory = database.prepare('INSERT INTO history VALUES (?, ?, ?, ?, ?, NULL)')
  const { immediate } = database.transaction(({ account, teller, branch, delta }) => {
    updateAccount.run(delta, account)
    updateTeller.run(delta, teller)
    updateBranch.run(delta, branch)
    insertHistory.run(teller, branch, account, delta, Date.now())
  })
  return {
    transferSync: (transfer) => immediate(transfer),
    close: async () => database.close(),
  }
}
