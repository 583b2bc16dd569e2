import { connect, type Socket } from 'node:net'

import { decodeJson, encodeFrame, encodeJson, type Frame, FrameReader } from '../protocol/frame.ts'
import { RigError } from '../rig-error.ts'
import {
  type DeviceIdentity,
  type DeviceRequest,
  deviceFrame,
} from '../selftest/device-protocol.ts'
import type { BlockTarget } from './block-target.ts'

interface Waiting {
  resolve: (payload: Buffer) => void
  reject: (error: unknown) => void
}

/** The device that `seawall rig selftest` simulates, reached through a socket. */
export class SimulatedTarget implements BlockTarget {
  readonly bytes: number
  readonly blockBytes: number
  readonly wholeUnitBytes: number
  readonly fingerprint
  readonly counters
  readonly bootId: string
  readonly #wire: DeviceWire

  private constructor(wire: DeviceWire, identity: DeviceIdentity) {
    this.#wire = wire
    this.bytes = identity.bytes
    this.blockBytes = identity.blockBytes
    this.wholeUnitBytes = identity.atomicBytes
    this.fingerprint = { ...identity.fingerprint, directIO: true }
    this.counters = identity.counters
    this.bootId = identity.bootId
  }

  static async open(path: string): Promise<SimulatedTarget> {
    const wire = await DeviceWire.open(path)
    const reply = await wire.ask({ do: 'identify' })
    return new SimulatedTarget(wire, JSON.parse(reply.toString()) as DeviceIdentity)
  }

  allocate(bytes: number): Buffer {
    return Buffer.alloc(bytes)
  }

  async read(buffer: Buffer, offset: number): Promise<void> {
    const bytes = await this.#wire.ask({ do: 'read', offset, bytes: buffer.length })
    bytes.copy(buffer)
  }

  async write(buffer: Buffer, offset: number, through: boolean): Promise<void> {
    await this.#wire.ask({ do: 'write', offset, bytes: buffer.length, through }, buffer)
  }

  async flush(): Promise<void> {
    await this.#wire.ask({ do: 'flush' })
  }

  async close(): Promise<void> {
    this.#wire.close()
  }
}

/** Requests and replies, matched in the order of their numbers. */
class DeviceWire {
  readonly #socket: Socket
  readonly #reader = new FrameReader()
  readonly #waiting = new Map<number, Waiting>()
  #next = 1

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', (data: Buffer) => {
      for (const frame of this.#reader.push(data)) this.#replied(frame)
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      for (const { reject } of this.#waiting.values()) reject(new RigError('the device is gone'))
      this.#waiting.clear()
    })
  }

  static open(path: string): Promise<DeviceWire> {
    return new Promise((resolve, reject) => {
      const socket = connect(path)
      socket.once('error', reject)
      socket.once('connect', () => {
        socket.off('error', reject)
        resolve(new DeviceWire(socket))
      })
    })
  }

  ask(request: DeviceRequest, data?: Buffer): Promise<Buffer> {
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#socket.write(encodeJson(deviceFrame.request, { id, ...request }))
      if (data !== undefined) this.#socket.write(encodeFrame(deviceFrame.data, 0, data))
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #replied(frame: Frame): void {
    if (frame.type === deviceFrame.error) {
      const { id, code } = decodeJson<{ id: number; code: string }>(frame)
      this.#take(id)?.reject(Object.assign(new RigError(`the device says ${code}`), { code }))
      return
    }
    this.#take(frame.payload.readDoubleLE(0))?.resolve(frame.payload.subarray(8))
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    return waiting
  }
}
