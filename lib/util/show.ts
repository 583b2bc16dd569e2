import { inspect } from 'node:util'

/** Any value in a few words, for messages about wrong arguments. */
export function show(value: unknown): string {
  return inspect(value, { depth: 0, maxStringLength: 40, breakLength: Number.POSITIVE_INFINITY })
}
