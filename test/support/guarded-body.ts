import * as assert from 'uvu/assert'

const guardBytes = 64
const guard = 0xa5

/** The body of an empty page of `pageBytes`, between bytes that nobody may write. */
export function guardedBody(pageBytes: number): Uint8Array {
  const bodyBytes = pageBytes - 32
  const around = new Uint8Array(bodyBytes + 2 * guardBytes).fill(guard)
  return around.subarray(guardBytes, guardBytes + bodyBytes).fill(0)
}

/** Checks that nothing was written before or behind a body from guardedBody. */
export function assertGuarded(body: Uint8Array): void {
  const around = new Uint8Array(body.buffer)
  const outside = [...around.subarray(0, guardBytes), ...around.subarray(-guardBytes)]
  assert.ok(
    outside.every((byte) => byte === guard),
    'wrote outside the body',
  )
}
