import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

export const usage = `npm run crash [-- OPTIONS]            corpus, layers, canaries, mutants
npm run crash -- replay FILE          1: fails again, 0: does not any more, 2: cannot
npm run crash -- shrink FILE          a smaller file that fails in the same way
npm run crash -- list                 layers and mutants
  --layer NAME[,NAME]    only these layers (L1-log, L1-engine, L2, L3, L4, L5; L6 only in this way)
  --seed N               decides everything random
  --budget SECONDS       CPU time for each layer (default 60)
  --full                 ten times that, and every mutant against every layer
  --mutants [NAME,...]   only mutants: all of them, or these
  --no-mutants
  --no-canaries
  --output DIR           where failures and the report go (default build/crash)`

const defaultBudgetCpuSeconds = 60
const fullFactor = 10

export interface RunSettings {
  readonly command: 'run'
  /** Empty: all that are not on request. */
  readonly layers: readonly string[]
  readonly seed: number
  readonly budgetCpuSeconds: number
  readonly isFull: boolean
  /** 'only': nothing but mutants. */
  readonly mutants: 'yes' | 'no' | 'only'
  /** Empty: all. */
  readonly mutantNames: readonly string[]
  readonly canaries: boolean
  readonly output: string
}

export interface FileSettings {
  readonly command: 'replay' | 'shrink'
  readonly file: string
  readonly output: string
}

export type Settings = RunSettings | FileSettings | { readonly command: 'list' | 'help' }

const root = fileURLToPath(new URL('..', import.meta.url))

function positive(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${name} must be a number above 0, not ${text}`)
  return value
}

function seedOf(text: string | undefined): number {
  if (text === undefined) return (Date.now() % 1_000_000) + 1
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0 && value < 2 ** 32) return value
  throw new Error(`--seed must be an integer from 0 to 2^32 - 1, not ${text}`)
}

function names(texts: readonly string[]): string[] {
  return texts.flatMap((text) => text.split(',')).filter((name) => name !== '')
}

/** Node's parser knows no options whose value may be missing. */
function withMutantNames(args: readonly string[]): string[] {
  return args.map((arg, i) => {
    if (arg !== '--mutants') return arg
    const next = args[i + 1]
    return next === undefined || next.startsWith('-') ? '--mutants=' : arg
  })
}

/** Paths are relative to where the user is. @throws Error that says what is wrong */
export function readCommandLine(args: readonly string[], callerDirectory: string): Settings {
  const { values, positionals } = parseArgs({
    args: withMutantNames(args),
    options: {
      layer: { type: 'string', multiple: true },
      seed: { type: 'string' },
      budget: { type: 'string' },
      full: { type: 'boolean' },
      mutants: { type: 'string', multiple: true },
      'no-mutants': { type: 'boolean' },
      'no-canaries': { type: 'boolean' },
      output: { type: 'string' },
      help: { type: 'boolean' },
    },
    allowPositionals: true,
  })
  const [command = 'run', file, ...rest] = positionals
  if (values.help === true) return { command: 'help' }
  const output = resolve(callerDirectory, values.output ?? resolve(root, 'build/crash'))
  if (command === 'replay' || command === 'shrink') {
    if (file === undefined || rest.length > 0) throw new Error(`${command} takes one file`)
    return { command, file: resolve(callerDirectory, file), output }
  }
  if (file !== undefined) throw new Error(`what is ${file}?`)
  if (command === 'list') return { command }
  if (command !== 'run') throw new Error(`there is no command ${command}`)
  if (values.mutants !== undefined && values['no-mutants'] === true)
    throw new Error('--mutants and --no-mutants contradict each other')
  const isFull = values.full === true
  const budget = positive('budget', values.budget, defaultBudgetCpuSeconds)
  return {
    command,
    layers: names(values.layer ?? []),
    seed: seedOf(values.seed),
    budgetCpuSeconds: budget * (isFull && values.budget === undefined ? fullFactor : 1),
    isFull,
    mutants: values.mutants !== undefined ? 'only' : values['no-mutants'] === true ? 'no' : 'yes',
    mutantNames: names(values.mutants ?? []),
    canaries: values['no-canaries'] !== true,
    output,
  }
}
