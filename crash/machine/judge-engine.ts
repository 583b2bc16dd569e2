import { BrokenPromise } from '../block-device/subject.ts'
import type { Promised } from './ledger.ts'
import type { EnginePlan } from './plan/machine-plan.ts'
import {
  cellBytes,
  cellsPerPage,
  pagesPerClient,
  sharedPage,
  transactionPlan,
  writtenBytes,
} from './plan/transaction-plan.ts'

/** The bodies of pages by id; a page that the store does not know is missing. */
export type FoundPages = ReadonlyMap<number, Uint8Array>

/**
 * Whether the pages hold, for every client, what its transactions up to one of them have written
 * (I1 to I4). Clients change different cells, so that each is judged by itself.
 */
export function engineViolation(
  plan: EnginePlan,
  promised: Promised,
  found: FoundPages,
): BrokenPromise | undefined {
  if (promised.pages === undefined) return undefined
  const [shared = [], ...own] = promised.pages
  for (const [client, ids] of own.entries()) {
    const violation = clientViolation(plan, promised, found, client, [...shared, ...ids])
    if (violation !== undefined) return violation
  }
  return undefined
}

function clientViolation(
  plan: EnginePlan,
  promised: Promised,
  found: FoundPages,
  client: number,
  [sharedId = 0, ...ids]: readonly number[],
): BrokenPromise | undefined {
  const missing = [sharedId, ...ids].find((id) => !found.has(id))
  if (missing !== undefined) return new BrokenPromise('I1', `page ${missing} is lost`)
  const body = (id: number): Buffer => Buffer.from(found.get(id) as Uint8Array)
  const intended = promised.intended[client] ?? []
  const durable = promised.durable[client] ?? 0
  const shown = body(ids[0] as number).readUInt32LE(0)
  const who = `client ${client}`
  if (shown < durable) {
    const message = `${who}: its transaction ${shown} is the last, ${durable} was promised`
    return new BrokenPromise('I1', message)
  }
  if (shown !== 0 && !intended.includes(shown)) {
    return new BrokenPromise('I3', `${who}: transaction ${shown} was never committed`)
  }
  const expected = contentsAfter(plan, client, intended, shown)
  for (const [page, id] of ids.entries()) {
    const cell = firstDifference(body(id), expected[page] as Buffer)
    if (cell === undefined) continue
    const where = `cell ${cell} of page ${id}`
    return new BrokenPromise('I2', `${who}: ${where} is not as after transaction ${shown}`)
  }
  const at = client * cellBytes
  const sharedCell = expected[pagesPerClient] as Buffer
  if (
    body(sharedId)
      .subarray(at, at + cellBytes)
      .equals(sharedCell.subarray(at, at + cellBytes))
  )
    return undefined
  const message = `${who}: its cell of the shared page is not as after transaction ${shown}`
  return new BrokenPromise('I2', message)
}

/** The client's pages and, last, its view of the shared one. */
function contentsAfter(
  { seed }: EnginePlan,
  client: number,
  intended: readonly number[],
  last: number,
): Buffer[] {
  const pages = Array.from({ length: pagesPerClient + 1 }, () =>
    Buffer.alloc(cellBytes * cellsPerPage),
  )
  for (const attempt of intended) {
    if (attempt > last) continue
    for (const write of transactionPlan(seed, client, attempt).writes) {
      const page = pages[write.page === sharedPage ? pagesPerClient : write.page]
      page?.set(writtenBytes(seed, client, attempt, write), write.cell * cellBytes)
    }
  }
  return pages
}

function firstDifference(actual: Buffer, expected: Buffer): number | undefined {
  if (actual.subarray(0, expected.length).equals(expected)) return undefined
  const at = expected.findIndex((byte, i) => byte !== actual[i])
  return Math.floor(at / cellBytes)
}
