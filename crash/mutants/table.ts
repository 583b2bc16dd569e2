import { engineCheckpoint } from './engine-checkpoint.ts'
import { engineForward } from './engine-forward.ts'
import { engineRestart } from './engine-restart.ts'
import { isNative, type Mutant } from './mutant.ts'
import { nativeLogFiles, nativeLogWriter } from './native-log.ts'
import { nativePages, nativeSystemCalls } from './native-pages.ts'
import { nativeRecovery } from './native-recovery.ts'

/** Every bug that the crash tests have to find. */
export const mutants: readonly Mutant[] = [
  ...nativeLogWriter,
  ...nativeLogFiles,
  ...nativeRecovery,
  ...nativePages,
  ...nativeSystemCalls,
  ...engineForward,
  ...engineCheckpoint,
  ...engineRestart,
]

/** SEAWALL_MUTANT for the build with all mutants in it, and none of them on. */
export const control = 'control'

/** Those in C++; the place in this list is the number of the switch. */
export const nativeMutants: readonly Mutant[] = mutants.filter(isNative)

export function mutantNamed(name: string): Mutant {
  const found = mutants.find((mutant) => mutant.name === name)
  if (found === undefined) throw new Error(`there is no mutant ${name}`)
  return found
}
