/**
 * Entries one behind the other: in the log the changes of a batch, in a sorted run those of a block.
 *
 *     key length u32 | value length u32, or `deleted` | key | value
 *
 * Numbers are little endian. In memory a key is a string with one character for each of its bytes:
 * such strings compare as the bytes do.
 */
export interface Entry {
  readonly key: string
  /** undefined: the key was deleted. */
  readonly value: Uint8Array | undefined
}

const headerBytes = 8
const deleted = 0xffffffff

export function keyOf(key: string | Uint8Array): string {
  return (typeof key === 'string' ? Buffer.from(key) : asBuffer(key)).toString('latin1')
}

export function keyBytes(key: string): Buffer {
  return Buffer.from(key, 'latin1')
}

export function entryBytes({ key, value }: Entry): number {
  return headerBytes + key.length + (value?.length ?? 0)
}

export function encodeEntries(entries: readonly Entry[]): Uint8Array {
  const bytes = Buffer.alloc(entries.reduce((sum, entry) => sum + entryBytes(entry), 0))
  let offset = 0
  for (const { key, value } of entries) {
    bytes.writeUInt32LE(key.length, offset)
    bytes.writeUInt32LE(value?.length ?? deleted, offset + 4)
    bytes.write(key, offset + headerBytes, 'latin1')
    if (value !== undefined) bytes.set(value, offset + headerBytes + key.length)
    offset += headerBytes + key.length + (value?.length ?? 0)
  }
  return bytes
}

/** Values are views of `encoded`. */
export function decodeEntries(encoded: Uint8Array): Entry[] {
  const bytes = asBuffer(encoded)
  const entries: Entry[] = []
  for (let offset = 0; offset < bytes.length;) {
    const keyEnd = offset + headerBytes + bytes.readUInt32LE(offset)
    const valueBytes = bytes.readUInt32LE(offset + 4)
    const key = bytes.toString('latin1', offset + headerBytes, keyEnd)
    offset = keyEnd + (valueBytes === deleted ? 0 : valueBytes)
    entries.push({
      key,
      value: valueBytes === deleted ? undefined : bytes.subarray(keyEnd, offset),
    })
  }
  return entries
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
