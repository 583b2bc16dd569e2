// Goal: what one side of the rig sends is what the other reads, or the connection ends.
// Method: known checksums; frames cut into pieces of every size; damaged ones.
import { test } from 'uvu'
import * as assert from 'uvu/assert'

import { crc32c } from '../../lib/rig/protocol/crc32c.ts'
import { EventBuffer, eventKind, forEachEvent } from '../../lib/rig/protocol/events.ts'
import {
  decodeJson,
  decodeNumber,
  encodeFrame,
  encodeJson,
  encodeNumber,
  type Frame,
  FrameReader,
  frameType,
} from '../../lib/rig/protocol/frame.ts'

test('CRC32C -> the values of RFC 3720, in one go and in parts', () => {
  assert.is(crc32c(Buffer.alloc(32)), 0x8a9136aa)
  assert.is(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43)
  assert.is(crc32c(Buffer.from('123456789')), 0xe3069283)
  const bytes = Buffer.from('any text that is not a multiple of four')
  for (let at = 0; at <= bytes.length; at++) {
    assert.is(crc32c(bytes, at, bytes.length, crc32c(bytes, 0, at)), crc32c(bytes))
  }
})

test('a stream in pieces of any size -> the same frames', () => {
  const stream = Buffer.concat([
    encodeJson(frameType.hello, { a: 1 }),
    encodeNumber(frameType.intent, 2 ** 40, 3),
    encodeFrame(frameType.pause),
    encodeFrame(frameType.resumeData, 1, Buffer.alloc(5000, 7)),
  ])
  for (const pieceBytes of [1, 2, 3, 11, 12, 13, 64, 4096, stream.length]) {
    const reader = new FrameReader()
    const frames: Frame[] = []
    for (let at = 0; at < stream.length; at += pieceBytes) {
      frames.push(...reader.push(stream.subarray(at, at + pieceBytes)))
    }
    const [hello, intent, pause, data] = frames as [Frame, Frame, Frame, Frame]
    assert.is(frames.length, 4)
    assert.equal(decodeJson(hello), { a: 1 })
    assert.is(decodeNumber(intent), 2 ** 40)
    assert.is(intent.probe, 3)
    assert.is(pause.payload.length, 0)
    assert.ok(data.payload.equals(Buffer.alloc(5000, 7)))
  }
})

test('any bit flipped, another version, an absurd length -> refused', () => {
  const frame = encodeNumber(frameType.credit, 17)
  // The length is covered as well: too short a frame does not match, too long a one never comes.
  for (let bit = 32; bit < frame.length * 8; bit++) {
    const damaged = Buffer.from(frame)
    damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
    assert.throws(() => new FrameReader().push(damaged), /checksum|version/)
  }
  const long = Buffer.from(frame)
  long.writeUInt32LE(2 ** 31, 0)
  assert.throws(() => new FrameReader().push(long), /announced/)
})

test('events -> the same events in the same order, also after the buffer has grown', () => {
  const events = new EventBuffer()
  for (let i = 0; i < 1000; i++) events.add(eventKind.written, 2 ** 33 + i, i)
  const seen: number[] = []
  forEachEvent(events.take(), (kind, number, other) => {
    assert.is(kind, eventKind.written)
    assert.is(number, 2 ** 33 + other)
    seen.push(other)
  })
  assert.is(seen.length, 1000)
  assert.ok(events.isEmpty)
})

test.run()
