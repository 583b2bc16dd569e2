import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { type Durability, type ErrorCode, type RecoveryReport, SeawallError } from '../index.ts'
import type { FromHolder, ToHolder } from './holder-messages.ts'
import {
  type CommitObserver,
  type FoundRecord,
  type LabStore,
  type LivePlace,
  scratchLog,
  type StoreState,
} from './lab-store.ts'

const holderProgram = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './holder.ts' : './holder.js', import.meta.url),
)

// Longer than that between two ticks, and nobody was at work.
const pauseMs = 1000

/**
 * A log in a real directory, held by a process of its own, which is killed in place of a power cut:
 * what the kernel and the drive have of it survives. Nobody can look into the drive here, so a
 * record is on the media when the log says so.
 */
export class DirectoryStore implements LabStore {
  readonly kind = 'directory'
  readonly bufferBytes = scratchLog.bufferBytes
  readonly #directory: string
  // Time between ticks, without pauses.
  #timeMs = 0
  #lastTickAt = performance.now()
  #holder: ChildProcess | undefined
  #observer: CommitObserver | undefined
  #answer: ((message: FromHolder) => void) | undefined
  #state: Omit<StoreState, 'timeMs'> = {
    flushedLSN: 0,
    endLSN: 0,
    flushes: 0,
    deviceWrites: 0,
    deviceSyncs: 0,
  }

  private constructor(directory: string) {
    this.#directory = directory
  }

  /** In a new directory below `scratchRoot`. */
  static async create(scratchRoot: string): Promise<DirectoryStore> {
    return new DirectoryStore(await mkdtemp(join(scratchRoot, 'seawall-lab-')))
  }

  async open(observer: CommitObserver): Promise<RecoveryReport> {
    this.#observer = observer
    const holder = fork(holderProgram, [this.#directory], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: loaderArguments(process.execArgv),
    })
    this.#holder = holder
    holder.on('message', (message) => this.#onMessage(message as FromHolder))
    holder.on('exit', () => this.#onExit(holder))
    const answer = await this.#ask({ do: 'open' })
    if (answer.kind === 'opened') return answer.report
    if (answer.kind === 'refused')
      throw new SeawallError(answer.code as ErrorCode, { detail: answer.detail })
    throw endedError()
  }

  commit(number: number, bytes: number, durability: Durability): void {
    this.#send({ do: 'commit', number, bytes, durability })
  }

  async tick(): Promise<void> {
    const now = performance.now()
    this.#timeMs += Math.min(now - this.#lastTickAt, pauseMs)
    this.#lastTickAt = now
    const answer = await this.#ask({ do: 'tick' })
    if (answer.kind === 'state') this.#state = answer.state
    else this.#observer?.failed(endedError())
  }

  placeOf(_number: number, _bytes: number, lsn: number): LivePlace {
    return lsn < this.#state.flushedLSN ? 'media' : 'buffer'
  }

  state(): StoreState {
    return { ...this.#state, timeMs: this.#timeMs }
  }

  lie(): void {
    // A real drive is asked by nobody.
  }

  async cutPower(): Promise<void> {
    this.#observer = undefined
    await this.#kill()
  }

  async readAll(): Promise<FoundRecord[]> {
    const answer = await this.#ask({ do: 'read' })
    return answer.kind === 'records' ? answer.records : []
  }

  async close(): Promise<void> {
    this.#observer = undefined
    await this.#kill()
    await rm(this.#directory, { recursive: true, force: true })
  }

  #send(message: ToHolder): void {
    if (this.#holder?.connected === true) this.#holder.send(message)
  }

  #ask(message: ToHolder): Promise<FromHolder> {
    return new Promise((resolve) => {
      if (this.#holder?.connected !== true) return resolve({ kind: 'ended' })
      this.#answer = resolve
      this.#holder.send(message)
    })
  }

  #onMessage(message: FromHolder): void {
    if (message.kind === 'appended') this.#observer?.appended(message.number, message.lsn)
    else if (message.kind === 'acknowledged') this.#acknowledged(message)
    else if (message.kind === 'failed') {
      const error = new SeawallError(message.code as ErrorCode, { detail: message.detail })
      this.#observer?.failed(error)
    } else this.#settle(message)
  }

  // What is acknowledged is known to be flushed: no tick need say so first.
  #acknowledged({ number, flushedLSN }: FromHolder & { kind: 'acknowledged' }): void {
    this.#state = { ...this.#state, flushedLSN: Math.max(this.#state.flushedLSN, flushedLSN) }
    this.#observer?.acknowledged(number)
  }

  #onExit(holder: ChildProcess): void {
    if (this.#holder === holder) this.#holder = undefined
    this.#settle({ kind: 'ended' })
  }

  #settle(message: FromHolder): void {
    const answer = this.#answer
    this.#answer = undefined
    answer?.(message)
  }

  async #kill(): Promise<void> {
    const holder = this.#holder
    if (holder === undefined) return
    const exit = once(holder, 'exit')
    holder.kill('SIGKILL')
    await exit
  }
}

function endedError(): SeawallError {
  return new SeawallError('ERR_SEAWALL_IO', { detail: 'the process that holds the log has ended' })
}

/** What makes this process understand TypeScript, if anything does; not what it runs. */
function loaderArguments(args: readonly string[]): string[] {
  return args.flatMap((arg, i) => {
    const isLoader = /^(--import|--require|-r|--loader|--experimental-loader)(=|$)/.test(arg)
    return isLoader ? (arg.includes('=') ? [arg] : args.slice(i, i + 2)) : []
  })
}
