// The transaction of TPC-B (1994, clause 1.2) at scale 1, as pgbench has it: money is paid into or
// drawn from an account through a teller of a branch, and every balance is kept.

export const branches = 1
export const tellers = 10
export const accounts = 100_000
const deltaMax = 5000

/** Updates one row of each of three tables and inserts one into the history. Keys begin at 1. */
export interface Transfer {
  readonly account: number
  readonly teller: number
  readonly branch: number
  readonly delta: number
}

/** Marsaglia's xorshift32 ("Xorshift RNGs", 2003): whole numbers from 0 to below `limit`. */
export function randomNumbers(seed: number): (limit: number) => number {
  // A state of zero would stay zero.
  let state = seed >>> 0 || 1
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
}

/** The same transfers for the same seed: everything is drawn uniformly, as by pgbench. */
export function randomTransfers(seed: number, accountCount: number = accounts): () => Transfer {
  const random = randomNumbers(seed)
  return () => ({
    account: 1 + random(accountCount),
    teller: 1 + random(tellers),
    branch: 1 + random(branches),
    delta: random(2 * deltaMax + 1) - deltaMax,
  })
}

/** The same for pgbench: its variables, then the four statements in one transaction. */
export const pgbenchScript = `
\\set account random(1, ${accounts})
\\set teller random(1, ${tellers})
\\set branch random(1, ${branches})
\\set delta random(-${deltaMax}, ${deltaMax})
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :account;
UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :teller;
UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :branch;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)
  VALUES (:teller, :branch, :account, :delta, CURRENT_TIMESTAMP);
COMMIT;
`
