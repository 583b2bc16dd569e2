import { SeawallError } from './errors.ts'
import { type Clock, isClock, systemClock } from './util/clock.ts'
import { nearestName } from './util/nearest-name.ts'
import { show } from './util/show.ts'

export function invalidOption(detail: string): SeawallError {
  return new SeawallError('ERR_SEAWALL_INVALID_OPTION', { detail })
}

/** Reads named options off an object that may hold anything, each with its rule. */
export class OptionReader {
  readonly #given: Record<string, unknown>

  constructor(given: unknown, known: readonly string[]) {
    if (typeof given !== 'object' || given === null)
      throw invalidOption(`options must be an object, not ${show(given)}`)
    this.#given = given as Record<string, unknown>
    for (const name of Object.keys(this.#given)) {
      if (known.includes(name)) continue
      const nearest = nearestName(name, known)
      throw invalidOption(
        `there is no option '${name}'${nearest === undefined ? '' : `, did you mean '${nearest}'?`}`,
      )
    }
  }

  integer<T>(name: string, fallback: T, min: number, max: number): number | T {
    const value = this.#given[name]
    if (value === undefined) return fallback
    if (!Number.isSafeInteger(value))
      throw invalidOption(`${name} must be an integer, not ${show(value)}`)
    const number = value as number
    if (number < min || number > max)
      throw invalidOption(`${name} must be ${min} to ${max}, not ${number}`)
    return number
  }

  choice<T extends string>(name: string, fallback: T, values: readonly T[]): T {
    const value = this.#given[name]
    if (value === undefined) return fallback
    if (!values.includes(value as T))
      throw invalidOption(`${name} must be one of ${values.join(', ')}, not ${show(value)}`)
    return value as T
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.#given[name]
    if (value === undefined) return fallback
    if (typeof value !== 'boolean')
      throw invalidOption(`${name} must be true or false, not ${show(value)}`)
    return value
  }

  clock(name: string): Clock {
    const value = this.#given[name] ?? systemClock
    if (!isClock(value)) throw invalidOption(`${name} must be a Clock, not ${show(value)}`)
    return value
  }

  /** A value that `typeof` tells by `type`. */
  typed<T>(name: string, type: 'function' | 'string' | 'object'): T | undefined {
    const value = this.#given[name]
    if (value !== undefined && typeof value !== type)
      throw invalidOption(`${name} must be a ${type}, not ${show(value)}`)
    return value as T | undefined
  }
}
