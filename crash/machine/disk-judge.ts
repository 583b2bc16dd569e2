import { join } from 'node:path'

import type { Random } from '../../test/support/random.ts'
import type { Tally } from '../block-device/tally.ts'
import { type Coins, crashPoints } from './crash-image.ts'
import { copySparse, ImageBuilder } from './image-builder.ts'
import { type JudgedLife, type Life, livesWithin } from './life.ts'
import { judgeImage, type Verdict } from './recover.ts'
import { type Scenario, scenarioName } from './scenario.ts'
import { encodeImage } from './sparse-image.ts'

export const layerName = 'L6'
const imagesKept = 3

/** Judges what machines have left on a disk, and puts what it finds into the tally. */
export class DiskJudge {
  readonly #scenario: Scenario
  readonly #directory: string
  readonly #seed: number
  readonly #tally: Tally

  constructor(scenario: Scenario, directory: string, seed: number, tally: Tally) {
    this.#scenario = scenario
    this.#directory = directory
    this.#seed = seed
    this.#tally = tally
  }

  /** The disk as the last machine left it: everything that came to it. */
  async judgeDisk(lives: readonly Life[]): Promise<void> {
    const judged = livesWithin(lives, Infinity)
    const disk = this.#path('disk')
    copySparse(disk, this.#path('copy'))
    this.#tally.add('disks')
    this.#take(await this.#judge(this.#path('copy'), judged), judged, disk, {})
  }

  /** What crashes of the last machine may have left, at `images` points of its record. */
  async crashEverywhere(lives: readonly Life[], images: number, random: Random): Promise<void> {
    const builder = new ImageBuilder(this.#path('record'), this.#path('base'))
    try {
      const { entries } = builder.record
      const flushes = entries.filter(({ kind }) => kind === 'flush').length
      this.#tally.add('recordedWrites', entries.length - flushes)
      this.#tally.add('recordedFlushes', flushes)
      for (const point of crashPoints(builder.record, 0, images, random)) {
        const coins = this.#coins(random)
        builder.build(point, coins, this.#path('image'))
        const judged = livesWithin(lives, entries[point - 1]?.recordEnd ?? 0)
        await this.#judgeCrash(judged, { point, coins })
      }
    } finally {
      builder.close()
    }
  }

  report(oracle: string, message: string, parameters: object): void {
    this.#tally.violation({
      version: 1,
      layer: layerName,
      oracle,
      message: `${scenarioName(this.#scenario)}: ${message}`,
      seed: this.#seed,
      parameters: { scenario: this.#scenario, ...parameters },
      choices: [],
    })
  }

  async #judgeCrash(judged: readonly JudgedLife[], about: object): Promise<void> {
    // Recovery changes what it recovers; the failure file shall have what it found.
    copySparse(this.#path('image'), this.#path('copy'))
    const verdict = await this.#judge(this.#path('copy'), judged)
    this.#tally.add('images')
    if (verdict.kind !== 'unmountable') {
      this.#tally.fault('power cut', verdict.kind === 'good' ? 'survived' : 'missed')
    }
    this.#take(verdict, judged, this.#path('image'), about)
  }

  #judge(image: string, lives: readonly JudgedLife[]): Promise<Verdict> {
    const { fileSystem, sectorBytes } = this.#scenario
    const mountPoint = this.#path('mount')
    return judgeImage({ image, mountPoint, fileSystem, sectorBytes }, lives)
  }

  #take(verdict: Verdict, lives: readonly JudgedLife[], image: string, about: object): void {
    if (verdict.kind === 'unmountable') this.#tally.add('unmountable')
    if (verdict.kind !== 'violation') return
    const isFirst = this.#tally.violations.length < imagesKept
    const encoded = isFirst ? encodeImage(image) : undefined
    const seen = encoded === undefined ? {} : { lives, image: encoded }
    this.report(verdict.oracle, verdict.message, { ...about, ...seen })
  }

  /** A sector is written whole or not at all: the file systems themselves rely on that. */
  #coins(random: Random): Coins {
    return {
      seed: random.below(2 ** 31),
      keptOf256: random.pick([0, 0, 32, 128, 128, 224, 256]),
      atomBytes: random.pick([0, 4096, this.#scenario.sectorBytes]),
    }
  }

  #path(name: string): string {
    return join(this.#directory, name)
  }
}
