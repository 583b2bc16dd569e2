import { SeawallError } from '../index.ts'
import { DirectoryStore } from './directory-store.ts'
import { findDevice, type LabDevice } from './lab-device.ts'
import { checkedRequest } from './lab-request.ts'
import type { LabStore } from './lab-store.ts'
import type { LabRequest, LabSettings, LabState, Speed } from './lab-types.ts'
import { LabSession } from './session.ts'
import { SimulatedStore } from './simulated-store.ts'

export interface LabOptions {
  /** Where scratch directories are made when there is no simulated device. */
  scratchRoot: string
  /** `none`: a real directory. Default: the simulated device next to the package, if it is there. */
  device?: LabDevice | 'none'
}

/** Called with the new state after every change. */
export type LabListener = (state: LabState) => void

const tickMs: Record<Speed, number> = { slow: 900, normal: 220 }

const defaultSettings: LabSettings = {
  mode: 'group',
  committers: 4,
  recordBytes: 256,
  isLying: false,
  survival: 'random',
}

const simulatedNote =
  'A simulated drive: it is shown what it really holds. One step is 1 ms of the log\u2019s clock.'

/**
 * A scratch log to commit to, to watch, and to cut the power of. Nothing is opened before the first
 * request; it runs by itself only while somebody listens. Requests are served one at a time.
 */
export class Lab {
  readonly #options: LabOptions
  readonly #listeners = new Set<LabListener>()
  #session: LabSession | undefined
  #note = ''
  #speed: Speed | 'paused' = 'paused'
  #timer: NodeJS.Timeout | undefined
  #last: Promise<unknown> = Promise.resolve()
  #version = 0
  #isClosed = false

  constructor(options: LabOptions) {
    this.#options = options
  }

  /**
   * Does what a page asks for, and answers with the state after it.
   *
   * @throws ERR_SEAWALL_INVALID_ARGUMENT, ERR_SEAWALL_CLOSED, and what `Log.open` throws
   */
  handle(request: unknown): Promise<unknown> {
    return this.#oneAtATime(async () => {
      const checked = checkedRequest(request)
      if (this.#isClosed) throw new SeawallError('ERR_SEAWALL_CLOSED', { detail: 'the lab' })
      const session = await this.#open()
      await this.#serve(session, checked)
      return this.#announce()
    })
  }

  /** Returns the function that ends it. */
  subscribe(listener: LabListener): () => void {
    this.#listeners.add(listener)
    this.#schedule()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#stopTimer()
    }
  }

  /** Ends the log and removes its directory. Calls after the first change nothing. */
  close(): Promise<void> {
    return this.#oneAtATime(async () => {
      this.#isClosed = true
      this.#stopTimer()
      this.#listeners.clear()
      const session = this.#session
      this.#session = undefined
      await session?.close()
    })
  }

  async #serve(session: LabSession, request: LabRequest): Promise<void> {
    switch (request.do) {
      case 'state':
        return
      case 'configure':
        return session.configure(request.settings)
      case 'run':
        return this.#setSpeed(request.speed)
      case 'pause':
        return this.#setSpeed('paused')
      case 'step':
        this.#setSpeed('paused')
        return session.tick()
      case 'cut':
        return session.cut()
      case 'recover':
        return session.recover()
      case 'resume':
        return session.resume()
      case 'restart':
        return this.#restart(session, request.seed)
    }
  }

  async #restart(session: LabSession, seed = session.seed + 1): Promise<void> {
    this.#session = undefined
    await session.close()
    this.#session = await this.#begin(seed >>> 0, session.settings)
  }

  async #open(): Promise<LabSession> {
    this.#session ??= await this.#begin(1, { ...defaultSettings })
    return this.#session
  }

  async #begin(seed: number, settings: LabSettings): Promise<LabSession> {
    const store = await this.#makeStore(seed)
    try {
      return await LabSession.begin(store, seed, settings)
    } catch (error) {
      await store.close()
      throw error
    }
  }

  async #makeStore(seed: number): Promise<LabStore> {
    const given = this.#options.device
    const device = given === 'none' ? 'it was asked for' : (given ?? (await findDevice()))
    if (typeof device !== 'string') {
      this.#note = simulatedNote
      return new SimulatedStore(device.createMachine(seed))
    }
    this.#note =
      `A real directory (${device}). Instead of the power, the process that holds the log is killed: ` +
      'what it has handed to the kernel survives. Nobody can look into the drive\u2019s cache here.'
    return DirectoryStore.create(this.#options.scratchRoot)
  }

  #setSpeed(speed: Speed | 'paused'): void {
    this.#speed = speed
    this.#stopTimer()
    this.#schedule()
  }

  #schedule(): void {
    if (this.#speed === 'paused' || this.#timer !== undefined || this.#isClosed) return
    if (this.#listeners.size === 0) return
    this.#timer = setTimeout(() => {
      void this.#oneAtATime(() => this.#runOn())
    }, tickMs[this.#speed])
    this.#timer.unref()
  }

  async #runOn(): Promise<void> {
    this.#timer = undefined
    if (this.#speed === 'paused' || this.#session === undefined) return
    try {
      await this.#session.tick()
      this.#schedule()
    } catch (error) {
      this.#session.fail(error)
    }
    this.#announce()
  }

  #stopTimer(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #announce(): LabState {
    const session = this.#session as LabSession
    const [version, speed] = [(this.#version += 1), this.#speed]
    const state: LabState = { ...session.view(), version, deviceNote: this.#note, speed }
    for (const listener of this.#listeners) listener(state)
    return state
  }

  #oneAtATime<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }
}

/** A lab; see `Lab`. */
export function createLab(options: LabOptions): Lab {
  return new Lab(options)
}
