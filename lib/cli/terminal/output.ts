import { once } from 'node:events'
import type { Writable } from 'node:stream'

const chunkBytes = 64 * 1024

/**
 * Lines for standard output, handed over in large pieces, and never more than the reader takes: the
 * memory stays bounded however long the output is.
 */
export class Output {
  readonly #stream: Writable
  #pending = ''

  constructor(stream: Writable = process.stdout) {
    this.#stream = stream
  }

  /** Takes a line. True: `await drain()` before the next one. */
  line(text: string): boolean {
    this.#pending += `${text}\n`
    return this.#pending.length >= chunkBytes
  }

  /** Hands everything over and waits until the stream takes more. */
  async drain(): Promise<void> {
    const text = this.#pending
    this.#pending = ''
    if (text !== '' && !this.#stream.write(text)) await once(this.#stream, 'drain')
  }
}
