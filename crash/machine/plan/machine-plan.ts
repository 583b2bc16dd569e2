import type { EngineOptions, LogOptions } from '../../../lib/index.ts'

interface CommonPlan {
  /** Decides what is written. */
  readonly seed: number
  readonly clients: number
  /** How much each client does. */
  readonly amount: number
}

export interface EnginePlan extends CommonPlan {
  readonly workload: 'engine'
  readonly options: EngineOptions
}

export interface LogPlan extends CommonPlan {
  readonly workload: 'log'
  readonly options: LogOptions
}

/** What a machine is to do. It and its judge each work out from it what is written. */
export type MachinePlan = EnginePlan | LogPlan

/** For the kernel's command line, which takes no quotes and no spaces. */
export function encodePlan(plan: MachinePlan): string {
  return Buffer.from(JSON.stringify(plan)).toString('base64url')
}

export function decodePlan(text: string): MachinePlan {
  return JSON.parse(Buffer.from(text, 'base64url').toString()) as MachinePlan
}
