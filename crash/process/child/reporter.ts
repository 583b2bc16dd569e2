import { readdirSync, readFileSync, writeSync } from 'node:fs'

import type { Command, Report } from '../protocol.ts'

/** Blocks until the harness has sent its command; undefined when it has gone. */
export function receiveCommand(): Command | undefined {
  const text = readFileSync(0, 'utf8')
  return text === '' ? undefined : (JSON.parse(text) as Command)
}

/** In the pipe when it returns: what follows happens after the harness can know of this. */
export function report(message: Report): void {
  let rest = Buffer.from(`${JSON.stringify(message)}\n`)
  while (rest.length > 0) rest = rest.subarray(writeSome(rest))
}

function writeSome(bytes: Buffer): number {
  try {
    return writeSync(1, bytes)
  } catch (error) {
    if ((error as { code?: string }).code === 'EAGAIN') return 0
    throw error
  }
}

export function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length
}
