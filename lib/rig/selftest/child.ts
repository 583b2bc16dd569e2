import { type ChildProcess, spawn } from 'node:child_process'

import { RigError } from '../rig-error.ts'

// Enough for every queue depth of the selftest; Node reads it when it starts.
const threads = '40'

/** A process of the selftest. */
export class Child {
  readonly #process: ChildProcess
  readonly exitCode: Promise<number>
  isOver = false
  #output = ''
  #onOutput: (() => void) | undefined

  constructor(command: readonly string[], args: readonly string[]) {
    const [program = process.execPath, ...first] = command
    this.#process = spawn(program, [...first, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, UV_THREADPOOL_SIZE: threads, NO_COLOR: '1' },
    })
    const collect = (data: Buffer): void => {
      this.#output += data.toString()
      this.#onOutput?.()
    }
    this.#process.stdout?.on('data', collect)
    this.#process.stderr?.on('data', collect)
    this.exitCode = new Promise((resolve) => {
      this.#process.on('close', (code) => {
        this.isOver = true
        this.#onOutput?.()
        resolve(code ?? -1)
      })
    })
  }

  /** Everything it has printed. */
  get output(): string {
    return this.#output
  }

  /** What the group of `pattern` matches, once it is printed. @throws RigError when it ends */
  async says(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = pattern.exec(this.#output)
      if (found !== null) return found[1] ?? ''
      if (this.isOver) throw new RigError(`it ended: ${this.#output}`)
      await new Promise<void>((resolve) => {
        this.#onOutput = resolve
      })
    }
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    if (!this.isOver) this.#process.kill('SIGKILL')
    await this.exitCode
  }
}
