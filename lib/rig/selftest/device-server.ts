import { createServer, type Server, type Socket } from 'node:net'

import { decodeJson, encodeFrame, encodeJson, FrameReader } from '../protocol/frame.ts'
import { deviceFrame, type DeviceRequest } from './device-protocol.ts'
import type { SimulatedDevice } from './simulated-device.ts'

/** Offers a simulated device to agents, on a socket, while its power is on. */
export class DeviceServer {
  readonly #device: SimulatedDevice
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #isOn = true

  private constructor(device: SimulatedDevice) {
    this.#device = device
    this.#server = createServer((socket) => this.#connected(socket))
  }

  static async start(device: SimulatedDevice, path: string): Promise<DeviceServer> {
    const server = new DeviceServer(device)
    await new Promise<void>((resolve, reject) => {
      server.#server.once('error', reject)
      server.#server.listen(path, resolve)
    })
    return server
  }

  /** Nothing that arrives later is taken. */
  powerOff(): void {
    this.#isOn = false
    for (const socket of this.#sockets) socket.destroy()
    this.#device.powerOff()
  }

  powerOn(): void {
    this.#device.powerOn()
    this.#isOn = !this.#device.isGone
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }

  #connected(socket: Socket): void {
    if (!this.#isOn) {
      socket.destroy()
      return
    }
    this.#sockets.add(socket)
    const reader = new FrameReader()
    let write: (DeviceRequest & { id: number; do: 'write' }) | undefined
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('data', (bytes: Buffer) => {
      for (const frame of reader.push(bytes)) {
        if (!this.#isOn) return
        if (frame.type === deviceFrame.data && write !== undefined) {
          this.#device.write(write.offset, frame.payload, write.through)
          socket.write(replyTo(write.id))
        } else {
          const request = decodeJson<DeviceRequest & { id: number }>(frame)
          if (request.do === 'write') write = request
          else socket.write(this.#answer(request))
        }
      }
    })
  }

  #answer(request: DeviceRequest & { id: number }): Buffer {
    try {
      switch (request.do) {
        case 'identify':
          return replyTo(request.id, Buffer.from(JSON.stringify(this.#device.identity())))
        case 'read':
          return replyTo(request.id, this.#device.read(request.offset, request.bytes))
        case 'flush':
          this.#device.flush()
          return replyTo(request.id)
        case 'write':
          return replyTo(request.id)
      }
    } catch (error) {
      const { code = 'EIO' } = error as NodeJS.ErrnoException
      return encodeJson(deviceFrame.error, { id: request.id, code })
    }
  }
}

function replyTo(id: number, data: Uint8Array = Buffer.alloc(0)): Buffer {
  const payload = Buffer.allocUnsafe(8 + data.length)
  payload.writeDoubleLE(id, 0)
  payload.set(data, 8)
  return encodeFrame(deviceFrame.reply, 0, payload)
}
