import { randomFor } from './transaction-plan.ts'

export interface RecordPlan {
  readonly bodyBytes: number
  /** Whether the client waits until it is durable. */
  readonly waits: boolean
  /** So many records are to be left; undefined: nothing is truncated. */
  readonly truncatesTo: number | undefined
}

const bodyBytesMin = 8

/** The record number `index`, from 0 on, over all clients. */
export function recordPlan(seed: number, index: number): RecordPlan {
  const random = randomFor(seed, index)
  const longest = random.pick([40, 40, 300, 3000, random.chance(0.1) ? 90_000 : 5000])
  const bodyBytes = bodyBytesMin + random.below(longest)
  const waits = random.chance(0.75)
  const truncatesTo = random.chance(0.06) ? 5 + random.below(40) : undefined
  return { bodyBytes, waits, truncatesTo }
}

/** Begins with its index. */
export function recordBody(seed: number, index: number): Buffer {
  const { bodyBytes } = recordPlan(seed, index)
  const body = Buffer.alloc(bodyBytes)
  let word = randomFor(seed, index, 1).below(2 ** 32)
  for (let at = 0; at + 4 <= bodyBytes; at += 4) {
    word = (Math.imul(word, 0x41c64e6d) + 0x3039) >>> 0
    body.writeUInt32LE(word, at)
  }
  body.writeUInt32LE(index, 0)
  return body
}

export function indexOf(body: Uint8Array): number {
  return body.length < bodyBytesMin ? -1 : Buffer.from(body.subarray(0, 4)).readUInt32LE(0)
}
