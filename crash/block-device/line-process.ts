import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface, type Interface } from 'node:readline'

interface Waiter {
  resolve(line: string): void
  reject(error: Error): void
}

/** A program that is asked a line at a time and answers each with one line, in order. */
export class LineProcess {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #lines: Interface
  readonly #exited: Promise<unknown>
  readonly #waiters: Waiter[] = []
  readonly #name: string
  #errors = ''

  constructor(program: string, args: readonly string[] = []) {
    this.#name = program.slice(program.lastIndexOf('/') + 1)
    this.#child = spawn(program, args, { stdio: 'pipe' })
    this.#exited = once(this.#child, 'exit')
    this.#exited.catch(() => {})
    this.#lines = createInterface({ input: this.#child.stdout })
    this.#lines.on('line', (line) => this.#waiters.shift()?.resolve(line))
    this.#child.stderr.on('data', (text) => (this.#errors += String(text)))
    this.#child.stdin.on('error', () => {})
    this.#child.on('error', (error) => this.#failAll(error))
    this.#child.on('close', () => this.#failAll(new Error(`${this.#name} ended: ${this.#errors}`)))
  }

  /** What stands after `ok` in the answer to `line`. Throws what stands after `error`. */
  async ask(line: string): Promise<string> {
    this.#child.stdin.write(`${line}\n`)
    return this.#answerTo(line)
  }

  /** The line that it says without being asked, when it is ready. */
  ready(): Promise<string> {
    return this.#answerTo('(start)')
  }

  /** Tells it that nothing more comes, and waits until it has cleaned up and ended. */
  async end(): Promise<void> {
    this.#child.stdin.end()
    await this.#exited.catch(() => {})
    this.#lines.close()
  }

  async #answerTo(question: string): Promise<string> {
    const line = await new Promise<string>((resolve, reject) => {
      if (this.#child.exitCode !== null) reject(new Error(`${this.#name} ended: ${this.#errors}`))
      else this.#waiters.push({ resolve, reject })
    })
    if (line === 'ok' || line.startsWith('ok ')) return line.slice(3)
    throw new Error(`${this.#name}, ${question}: ${line.replace(/^error /, '')}`)
  }

  #failAll(error: Error): void {
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error)
  }
}
