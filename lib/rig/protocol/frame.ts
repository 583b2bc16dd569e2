import { RigError } from '../rig-error.ts'
import { crc32c } from './crc32c.ts'

/** Changes whenever two sides with different values could misunderstand each other. */
export const protocolVersion = 1

/** What a frame says. Values from 32 on stand in the ledger only. */
export const frameType = {
  hello: 1,
  welcome: 2,
  intent: 3,
  credit: 4,
  events: 5,
  phase: 6,
  resumeData: 7,
  resumeError: 8,
  resumeEnd: 9,
  start: 10,
  pause: 11,
  bye: 12,
  note: 32,
  baseline: 33,
} as const

export interface Frame {
  readonly type: number
  /** Which of the agent's probes it is about: an index. */
  readonly probe: number
  readonly payload: Buffer
}

// Payload bytes (4), type, probe, protocol version (2), CRC32C of those eight bytes and the payload.
const headerBytes = 12
const payloadBytesMax = 8 * 1024 * 1024
const nothing = Buffer.alloc(0)

export function encodeFrame(type: number, probe = 0, payload: Uint8Array = nothing): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes + payload.length)
  bytes.writeUInt32LE(payload.length, 0)
  bytes[4] = type
  bytes[5] = probe
  bytes.writeUInt16LE(protocolVersion, 6)
  bytes.set(payload, headerBytes)
  const crc = crc32c(bytes, headerBytes, bytes.length, crc32c(bytes, 0, 8))
  bytes.writeUInt32LE(crc, 8)
  return bytes
}

export function encodeJson(type: number, message: unknown, probe = 0): Buffer {
  return encodeFrame(type, probe, Buffer.from(JSON.stringify(message)))
}

/** A frame whose payload is one number. */
export function encodeNumber(type: number, value: number, probe = 0): Buffer {
  const payload = Buffer.allocUnsafe(8)
  payload.writeDoubleLE(value, 0)
  return encodeFrame(type, probe, payload)
}

export function decodeJson<T>(frame: Frame): T {
  return JSON.parse(frame.payload.toString()) as T
}

export function decodeNumber(frame: Frame): number {
  return frame.payload.readDoubleLE(0)
}

/** Cuts a stream of bytes, in pieces of any size, into frames. */
export class FrameReader {
  #pending: Buffer = nothing
  #waiting: Buffer[] = []
  #bytes = 0
  #needed = headerBytes

  /** The frames that `chunk` completes. @throws RigError: damaged, too long, another version */
  push(chunk: Buffer): Frame[] {
    this.#waiting.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < this.#needed) return []
    this.#pending = this.#waiting.length === 1 ? chunk : Buffer.concat(this.#waiting)
    const frames: Frame[] = []
    let at = 0
    this.#needed = headerBytes
    while (this.#pending.length - at >= headerBytes) {
      const payloadBytes = this.#payloadBytesAt(at)
      const end = at + headerBytes + payloadBytes
      if (end > this.#pending.length) {
        this.#needed = headerBytes + payloadBytes
        break
      }
      frames.push(this.#frameAt(at, end))
      at = end
    }
    const rest = this.#pending.subarray(at)
    this.#waiting = rest.length === 0 ? [] : [rest]
    this.#bytes = rest.length
    this.#pending = nothing
    return frames
  }

  #payloadBytesAt(at: number): number {
    const version = this.#pending.readUInt16LE(at + 6)
    if (version !== protocolVersion) {
      throw new RigError(
        `the other side speaks version ${version} of the protocol, this one ${protocolVersion}`,
      )
    }
    const payloadBytes = this.#pending.readUInt32LE(at)
    if (payloadBytes > payloadBytesMax) {
      throw new RigError(`a frame of ${payloadBytes} bytes was announced; the stream is damaged`)
    }
    return payloadBytes
  }

  #frameAt(at: number, end: number): Frame {
    const bytes = this.#pending
    const crc = crc32c(bytes, at + headerBytes, end, crc32c(bytes, at, at + 8))
    if (crc !== bytes.readUInt32LE(at + 8)) {
      throw new RigError('a frame does not match its checksum; the stream is damaged')
    }
    return {
      type: bytes[at + 4] as number,
      probe: bytes[at + 5] as number,
      payload: bytes.subarray(at + headerBytes, end),
    }
  }
}
