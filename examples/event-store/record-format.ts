/**
 * What stands in the log of an event store; the `type` of a record says which of the two it is.
 *
 *     commit    header length u32 | header, JSON: stream, first version, type and bytes of each event
 *               | the data of the events, one behind the other
 *     snapshot  the same, with the one state as its data; its version is that of the last event in it
 *
 * Events that are appended together are one record: a crash leaves all of them or none.
 */
export const recordType = { commit: 1, snapshot: 2 } as const

export interface NewEvent {
  readonly type: string
  readonly data: Uint8Array
}

export interface StoredEvent extends NewEvent {
  /** 1 for the first event of a stream, then without gaps. */
  readonly version: number
}

export interface StreamRecord {
  readonly stream: string
  /** Of the first event; of a snapshot: of the last event in it. */
  readonly version: number
  readonly events: readonly NewEvent[]
}

interface Header {
  readonly stream: string
  readonly version: number
  readonly events: readonly { readonly type: string; readonly dataBytes: number }[]
}

const lengthBytes = 4

export function encodeRecord({ stream, version, events }: StreamRecord): Uint8Array {
  const header: Header = {
    stream,
    version,
    events: events.map(({ type, data }) => ({ type, dataBytes: data.length })),
  }
  const headerBytes = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32LE(headerBytes.length)
  return Buffer.concat([length, headerBytes, ...events.map(({ data }) => data)])
}

/** Data of the events are views of `record`. */
export function decodeRecord(record: Uint8Array): StreamRecord {
  const { header, dataStart } = splitRecord(record)
  let offset = dataStart
  const events = header.events.map(({ type, dataBytes }) => {
    const data = record.subarray(offset, offset + dataBytes)
    offset += dataBytes
    return { type, data }
  })
  return { stream: header.stream, version: header.version, events }
}

/** Without the data: what the index is made of. */
export function decodeHeader(record: Uint8Array): {
  stream: string
  version: number
  count: number
} {
  const { stream, version, events } = splitRecord(record).header
  return { stream, version, count: events.length }
}

function splitRecord(record: Uint8Array): { header: Header; dataStart: number } {
  const bytes = Buffer.from(record.buffer, record.byteOffset, record.byteLength)
  const dataStart = lengthBytes + bytes.readUInt32LE()
  const header = JSON.parse(bytes.toString('utf8', lengthBytes, dataStart)) as Header
  return { header, dataStart }
}
