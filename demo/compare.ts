import { open } from 'node:fs/promises'

import { Log } from '../lib/index.ts'
import { decodeChunk } from './chunks.ts'

const progressRecords = 256

/** What reading the log back and holding it against the file found. */
export interface Comparison {
  records: number
  bytes: number
  seconds: number
  /**
   * The first file offset that differs, is missing, or comes twice; undefined when the log is the
   * file.
   */
  differsAt: number | undefined
}

/**
 * Compares the bodies of all records, one after the other, with `file`, byte for byte. `onProgress`
 * gets bytes, of how many, and MB/s.
 */
export async function compareWithFile(
  directory: string,
  path: string,
  onProgress: (bytes: number, fileBytes: number, rate: number) => void = () => {},
): Promise<Comparison> {
  await using log = await Log.open(directory, { readOnly: true })
  await using file = await open(path)
  const { size } = await file.stat()
  const started = performance.now()
  let expected = 0
  let records = 0
  const result = (differsAt: number | undefined): Comparison => ({
    records,
    bytes: expected,
    seconds: (performance.now() - started) / 1000,
    differsAt,
  })
  for await (const { body } of log.read()) {
    const { offset, data } = decodeChunk(body)
    if (offset !== expected) return result(expected)
    const { buffer, bytesRead } = await file.read(
      Buffer.allocUnsafe(data.length),
      0,
      data.length,
      offset,
    )
    if (bytesRead !== data.length || Buffer.compare(buffer, data) !== 0) return result(offset)
    expected += data.length
    records += 1
    if (records % progressRecords === 0) {
      onProgress(expected, size, expected / 1000 / (performance.now() - started))
    }
  }
  return result(expected === size ? undefined : expected)
}
