import type { OutcomesMessage } from './messages.ts'
import { counted, grouped } from './words.ts'

export interface Counts {
  committed: number
  rolledBack: number
  deadlocks: number
  checkpoints: number
}

const countNames = ['committed', 'rolledBack', 'deadlocks', 'checkpoints'] as const

function none(): Counts {
  return { committed: 0, rolledBack: 0, deadlocks: 0, checkpoints: 0 }
}

/** Counts what happens, for what the demo says. */
export class Tally {
  kills = 0
  /** Of these, kills of tellers that recovered. */
  recoveryKills = 0
  readonly #earlier = none()
  #current = none()

  tellerBegins(): void {
    for (const name of countNames) this.#earlier[name] += this.#current[name]
    this.#current = none()
  }

  take({ committed, rolledBack, deadlocks, checkpoints }: OutcomesMessage): void {
    this.#current.committed += committed.length
    this.#current.rolledBack += rolledBack.length
    this.#current.deadlocks = deadlocks
    this.#current.checkpoints = checkpoints
  }

  /** What the teller that runs has done so far. */
  describeWork(): string {
    return describeCounts(this.#current)
  }

  /** What all tellers have done so far. */
  get all(): Counts {
    const sum = none()
    for (const name of countNames) sum[name] = this.#earlier[name] + this.#current[name]
    return sum
  }

  summary(rounds: number): string[] {
    const kills = counted(this.kills, 'kill')
    const recoveryKills = grouped(this.recoveryKills)
    return [
      `${counted(rounds, 'round')}, ${kills}, ${recoveryKills} of them during recovery`,
      describeCounts(this.all),
      'all verified: nothing lost, nothing twice, not a cent more or less',
    ]
  }
}

function describeCounts({ committed, rolledBack, deadlocks, checkpoints }: Counts): string {
  return (
    `${counted(committed, 'transfer')} acknowledged, ${grouped(rolledBack)} rolled back, ` +
    `${counted(deadlocks, 'deadlock')} resolved, ${counted(checkpoints, 'checkpoint')}`
  )
}
