// Operations 2 and 3: what kind of page a page is. Formatting empties it as well, so redo of it
// needs nothing of what was there before.
//
// Payload: type before u8, type after u8.
import { pageTypeFree } from '../format/layout.ts'
import type { Compensation } from './operation.ts'
import type { PageContent } from './page-content.ts'

export const formatPageOperation = 2
export const setPageTypeOperation = 3

export function encodePageType(before: number, after: number): Uint8Array {
  return Uint8Array.of(before, after)
}

export function applyFormatPage(page: PageContent, source: Uint8Array, at: number): void {
  page.body.fill(0)
  page.pageType = source[at + 1] as number
}

export function applySetPageType(page: PageContent, source: Uint8Array, at: number): void {
  page.pageType = source[at + 1] as number
}

/** The page is free again; what was in it before it was formatted was free as well. */
export function undoFormatPage(payload: Uint8Array): Compensation {
  const payloadOfUndo = encodePageType(payload[1] as number, pageTypeFree)
  return { operation: setPageTypeOperation, payload: payloadOfUndo }
}

export function undoSetPageType(payload: Uint8Array): Compensation {
  const payloadOfUndo = encodePageType(payload[1] as number, payload[0] as number)
  return { operation: setPageTypeOperation, payload: payloadOfUndo }
}
