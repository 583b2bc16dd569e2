import type { Counts, Failure, FaultOutcomes } from '../layer.ts'

const violationsKept = 20
const notesKept = 10

type Outcome = 'survived' | 'detected' | 'missed'

/** What a run has come to so far. */
export class Tally {
  readonly #counts = new Map<string, number>()
  readonly #faults = new Map<string, Record<Outcome, number>>()
  readonly #notes = new Set<string>()
  readonly violations: Failure[] = []

  add(name: string, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count)
  }

  get(name: string): number {
    return this.#counts.get(name) ?? 0
  }

  fault(fault: string, outcome: Outcome): void {
    const outcomes = this.#faults.get(fault) ?? { survived: 0, detected: 0, missed: 0 }
    outcomes[outcome] += 1
    this.#faults.set(fault, outcomes)
  }

  violation(failure: Failure): void {
    this.add('violations')
    if (this.violations.length < violationsKept) this.violations.push(failure)
  }

  /** A sentence for the summary; once, however often it is said. */
  note(text: string): void {
    if (this.#notes.size < notesKept) this.#notes.add(text)
  }

  get notes(): readonly string[] {
    return [...this.#notes]
  }

  get counts(): Counts {
    return Object.fromEntries(this.#counts)
  }

  get faults(): FaultOutcomes[] {
    return [...this.#faults].map(([fault, outcomes]) => ({ fault, ...outcomes }))
  }
}
