const numberBytes = 4

/**
 * The body of the lab's record `number`: the number, then bytes that follow from it, so that what
 * comes back can be compared to the last byte.
 */
export function recordBody(number: number, bytes: number): Uint8Array {
  const body = new Uint8Array(bytes)
  new DataView(body.buffer).setUint32(0, number, true)
  for (let i = numberBytes; i < bytes; i++) body[i] = ((number * 31 + i * 7) & 0xff) | 1
  return body
}

/** Which record this is; undefined when it is none that the lab has written. */
export function numberOf(body: Uint8Array): number | undefined {
  if (body.length < numberBytes) return undefined
  const number = new DataView(body.buffer, body.byteOffset, body.length).getUint32(0, true)
  const expected = recordBody(number, body.length)
  return expected.every((byte, i) => body[i] === byte) ? number : undefined
}
