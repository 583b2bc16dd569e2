import { SeawallError } from '../../lib/index.ts'
import type { Random } from '../../test/support/random.ts'
import type { BlockDevice } from './block-device.ts'
import { crashPoints, randomCoins } from './crash-points.ts'
import { imageOf } from './image-file.ts'
import { BrokenPromise, type Subject, type Worked } from './subject.ts'
import type { Tally } from './tally.ts'

export const layerName = 'L5'
/** Later than every event. */
export const atTheEnd = Number.MAX_SAFE_INTEGER
// A crash in the recovery from a crash in a recovery.
const depthMax = 3
// A page with its content can be long.
const messageCharactersMax = 500
// What the kernel says when the file system itself is damaged: EIO, EBADMSG, EUCLEAN.
const fileSystemDamage = new Set([5, 74, 117])

export interface SessionPlan {
  readonly seed: number
  readonly images: number
  /** How much is done before the crash. */
  readonly amount: number
  /** How many of 1 crash images are crashed again while they recover or are used. */
  readonly againOf1: number
  readonly workDirectory: string
  /** What is wrong with the device, for the table of faults. */
  readonly fault: string
  /** Ends it early. */
  isOver(): boolean
}

/** One store on one device: made, used while everything is recorded, and crashed many times. */
export class CrashSession<Options, Found, Allowed> {
  readonly #device: BlockDevice
  readonly #subject: Subject<Options, Found, Allowed>
  readonly #random: Random
  readonly #plan: SessionPlan
  readonly #tally: Tally
  readonly options: Options

  constructor(
    device: BlockDevice,
    subject: Subject<Options, Found, Allowed>,
    random: Random,
    plan: SessionPlan,
    tally: Tally,
  ) {
    this.#device = device
    this.#subject = subject
    this.#random = random
    this.#plan = plan
    this.#tally = tally
    this.options = subject.options(random)
  }

  /** A new file system, and maybe an empty store on it, both durable. */
  async create(): Promise<void> {
    this.#device.format()
    const isStoreDurable = this.#random.chance(0.5)
    if (isStoreDurable) await this.mounted(() => this.recover())
    await this.#device.record()
  }

  /** Uses the store, recording, and unmounts the file system. */
  async work(): Promise<Worked<Allowed>> {
    const { mountPoint } = this.#device
    const random = this.#random
    const heldOf256 = random.pick([0, 128, 230])
    await this.#device.hold(heldOf256, random.pick([50, 400, 2000]), this.#plan.seed)
    try {
      const worked = await this.mounted(async () => {
        const { found } = await this.recover()
        return this.use(found, this.#plan.amount)
      })
      this.#tally.add('acknowledged', worked.acknowledged)
      return worked
    } catch (error) {
      if (!(error instanceof BrokenPromise)) throw error
      throw new BrokenPromise(error.oracle, `while in use at ${mountPoint}: ${error.message}`)
    } finally {
      await this.#device.hold(0, 0, 0)
    }
  }

  /** Crashes recording 0 in as many ways as planned. */
  async crashEverywhere(worked: Worked<Allowed>): Promise<void> {
    const { events } = await this.#device.statistics()
    const flushes = await this.#device.flushes(0)
    const points = crashPoints(flushes, events, this.#plan.images, this.#random)
    for (const event of points) {
      if (this.#plan.isOver()) return
      await this.#crash(0, event, worked.allowedAt(event))
    }
    await this.#device.present(0, events, { seed: 0, keptOf256: 256, atomBytes: 0 })
    await this.#device.record()
  }

  recover(): Promise<{ found: Found; shownAt: number }> {
    const { mountPoint, events } = this.#device
    return this.#subject.recover(mountPoint, this.options, events)
  }

  use(found: Found, amount: number): Promise<Worked<Allowed>> {
    const { mountPoint, events } = this.#device
    return this.#subject.work(mountPoint, this.options, found, this.#random, amount, events)
  }

  async mounted<T>(work: () => Promise<T>): Promise<T> {
    await this.#device.mount()
    try {
      return await work()
    } finally {
      await this.#device.unmount()
    }
  }

  /** The same; false when the file system is damaged, which is counted and not judged. */
  async mountedIfPossible(work: () => Promise<void>): Promise<boolean> {
    if (!(await this.#mountOrCount())) return false
    try {
      await work()
    } finally {
      await this.#device.unmount()
    }
    return true
  }

  /** Recovers what the device shows, which must be `allowed`; undefined when it could not. */
  async check(
    allowed: Allowed,
    about: Record<string, unknown>,
    thenUse = false,
  ): Promise<(Worked<Allowed> & { shownAt: number }) | undefined> {
    if (!(await this.#mountOrCount())) return undefined
    try {
      const { found, shownAt } = await this.recover()
      const violation = this.#subject.violation(found, allowed)
      if (violation !== undefined) throw violation
      const worked = thenUse ? await this.use(found, 1 + this.#random.below(12)) : undefined
      const exactly = this.#subject.exactly(found)
      this.#tally.fault(this.#plan.fault, 'survived')
      const rest = worked ?? { acknowledged: 0, failure: undefined, allowedAt: () => exactly }
      return { ...rest, shownAt }
    } catch (error) {
      await this.#judge(error, allowed, about)
      return undefined
    } finally {
      await this.#device.unmount()
    }
  }

  // What comes to the image while it recovers, and is used again a little, is recorded, so that it
  // can be crashed as well.
  async #crash(depth: number, event: number, allowed: Allowed): Promise<void> {
    const random = this.#random
    const coins = randomCoins(this.#device.options, random)
    const summary = await this.#device.present(depth, event, coins)
    this.#tally.add('images')
    this.#tally.add('volatileWrites', summary.volatileWrites)
    this.#tally.add('lostAtoms', summary.lostAtoms)
    if (depth > 0) this.#tally.add('crashesInRecovery')
    const again = depth + 1 < depthMax && random.chance(this.#plan.againOf1)
    const after = await this.check(allowed, { depth, event, coins }, again && random.chance(0.5))
    if (!again || after === undefined) return
    const next = random.below(this.#device.events() + 1)
    const isShown = next >= after.shownAt
    await this.#crash(depth + 1, next, isShown ? after.allowedAt(next) : allowed)
  }

  async #mountOrCount(): Promise<boolean> {
    try {
      await this.#device.mount()
      return true
    } catch (error) {
      this.#tally.add('unmountable')
      this.#tally.note(`not judged: ${this.#device.options.fileSystem}, ${reasonOf(error)}`)
      return false
    }
  }

  async #judge(error: unknown, allowed: Allowed, about: Record<string, unknown>): Promise<void> {
    const isTyped = error instanceof SeawallError
    if (isTyped && error.errno !== undefined && fileSystemDamage.has(error.errno)) {
      this.#tally.add('damagedFileSystems')
      this.#tally.note(`not judged: ${this.#device.options.fileSystem}, ${reasonOf(error)}`)
      return
    }
    if (!isTyped && !(error instanceof BrokenPromise)) throw error
    this.#tally.fault(this.#plan.fault, isTyped ? 'detected' : 'missed')
    await this.#report(error, allowed, about)
  }

  async #report(
    error: SeawallError | BrokenPromise,
    allowed: Allowed,
    about: Record<string, unknown>,
  ): Promise<void> {
    const isFirst = this.#tally.violations.length < 3
    const { workDirectory, seed } = this.#plan
    const { name: subject } = this.#subject
    const { fileSystem } = this.#device.options
    const image = isFirst ? await imageOf(this.#device, workDirectory) : undefined
    this.#tally.violation({
      version: 1,
      layer: layerName,
      oracle: error instanceof BrokenPromise ? error.oracle : 'I1',
      message: `${subject} on ${fileSystem}: ${error.message.slice(0, messageCharactersMax)}`,
      seed,
      parameters: {
        ...about,
        subject,
        device: this.#device.options,
        options: this.options,
        ...(image === undefined ? {} : { allowed, image }),
      },
      choices: [],
    })
  }
}

// Without the folder, which is another one every time.
function reasonOf(error: unknown): string {
  return String((error as Error).message).replace(/\S*seawall-block-device-[^ /]*\/?/g, '')
}
