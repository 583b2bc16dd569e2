import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

import { forkProgram } from '../../programs/child-processes.ts'
import type { Sample } from '../measure/rounds.ts'
import type {
  CommitStoreConfig,
  CommitStoreReply,
  CommitStoreRequest,
} from '../subjects/commit-store.ts'
import type { Cell, EngineSession } from './engine.ts'

const closeTimeoutMs = 20_000
const runTimeoutMs = 60_000

/** subjects/commit-store.ts in a process of its own, which waits to be told what to measure. */
export class StoreProcess implements EngineSession {
  readonly #name: string
  readonly #child: ChildProcess

  private constructor(name: string, child: ChildProcess) {
    this.#name = name
    this.#child = child
  }

  static async open(config: CommitStoreConfig): Promise<StoreProcess> {
    const args = [JSON.stringify(config)]
    const child = forkProgram(import.meta.url, '../subjects/commit-store.ts', args)
    const session = new StoreProcess(config.store, child)
    try {
      await session.#reply()
    } catch (error) {
      child.kill('SIGKILL')
      throw error
    }
    return session
  }

  async run({ committers }: Cell, seconds: number, warmUpSeconds: number): Promise<Sample> {
    const request: CommitStoreRequest = { committers, seconds, warmUpSeconds }
    // A store that never answers must not hold up the rest.
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), runTimeoutMs)
    this.#child.send(request)
    const reply = await this.#reply().finally(() => clearTimeout(timer))
    if (!('sample' in reply)) throw new Error(`${this.#name}: no sample`)
    return reply.sample
  }

  /** The next message; rejects when it tells of a failure, or the process ends first. */
  #reply(): Promise<CommitStoreReply> {
    const child = this.#child
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        child.off('message', onMessage)
        child.off('exit', onExit)
        child.off('error', onError)
      }
      const onMessage = (reply: CommitStoreReply): void => {
        settle()
        if ('failure' in reply) reject(new Error(`${this.#name}: ${reply.failure}`))
        else resolve(reply)
      }
      const onExit = (code: number | null, signal: string | null): void => {
        settle()
        reject(new Error(`${this.#name}: ${signal ?? `exit code ${code}`}`))
      }
      const onError = (error: Error): void => {
        settle()
        reject(error)
      }
      child.on('message', onMessage)
      child.on('exit', onExit)
      child.on('error', onError)
    })
  }

  async close(): Promise<void> {
    const child = this.#child
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    const timer = setTimeout(() => child.kill('SIGKILL'), closeTimeoutMs)
    if (child.connected) child.send('close')
    await exited
    clearTimeout(timer)
  }
}
