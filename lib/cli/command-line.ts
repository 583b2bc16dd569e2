import { parseArgs } from 'node:util'

import { nearestName } from '../util/nearest-name.ts'
import { UsageError } from './usage-error.ts'

/** An option: its place in the usage text, and its default. */
export interface OptionRule {
  /** What stands behind it in the usage; none: it is a switch. */
  readonly value?: string
  readonly help: string
}

/** The options and words of one command, read strictly. */
export class CommandLine {
  readonly #values: Record<string, string | boolean | undefined>
  readonly #words: readonly string[]
  readonly #usage: string
  readonly isHelp: boolean

  /**
   * `words` are what may stand beside the options, in order, as the usage shows them: 'DIR', or
   * '[DIR]' when it may be left out.
   *
   * @throws UsageError for options that do not exist, values and words that are missing, and extra
   * words
   */
  constructor(
    name: string,
    summary: string,
    rules: Readonly<Record<string, OptionRule>>,
    args: readonly string[],
    words: readonly string[] = [],
  ) {
    this.#usage = usageOf([name, ...words].join(' '), summary, rules)
    for (const arg of args) checkName(arg, name, rules)
    const options = Object.fromEntries(
      Object.entries({ ...rules, help: { help: '' } as OptionRule }).map(([option, { value }]) => [
        option,
        { type: value === undefined ? ('boolean' as const) : ('string' as const) },
      ]),
    )
    try {
      const { values, positionals } = parseArgs({
        args: [...args],
        options,
        allowPositionals: true,
      })
      const extra = positionals[words.length]
      if (extra !== undefined) throw new UsageError(`'${extra}' is not an option of ${name}`)
      this.#values = values as Record<string, string | boolean | undefined>
      this.#words = positionals
    } catch (error) {
      if (error instanceof UsageError) throw error
      throw new UsageError(`${(error as Error).message.split('\n')[0]}; see ${name} --help`)
    }
    this.isHelp = this.#values.help === true
    const missing = words.find((word, i) => !word.startsWith('[') && this.word(i) === undefined)
    if (missing !== undefined && !this.isHelp) {
      throw new UsageError(`${missing} is needed; see ${name} --help`)
    }
  }

  /** The word in this place. */
  word(index: number): string | undefined {
    return this.#words[index]
  }

  get usage(): string {
    return this.#usage
  }

  text(name: string): string | undefined {
    const value = this.#values[name]
    return typeof value === 'string' ? value : undefined
  }

  required(name: string): string {
    const value = this.text(name)
    if (value === undefined || value === '') throw new UsageError(`--${name} is needed`)
    return value
  }

  switch(name: string): boolean {
    return this.#values[name] === true
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const text = this.text(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < min || value > max) {
      throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not '${text}'`)
    }
    return value
  }

  /** A whole number of bytes, also with k, M or G behind it. */
  bytes(name: string, fallback: number): number {
    const text = this.text(name)
    if (text === undefined) return fallback
    const found = /^(\d+)([kMG]?)(i?B)?$/.exec(text)
    const value = Number(found?.[1]) * 1024 ** ['', 'k', 'M', 'G'].indexOf(found?.[2] ?? '')
    if (found === null || !Number.isSafeInteger(value) || value <= 0) {
      throw new UsageError(`--${name} must be a number of bytes such as 64M, not '${text}'`)
    }
    return value
  }

  choice<T extends string>(name: string, fallback: T, values: readonly T[]): T {
    const text = this.text(name)
    if (text === undefined) return fallback
    const found = values.find((value) => value === text)
    if (found === undefined) {
      throw new UsageError(`--${name} must be one of ${values.join(', ')}, not '${text}'`)
    }
    return found
  }
}

function checkName(arg: string, name: string, rules: Readonly<Record<string, OptionRule>>): void {
  const given = /^--([^=]+)/.exec(arg)?.[1]
  if (given === undefined || given === 'help' || Object.hasOwn(rules, given)) return
  const nearest = nearestName(given, Object.keys(rules))
  const hint = nearest === undefined ? `see ${name} --help` : `did you mean '--${nearest}'?`
  throw new UsageError(`${name} has no option '--${given}'; ${hint}`)
}

function usageOf(
  name: string,
  summary: string,
  rules: Readonly<Record<string, OptionRule>>,
): string {
  const heads = Object.entries(rules).map(([option, { value }]) =>
    value === undefined ? `--${option}` : `--${option} ${value}`,
  )
  const width = Math.max(...heads.map((head) => head.length)) + 2
  const lines = Object.values(rules).map(
    ({ help }, i) => `  ${(heads[i] ?? '').padEnd(width)}${help}`,
  )
  return [`${name} [OPTIONS]`, summary, '', ...lines].join('\n')
}
