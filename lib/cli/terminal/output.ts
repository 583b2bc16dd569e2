import { once } from 'node:events'
import type { Writable } from 'node:stream'

import { visibleLines } from './visible.ts'

const chunkBytes = 64 * 1024

/**
 * Lines for standard output, handed over in large pieces, and never more than the reader takes: the
 * memory stays bounded however long the output is. Control characters come out as text.
 */
export class Output {
  readonly #stream: Writable & { readonly isTTY?: boolean }
  #pending = ''

  constructor(stream: Writable & { readonly isTTY?: boolean } = process.stdout) {
    this.#stream = stream
  }

  /** Takes a line. True: `await drain()` before the next one. */
  line(text: string): boolean {
    this.#pending += `${text}\n`
    return this.#pending.length >= chunkBytes
  }

  /** Hands everything over and waits until the stream takes more. */
  async drain(): Promise<void> {
    const text = visibleLines(this.#pending, this.#stream.isTTY === true)
    this.#pending = ''
    if (text !== '' && !this.#stream.write(text)) await once(this.#stream, 'drain')
  }
}

/** Prints lines that are there already. @returns when standard output has taken them */
export async function printLines(lines: readonly string[]): Promise<void> {
  const output = new Output()
  for (const line of lines) if (output.line(line)) await output.drain()
  await output.drain()
}
