import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

import type { Clock } from '../index.ts'
import type { CutSurvival } from './lab-types.ts'

/** A computer with one disk that can be looked into (simulation/lab/simulated-machine.ts). */
export interface LabMachine {
  readonly nativeBinding: string
  readonly clock: Clock
  /** Changes of the disk that have happened and are not shown; the log has not heard of them. */
  readonly unshown: number
  /** Returns the directory for a log on the disk. */
  mount(): string
  /** Shows the next change; false when there is none. */
  showNext(): boolean
  /** Lets the log make a step; false when it cannot without more time. */
  step(): Promise<boolean>
  passTime(durationMs: number): Promise<void>
  /** Makes steps until `work` is done. */
  run<T>(work: Promise<T>): Promise<T>
  /** A reader finds `bytes` at `offset` of segment `segment`. */
  shows(segment: number, offset: number, bytes: Uint8Array): boolean
  /** What a reader finds there survives every power cut. */
  isDurable(segment: number, offset: number, bytes: number): boolean
  /** What is not durable, as file offsets. */
  volatileBlocks(): { segment: number; offset: number; bytes: number }[]
  lie(lies: boolean): void
  cutPower(survival: CutSurvival, random: () => number): void
  close(): void
}

export interface LabDevice {
  createMachine(seed: number): LabMachine
}

// From lib/lab in a checkout, from dist/lab in a package.
const besidePackage = join('simulation', 'lab-device.ts')

/** The simulated device next to the package, or why there is none. */
export async function findDevice(): Promise<LabDevice | string> {
  const here = dirname(fileURLToPath(import.meta.url))
  const path = join(here, '..', '..', besidePackage)
  if (!existsSync(path)) return 'the simulated device comes with a checkout of Seawall only'
  try {
    return (await import(pathToFileURL(path).href)) as LabDevice
  } catch {
    return 'the simulated device is not built, or cannot be run here: npm run setup builds it'
  }
}
