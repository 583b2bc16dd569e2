import { spawn } from 'node:child_process'

import { RigError } from '../rig-error.ts'

/** Commands of the user, run by `sh -c`. Without `off` the power is cut by hand. */
export interface PowerCommands {
  readonly off?: string | undefined
  readonly on?: string | undefined
  /** Its output or exit code must say that the power is off: exit code 0 means on. */
  readonly status?: string | undefined
  readonly timeoutMs: number
}

const statusPollMs = 100

/** Switches the machine under test. */
export class Power {
  readonly #commands: PowerCommands

  constructor(commands: PowerCommands) {
    this.#commands = commands
  }

  get isByHand(): boolean {
    return this.#commands.off === undefined
  }

  /** Resolves when the power is off, as far as the hooks can tell. @throws RigError */
  async off(): Promise<void> {
    await this.#must(this.#commands.off)
    await this.#until(false)
  }

  /** @throws RigError */
  async on(): Promise<void> {
    await this.#must(this.#commands.on)
    await this.#until(true)
  }

  async #until(isOn: boolean): Promise<void> {
    const { status, timeoutMs } = this.#commands
    if (status === undefined) return
    const deadline = Date.now() + timeoutMs
    while (((await runCommand(status, timeoutMs)).exitCode === 0) !== isOn) {
      if (Date.now() > deadline) {
        throw new RigError(`the power is still ${isOn ? 'off' : 'on'}, says: ${status}`)
      }
      await new Promise((resolve) => setTimeout(resolve, statusPollMs))
    }
  }

  async #must(command: string | undefined): Promise<void> {
    if (command === undefined) return
    const { exitCode, output } = await runCommand(command, this.#commands.timeoutMs)
    if (exitCode !== 0) {
      throw new RigError(`the power hook failed with ${exitCode}: ${command}\n${output}`)
    }
  }
}

function runCommand(
  command: string,
  timeoutMs: number,
): Promise<{ exitCode: number | string; output: string }> {
  return new Promise((resolve) => {
    // A process group of its own, so that a hook that hangs goes with all it has started.
    const child = spawn('sh', ['-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    })
    let output = ''
    const collect = (data: Buffer): void => {
      output = (output + data.toString()).slice(-2000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, timeoutMs)
    child.on('error', (error) => resolve({ exitCode: error.message, output }))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ exitCode: code ?? `${signal} (after ${timeoutMs} ms at most)`, output })
    })
  })
}
