import { type Spread, spreadOf } from './spread.ts'

/** One measurement: a rate (or whatever `unit` says), and anything else worth keeping. */
export interface Sample {
  readonly value: number
  readonly details?: Readonly<Record<string, number | string>>
}

/** Something that is measured once in every round. */
export interface Subject {
  readonly name: string
  run(round: number): Promise<Sample>
}

/** Tells whether the disk can be measured at the moment; see DiskGuard. */
export interface Guard {
  isThrottled(): boolean
  waitUntilFast(): Promise<void>
  /** Counts measurements that were thrown away. */
  repeats: number
  /** Counts all others. */
  measurements: number
}

export type Samples = ReadonlyMap<string, readonly Sample[]>

const repeatsMax = 3

/**
 * Runs the subjects in turn, round after round, beginning with another one each time, so that no
 * subject always runs first, or always behind the same one. What was measured on a throttled disk
 * is measured again.
 */
export async function alternate(
  subjects: readonly Subject[],
  rounds: number,
  seed: number,
  guard: Guard,
): Promise<Samples> {
  const samples = new Map<string, Sample[]>(subjects.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < subjects.length; i++) {
      const subject = subjects[(i + round + seed) % subjects.length] as Subject
      samples.get(subject.name)?.push(await measure(subject, round, guard))
    }
  }
  return samples
}

async function measure(subject: Subject, round: number, guard: Guard): Promise<Sample> {
  for (let attempt = 0; ; attempt++) {
    await guard.waitUntilFast()
    const sample = await subject.run(round)
    if (attempt === repeatsMax || !guard.isThrottled()) {
      guard.measurements += 1
      return sample
    }
    guard.repeats += 1
  }
}

/** The values of one subject over all rounds. */
export function valuesOf(samples: Samples, name: string): Spread {
  return spreadOf((samples.get(name) ?? []).map(({ value }) => value))
}

/** The median of a numeric detail of one subject over all rounds. */
export function detailOf(samples: Samples, name: string, detail: string): number {
  return spreadOf((samples.get(name) ?? []).map(({ details }) => Number(details?.[detail]))).median
}
