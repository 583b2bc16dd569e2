/** A promise that was broken: I1 to I18 of docs/CRASH-TESTING.md. */
export interface Violation {
  readonly oracle: string
  readonly message: string
}

export function violation(oracle: string, message: string): Violation {
  return { oracle, message }
}
