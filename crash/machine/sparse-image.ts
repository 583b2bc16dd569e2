import {
  closeSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { gunzipSync, gzipSync } from 'node:zlib'

const blockBytes = 4096
const headerBytes = 8
// A larger one would make the failure file a burden; it is left out, and said so.
const base64BytesMax = 4 * 2 ** 20

/** The blocks of a disk image that are not zero, as base64; undefined: it is too large. */
export function encodeImage(path: string): string | undefined {
  const file = openSync(path, 'r')
  const { size } = statSync(path)
  const zeros = Buffer.alloc(blockBytes)
  const header = Buffer.alloc(headerBytes)
  header.writeBigUInt64LE(BigInt(size))
  const parts = [header]
  try {
    for (let at = 0; at < size; at += blockBytes) {
      const block = Buffer.alloc(blockBytes)
      readSync(file, block, 0, blockBytes, at)
      if (block.equals(zeros)) continue
      const number = Buffer.alloc(headerBytes)
      number.writeBigUInt64LE(BigInt(at))
      parts.push(number, block)
    }
  } finally {
    closeSync(file)
  }
  const text = gzipSync(Buffer.concat(parts), { level: 9 }).toString('base64')
  return text.length <= base64BytesMax ? text : undefined
}

export function decodeImage(text: string, path: string): void {
  const bytes = gunzipSync(Buffer.from(text, 'base64'))
  writeFileSync(path, '')
  truncateSync(path, Number(bytes.readBigUInt64LE(0)))
  const file = openSync(path, 'r+')
  try {
    for (let at = headerBytes; at < bytes.length; at += headerBytes + blockBytes) {
      const offset = Number(bytes.readBigUInt64LE(at))
      writeSync(file, bytes, at + headerBytes, blockBytes, offset)
    }
  } finally {
    closeSync(file)
  }
}
