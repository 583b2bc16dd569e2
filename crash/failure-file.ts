import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { Failure } from './layer.ts'

/** A failure that was fixed, and stays in crash/corpus for ever. */
export interface FixedFailure extends Failure {
  /** What the bug was, and how it was fixed. */
  readonly fixed: string
}

/** Why `value` is not the content of a failure file; undefined when it is. */
export function whyNoFailure(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'not an object'
  const { version, layer, oracle, message, seed, parameters, choices } = value as Partial<Failure>
  if (version !== 1) return `version ${String(version)}, not 1`
  for (const [name, text] of Object.entries({ layer, oracle, message })) {
    if (typeof text !== 'string' || (text === '' && name !== 'message')) return `no ${name}`
  }
  if (!Number.isSafeInteger(seed)) return 'seed is not an integer'
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    return 'parameters are not an object'
  }
  const isList = Array.isArray(choices) && choices.every((choice) => Number.isSafeInteger(choice))
  return isList ? undefined : 'choices are not a list of integers'
}

/** @throws Error that says what is wrong with the file */
export function readFailure(path: string): Failure & { readonly fixed?: string } {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`)
  }
  const why = whyNoFailure(value)
  if (why !== undefined) throw new Error(`${path} is no failure file: ${why}`)
  return value as Failure
}

/** Short lists of numbers take one line, not one line for each number. */
export function failureText(failure: Failure): string {
  const pretty = JSON.stringify(failure, undefined, 2)
  return `${pretty.replace(/\[[\s\d,.-]*\]/g, (list) => list.replace(/\s+/g, ' '))}\n`
}

/** The same failure has the same name. */
export function failureName({ layer, oracle, parameters, choices }: Failure): string {
  const content = JSON.stringify({ layer, oracle, parameters, choices })
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8)
  return `${layer}-${oracle}-${hash}.json`.replace(/[^\w.-]/g, '-')
}

/** Returns the path. */
export function writeFailure(directory: string, failure: Failure, name?: string): string {
  mkdirSync(directory, { recursive: true })
  const path = join(directory, name ?? failureName(failure))
  writeFileSync(path, failureText(failure))
  return path
}

/** The mutant under which it was met. */
export function mutantOf({ parameters }: Failure): string | undefined {
  return typeof parameters.mutant === 'string' ? parameters.mutant : undefined
}
