import { writeSync } from 'node:fs'

const alignmentMax = 4096
const step = 8

/**
 * Random bytes in memory that direct writes to `file` accept: alignment cannot be asked for in
 * JavaScript, so places in a larger buffer are tried until one is not refused with EINVAL. Large
 * buffers of Node lie a few bytes behind a page boundary, so the search begins at the page's end.
 * Undefined when none is accepted.
 */
export function alignedFor(file: number, content: Buffer): Buffer | undefined {
  const memory = Buffer.alloc(content.length + alignmentMax)
  for (let offset = alignmentMax - step; offset >= 0; offset -= step) {
    content.copy(memory, offset)
    try {
      writeSync(file, memory, offset, content.length, 0)
      return memory.subarray(offset, offset + content.length)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EINVAL') throw error
    }
  }
  return undefined
}
