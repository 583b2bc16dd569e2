import { fileURLToPath } from 'node:url'

/**
 * The project whose builds of C++ are to be used: this one, or, when a mutant is on, the mutated
 * one of the same layout (crash/mutants/build.mjs). A layer looks for what it runs below this.
 */
export function nativeRoot(): string {
  const isMutated = (process.env.SEAWALL_MUTANT ?? '') !== ''
  return fileURLToPath(new URL(isMutated ? '../build/mutants/' : '../', import.meta.url))
}
