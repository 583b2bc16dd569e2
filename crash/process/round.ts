import type { Ending, StoreProcess } from './child-process.ts'
import type { Judge } from './judge.ts'
import type { Command, Report } from './protocol.ts'
import { type Violation, violation } from './violation.ts'

/** When the harness kills the child; `undefined`: it ends by itself, or at its command's point. */
export interface KillTime {
  /** From its command, or from the moment at which its clients begin. */
  readonly from: 'command' | 'running'
  readonly delayMs: number
}

export interface RoundOutcome {
  readonly violation: Violation | undefined
  /** How far the child had come. */
  readonly reached: 'nothing' | 'opened' | 'running' | 'finished' | 'closed'
  readonly wasKilled: boolean
  /** What the restart said of itself. */
  readonly restart: string | undefined
}

const timeoutMs = 60_000

/** Gives a child its command, follows its reports, kills it when it is time, and judges. */
export async function runRound(
  child: StoreProcess,
  command: Command,
  kill: KillTime | undefined,
  judge: Judge,
): Promise<RoundOutcome> {
  let found: Violation | undefined
  let reached: RoundOutcome['reached'] = 'nothing'
  let restart: string | undefined
  let timer: NodeJS.Timeout | undefined
  let isTimedOut = false
  const killIn = (delayMs: number): void => {
    timer = setTimeout(() => child.kill(), delayMs)
  }
  const limit = setTimeout(() => {
    isTimedOut = true
    child.kill()
  }, timeoutMs)
  child.start(command, (report: Report) => {
    if (report[0] === 'opened') {
      reached = 'opened'
      restart = report[1].restart
    } else if (report[0] === 'running') {
      reached = 'running'
      if (kill?.from === 'running') killIn(kill.delayMs)
    } else if (report[0] === 'finished' || report[0] === 'closed') {
      reached = report[0]
      if (report[0] === 'finished') child.kill()
    }
    found ??= judge.take(report)
  })
  if (kill?.from === 'command') killIn(kill.delayMs)
  const ending = await child.ended
  clearTimeout(timer)
  clearTimeout(limit)
  if (isTimedOut) found ??= violation('I13', `it did not come to its end in ${timeoutMs} ms`)
  found ??= judgeEnding(ending)
  return { violation: found, reached, wasKilled: ending.signal === 'SIGKILL', restart }
}

function judgeEnding({ signal, exitCode, errorOutput }: Ending): Violation | undefined {
  if (signal === 'SIGKILL' || exitCode === 0) return undefined
  const how = signal === null ? `with code ${exitCode}` : `with ${signal}`
  return violation('I18', `the process ended by itself ${how}: ${errorOutput}`)
}
