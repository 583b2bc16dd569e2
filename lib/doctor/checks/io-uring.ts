import type { AddonFacts, IoUringFacts, LimitFacts, LogTrial } from '../facts.ts'
import { type Finding, good, note, problem, warning } from '../finding.ts'
import { isKernelFrom } from './machine.ts'

const id = 'io-uring'
const lockedBytesMin = 1024 * 1024

export function checkAddon(addon: AddonFacts): Finding {
  if (!('error' in addon)) return good('addon', 'The native addon of Seawall loads.')
  return problem(
    'addon',
    `The native addon of Seawall cannot be loaded: ${addon.error}`,
    'No log can be opened here. Install the package for this system again, or build it (README).',
  )
}

/** Which backend a log gets here, and if it is not io_uring, what stands in the way. */
export function checkIoUring(
  facts: IoUringFacts,
  addon: AddonFacts,
  trial: LogTrial | undefined,
  kernel: string,
): Finding {
  if ('error' in addon) return note(id, 'io_uring was not tried, for want of the addon.')
  if (trial?.backend === 'io_uring') return good(id, 'io_uring works, and a log here uses it.')
  const obstacle = obstacleOf(facts, addon, kernel)
  if (trial === undefined) {
    if (obstacle !== undefined) return note(id, untried(obstacle.sentence), obstacle.advice)
    return note(
      id,
      'io_uring was not tried, because nothing was to be written; nothing that was found ' +
        'forbids it.',
    )
  }
  const { sentence, advice } = obstacle ?? {
    sentence: 'why it was refused could not be found out',
    advice: 'Look for a sandbox or a security module that forbids the call.',
  }
  const said = trial.backendReason === '' ? '' : ` (the log says: ${trial.backendReason})`
  return note(
    id,
    'A log here uses threads instead of io_uring, which is as safe and somewhat slower: ' +
      `${sentence}${said}.`,
    advice,
  )
}

function untried(sentence: string): string {
  return (
    'io_uring was not tried, and a log here will use threads, which is as safe and ' +
    `somewhat slower: ${sentence}.`
  )
}

function obstacleOf(
  { disabled, seccomp }: IoUringFacts,
  addon: { readonly hasIoUring: boolean },
  kernel: string,
): { sentence: string; advice: string } | undefined {
  if (!addon.hasIoUring) {
    return {
      sentence: 'the addon was built without liburing',
      advice: 'Install liburing with its headers and build again, or use the prebuilt addon.',
    }
  }
  if (isKernelFrom(kernel, 5, 6) === false) {
    return {
      sentence: `Linux ${kernel} is too old for it`,
      advice: 'Linux 5.6 or newer has what is needed, 6.1 or newer all that is made use of.',
    }
  }
  if (disabled === '2' || disabled === '1') {
    const whom = disabled === '2' ? 'everyone' : 'users without privileges'
    const group = disabled === '1' ? ', or put the user into the group kernel.io_uring_group' : ''
    return {
      sentence: `kernel.io_uring_disabled is ${disabled}, which forbids it to ${whom}`,
      advice: `sysctl kernel.io_uring_disabled=0${group}`,
    }
  }
  if (seccomp !== '2') return undefined
  return {
    sentence: 'a seccomp filter is in force, and those of container runtimes forbid it',
    advice:
      'Run the container with a seccomp profile that allows io_uring_setup, io_uring_enter and ' +
      'io_uring_register, if its policy lets you.',
  }
}

/** Before Linux 5.12 the rings of io_uring counted as locked memory. */
export function checkLockedMemory({ lockedMemoryBytes }: LimitFacts, kernel: string): Finding {
  const at = 'locked-memory'
  if (isKernelFrom(kernel, 5, 12) === true) {
    return good(at, 'Locked memory is not limited for io_uring since Linux 5.12.')
  }
  if (lockedMemoryBytes === undefined) {
    return note(at, 'The limit of locked memory could not be found out.')
  }
  if (lockedMemoryBytes === 'unlimited' || lockedMemoryBytes >= lockedBytesMin) {
    return good(at, 'The limit of locked memory leaves room for io_uring.')
  }
  return warning(
    at,
    `This kernel counts the rings of io_uring as locked memory, and only ${lockedMemoryBytes} ` +
      'bytes ' +
      'may be locked: some logs will get io_uring and others not.',
    'Raise the limit to 8 MiB or more (ulimit -l, LimitMEMLOCK= of systemd).',
  )
}
