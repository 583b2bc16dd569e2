import type { Operation } from '../../lib/index.ts'

/** Its number in the log of small stores. */
export const addOperation = 64

const payloadBytes = 12
const deltaOffset = 4

/** What is added to the number at `offset` of a page. */
export function addPayload(offset: number, delta: number): Uint8Array {
  const payload = new Uint8Array(payloadBytes)
  const view = new DataView(payload.buffer)
  view.setUint32(0, offset, true)
  view.setFloat64(deltaOffset, delta, true)
  return payload
}

/** Not idempotent: applied twice, or undone twice, it shows. */
export const add: Operation = {
  name: 'add',
  redo(body, payload) {
    const { offset, delta } = decode(payload)
    const view = new DataView(body.buffer, body.byteOffset)
    view.setFloat64(offset, view.getFloat64(offset, true) + delta, true)
  },
  undo(payload) {
    const { offset, delta } = decode(payload)
    return { operation: addOperation, payload: addPayload(offset, -delta) }
  },
}

function decode(payload: Uint8Array): { offset: number; delta: number } {
  const view = new DataView(payload.buffer, payload.byteOffset)
  return { offset: view.getUint32(0, true), delta: view.getFloat64(deltaOffset, true) }
}
