// Operations 4 and 5: one bit of an allocation map says whether a page is taken.
//
// Map page k covers the pages from mapPageId(k), itself included, up to the next map page. Two
// transactions may set different bits of one map page at the same time: what keeps them apart is
// the lock on the page that a bit stands for.
//
// Payload: bit u32.
import { SeawallError } from '../errors.ts'
import type { Compensation } from './operation.ts'
import type { PageContent } from './page-content.ts'

export const takeBitOperation = 4
export const clearBitOperation = 5

/** Page 0 is the header of the data file; the first map follows it. */
const firstMapPageId = 1

/** Pages that one map page covers, itself included. */
export function mapCoverage(bodyBytes: number): number {
  return 8 * bodyBytes
}

export function mapPageId(map: number, bodyBytes: number): number {
  return firstMapPageId + map * mapCoverage(bodyBytes)
}

export interface MapPlace {
  /** Number of the map. */
  map: number
  /** Bit 0 is the map page itself. */
  bit: number
}

/** REQUIRES: pageId > 0. */
export function mapPlaceOf(pageId: number, bodyBytes: number): MapPlace {
  const coverage = mapCoverage(bodyBytes)
  const distance = pageId - firstMapPageId
  return { map: Math.floor(distance / coverage), bit: distance % coverage }
}

export function hasBit(body: Uint8Array, bit: number): boolean {
  return ((body[bit >>> 3] as number) & (1 << (bit & 7))) !== 0
}

/** The first clear bit at or after `from` that `accepts` takes; undefined when there is none. */
export function findClearBit(
  body: Uint8Array,
  from: number,
  accepts: (bit: number) => boolean,
): number | undefined {
  for (let byte = from >>> 3; byte < body.length; byte++) {
    if (body[byte] === 0xff) continue
    for (let bit = Math.max(from, 8 * byte); bit < 8 * byte + 8; bit++) {
      if (!hasBit(body, bit) && accepts(bit)) return bit
    }
  }
  return undefined
}

export function encodeBit(bit: number): Uint8Array {
  const payload = new Uint8Array(4)
  new DataView(payload.buffer).setUint32(0, bit, true)
  return payload
}

export function applyTakeBit(page: PageContent, source: Uint8Array, at: number): void {
  const bit = bitAt(page, source, at)
  page.body[bit >>> 3] = (page.body[bit >>> 3] as number) | (1 << (bit & 7))
}

export function applyClearBit(page: PageContent, source: Uint8Array, at: number): void {
  const bit = bitAt(page, source, at)
  page.body[bit >>> 3] = (page.body[bit >>> 3] as number) & ~(1 << (bit & 7))
}

export function undoTakeBit(payload: Uint8Array): Compensation {
  return { operation: clearBitOperation, payload: payload.slice() }
}

export function undoClearBit(payload: Uint8Array): Compensation {
  return { operation: takeBitOperation, payload: payload.slice() }
}

function bitAt(page: PageContent, source: Uint8Array, at: number): number {
  const view = new DataView(source.buffer, source.byteOffset + at, 4)
  const bit = view.getUint32(0, true)
  if (bit < mapCoverage(page.body.length)) return bit
  const detail = `bit ${bit} is not in the map`
  throw new SeawallError('ERR_SEAWALL_OPERATION_FAILED', { detail })
}
