/** A change of one place in the sources that makes a bug of it. */
export interface Edit {
  /** Relative to the project. */
  readonly file: string
  /** Occurs in the file exactly once; test/crash/mutants.test.ts checks it. */
  readonly original: string
  /** What stands there with the bug. */
  readonly mutated: string
  /**
   * C++ only, where all mutants are in one build and a switch decides at run time: whether
   * `original` is an expression (`on ? (mutated) : (original)`) or statements
   * (`if (on) { mutated } else { original }`).
   */
  readonly form?: 'expression' | 'statement'
}

/** A bug with a name that a crash test has to find. */
export interface Mutant {
  readonly name: string
  /** What is wrong, as a sentence for the report. */
  readonly bug: string
  /** Each of these layers must find it. */
  readonly killedBy: readonly string[]
  readonly edits: readonly Edit[]
}

/** One place in C++. */
export function expression(file: string, original: string, mutated: string): Edit {
  return { file, original, mutated, form: 'expression' }
}

export function statement(file: string, original: string, mutated: string): Edit {
  return { file, original, mutated, form: 'statement' }
}

export function isNative(mutant: Mutant): boolean {
  return mutant.edits.some(({ form }) => form !== undefined)
}
