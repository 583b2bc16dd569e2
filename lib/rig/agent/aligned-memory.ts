import { readSync } from 'node:fs'

// What the kernel demands at most. Large buffers of Node lie a few bytes behind a page boundary.
const alignmentMax = 4096
const step = 8
// A read that lies within one page is let through wherever it begins; this one covers two.
const readBytes = 2 * alignmentMax

/**
 * Memory that direct reads of `file` accept: alignment cannot be asked for in JavaScript, so places
 * in a larger buffer are tried until one is not refused with EINVAL. undefined when none is.
 */
export function alignedFor(file: number, bytes: number): Buffer | undefined {
  const memory = Buffer.alloc(Math.max(bytes, readBytes) + alignmentMax)
  // From the end of the page backwards: the right place is close to it.
  for (let offset = alignmentMax - step; offset >= 0; offset -= step) {
    try {
      readSync(file, memory, offset, readBytes, 0)
      return memory.subarray(offset, offset + bytes)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
    }
  }
  return undefined
}
