import type { LogRecord } from '../../lib/index.ts'

/**
 * What stands in the log of a queue. The kind of a record is its `type`; numbers are little endian.
 *
 *     enqueued      the message itself; its LSN becomes the number of the message
 *     delivered     message numbers, u64 each: they are about to be handed to a consumer
 *     acknowledged  message numbers, u64 each: done with
 *     moved         number u64 | deliveries u32 | the message: it stands here from now on
 */
export const recordType = { enqueued: 1, delivered: 2, acknowledged: 3, moved: 4 } as const

const idBytes = 8
const movedHeaderBytes = idBytes + 4

export interface MovedMessage {
  readonly id: number
  readonly deliveries: number
  readonly body: Uint8Array
}

export function encodeIds(ids: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(ids.length * idBytes)
  for (const [i, id] of ids.entries()) bytes.writeBigUInt64LE(BigInt(id), i * idBytes)
  return bytes
}

export function decodeIds(record: Uint8Array): number[] {
  const bytes = asBuffer(record)
  return Array.from({ length: bytes.length / idBytes }, (_, i) =>
    Number(bytes.readBigUInt64LE(i * idBytes)),
  )
}

export function encodeMoved({ id, deliveries, body }: MovedMessage): Uint8Array {
  const bytes = Buffer.alloc(movedHeaderBytes + body.length)
  bytes.writeBigUInt64LE(BigInt(id))
  bytes.writeUInt32LE(deliveries, idBytes)
  bytes.set(body, movedHeaderBytes)
  return bytes
}

export function decodeMoved(record: Uint8Array): MovedMessage {
  const bytes = asBuffer(record)
  return {
    id: Number(bytes.readBigUInt64LE()),
    deliveries: bytes.readUInt32LE(idBytes),
    body: bytes.subarray(movedHeaderBytes),
  }
}

/** The message in a record of type `enqueued` or `moved`. */
export function messageIn({ type, body }: LogRecord): Uint8Array {
  return type === recordType.moved ? decodeMoved(body).body : body
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
