import { parseArgs } from 'node:util'

import { nearestName } from '../util/nearest-name.ts'
import { type OptionRule, usageText } from './usage-text.ts'
import { UsageError } from './usage-error.ts'

export type { OptionRule } from './usage-text.ts'

/** The options and words of one command, read strictly. */
export class CommandLine {
  readonly #name: string
  readonly #values = new Map<string, string[]>()
  readonly #words: string[] = []
  readonly usage: string
  /** Help was asked for: nothing else of the line was checked. */
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
    this.#name = name
    this.usage = usageText([name, ...words].join(' '), summary, rules)
    this.isHelp = isHelpAsked(args, rules)
    if (this.isHelp) return
    for (const token of tokensOf(args, rules)) {
      if (token.kind === 'option') this.#take(token.name, token, rules)
      if (token.kind === 'positional') this.#words.push(token.value)
    }
    const extra = this.#words[words.length]
    if (extra !== undefined) throw this.#wrong(`has no use for '${extra}'`)
    const missing = words.find((word, i) => !word.startsWith('[') && this.word(i) === undefined)
    if (missing !== undefined) throw new UsageError(`${missing} is needed; see ${name} --help`)
  }

  #take(
    option: string,
    { rawName, value, inlineValue }: { rawName: string; value?: string; inlineValue?: boolean },
    rules: Readonly<Record<string, OptionRule>>,
  ): void {
    const rule = Object.hasOwn(rules, option) ? rules[option] : undefined
    if (rule === undefined) {
      const isShort = !rawName.startsWith('--')
      const nearest = isShort ? undefined : nearestName(option, [...Object.keys(rules), 'help'])
      throw this.#wrong(
        `has no option '${rawName}'`,
        nearest === undefined ? undefined : `did you mean '--${nearest}'?`,
      )
    }
    if (rule.value === undefined && value !== undefined) {
      throw this.#wrong(`takes no value behind ${rawName}`)
    }
    // What looks like an option is one, unless it stands behind '='.
    const isForgotten = value === undefined || (inlineValue !== true && value.startsWith('--'))
    if (rule.value !== undefined && isForgotten) {
      throw new UsageError(`${rawName} needs a value: ${rawName} ${rule.value}`)
    }
    this.#values.set(option, [...(this.#values.get(option) ?? []), value ?? ''])
  }

  #wrong(what: string, hint = `see ${this.#name} --help`): UsageError {
    return new UsageError(`${this.#name} ${what}; ${hint}`)
  }

  /** The word in this place. */
  word(index: number): string | undefined {
    return this.#words[index]
  }

  /** The value of this option: the last one, when it was given several times. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1)
  }

  /** Every value of an option that may be given several times. */
  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? []
  }

  required(name: string): string {
    const value = this.text(name)
    if (value === undefined || value === '') throw new UsageError(`--${name} is needed`)
    return value
  }

  switch(name: string): boolean {
    return this.#values.has(name)
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

  /** A number above 0, also with a point. */
  positive(name: string, fallback: number): number {
    const text = this.text(name)
    if (text === undefined) return fallback
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value) || value <= 0) {
      throw new UsageError(`--${name} must be a number above 0, not '${text}'`)
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

type Token =
  | {
      readonly kind: 'option'
      readonly name: string
      readonly rawName: string
      readonly value?: string
      readonly inlineValue?: boolean
    }
  | { readonly kind: 'positional'; readonly value: string }
  | { readonly kind: 'option-terminator' }

function tokensOf(
  args: readonly string[],
  rules: Readonly<Record<string, OptionRule>>,
): readonly Token[] {
  const options = Object.fromEntries(
    Object.entries(rules).map(([name, { value }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const) },
    ]),
  )
  // Not strict: the sentences about what is wrong are ours.
  return parseArgs({ args: [...args], options, strict: false, tokens: true })
    .tokens as readonly Token[]
}

function isHelpAsked(
  args: readonly string[],
  rules: Readonly<Record<string, OptionRule>>,
): boolean {
  return tokensOf(args, rules).some(
    (token) => token.kind === 'option' && ['--help', '-h'].includes(token.rawName),
  )
}
