import { randomBytes } from 'node:crypto'
import { closeSync, constants, fdatasyncSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { alignedFor } from './aligned-memory.ts'
import type { Method } from './method.ts'

const kib = 1024
/** Written once and flushed, so that what is measured allocates nothing. */
export const preparedBytes = 16 * 1024 * kib
const appendedBytesMax = 64 * 1024 * kib
const preparedName = 'prepared'

/** Makes the file that the methods write over. */
export function prepareFile(directory: string): void {
  const content = randomBytes(1024 * kib)
  const file = openSync(join(directory, preparedName), 'wx')
  try {
    for (let at = 0; at < preparedBytes; at += content.length)
      writeSync(file, content, 0, content.length, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

interface FileMethod {
  readonly id: string
  readonly method: string
  readonly writeBytes: number
  readonly flags?: number
  readonly flush?: (file: number) => void
  readonly isGrowing?: boolean
}

const { O_DIRECT, O_DSYNC, O_CREAT, O_TRUNC, O_WRONLY } = constants

const fileMethods: readonly FileMethod[] = [
  { id: 'write', method: 'write, no flush', writeBytes: 4 * kib },
  { id: 'dsync', method: 'write, O_DSYNC', writeBytes: 4 * kib, flags: O_DSYNC },
  { id: 'fdatasync', method: 'write, fdatasync', writeBytes: 4 * kib, flush: fdatasyncSync },
  { id: 'fsync', method: 'write, fsync', writeBytes: 4 * kib, flush: fsyncSync },
  {
    id: 'grow',
    method: 'append to a growing file, fdatasync',
    writeBytes: 4 * kib,
    flush: fdatasyncSync,
    isGrowing: true,
  },
  { id: 'direct-write', method: 'O_DIRECT write, no flush', writeBytes: 4 * kib, flags: O_DIRECT },
  {
    id: 'direct-dsync',
    method: 'O_DIRECT write, O_DSYNC',
    writeBytes: 4 * kib,
    flags: O_DIRECT | O_DSYNC,
  },
  {
    id: 'direct-fdatasync',
    method: 'O_DIRECT write, fdatasync',
    writeBytes: 4 * kib,
    flags: O_DIRECT,
    flush: fdatasyncSync,
  },
  { id: 'fdatasync-64k', method: 'write, fdatasync', writeBytes: 64 * kib, flush: fdatasyncSync },
  {
    id: 'direct-fdatasync-64k',
    method: 'O_DIRECT write, fdatasync',
    writeBytes: 64 * kib,
    flags: O_DIRECT,
    flush: fdatasyncSync,
  },
]

/** Writes to a file in the scratch directory, one after the other, as pg_test_fsync does. */
export const methodsOnFiles: readonly Method[] = fileMethods.map((method) => ({
  id: method.id,
  method: method.method,
  writeBytes: method.writeBytes,
  run: async (directory, stopwatchFor) => {
    const { writeBytes, flags = 0, flush, isGrowing = false } = method
    const made = isGrowing ? O_CREAT | O_TRUNC : 0
    const path = join(directory, isGrowing ? 'growing' : preparedName)
    const file = openSync(path, O_WRONLY | flags | made, 0o600)
    try {
      const random = randomBytes(writeBytes)
      const content = (flags & O_DIRECT) === 0 ? random : alignedFor(file, random)
      if (content === undefined) return 'no memory was aligned well enough'
      // A file that grows without end would fill the drive.
      const places = (isGrowing ? appendedBytesMax : preparedBytes) / writeBytes
      const stopwatch = stopwatchFor()
      await stopwatch.repeat((index) => {
        if (isGrowing && index > 0 && index % places === 0) truncate(path)
        writeSync(file, content, 0, writeBytes, (index % places) * writeBytes)
        flush?.(file)
      })
      const result = stopwatch.result()
      // What was only written must not be paid for by the next method.
      fsyncSync(file)
      return result
    } finally {
      closeSync(file)
    }
  },
}))

function truncate(path: string): void {
  closeSync(openSync(path, O_WRONLY | O_TRUNC))
}
