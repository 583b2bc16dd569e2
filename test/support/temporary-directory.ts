import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Log, type LogOptions } from '../../lib/index.ts'

const made: string[] = []
process.on('exit', () => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true })
})

/** A new directory that is removed when the test process ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'seawall-test-'))
  made.push(directory)
  return directory
}

export const smallLog: LogOptions = { segmentBytes: 256 * 1024, bufferBytes: 64 * 1024 }

/** Opens a log in `directory`, or in a new one, with small segments and a small buffer. */
export function openSmall(
  options: LogOptions = {},
  directory: string = temporaryDirectory(),
): Promise<Log> {
  return Log.open(directory, { ...smallLog, ...options })
}

/** The bodies of a whole log as strings. */
export async function bodiesOf(log: Log): Promise<string[]> {
  const bodies: string[] = []
  for await (const { body } of log.read()) bodies.push(Buffer.from(body).toString())
  return bodies
}
