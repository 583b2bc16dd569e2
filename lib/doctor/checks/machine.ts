import type { ControlGroupFacts, MachineFacts } from '../facts.ts'
import { type Finding, good, note, warning } from '../finding.ts'

/** Whether a kernel version is at least this one; undefined when it cannot be read. */
export function isKernelFrom(kernel: string, major: number, minor: number): boolean | undefined {
  const [, first, second] = /^(\d+)\.(\d+)/.exec(kernel) ?? []
  if (first === undefined) return undefined
  return Number(first) > major || (Number(first) === major && Number(second) >= minor)
}

export function checkKernel({ kernel }: MachineFacts): Finding {
  const id = 'kernel'
  const isPolled = isKernelFrom(kernel, 6, 1)
  if (isPolled === undefined) {
    return note(id, 'The kernel version could not be found out.')
  }
  if (isPolled) return good(id, `Linux ${kernel} has everything that Seawall makes use of.`)
  const lost =
    isKernelFrom(kernel, 5, 6) === true
      ? 'what polled commits and page reads need'
      : 'io_uring as Seawall uses it'
  return note(
    id,
    `Linux ${kernel} lacks ${lost}; everything works, some of it slower.`,
    'Linux 6.1 or newer has it.',
  )
}

/** What stands between a guest's flush and a drive cannot be seen from inside. */
export function checkVirtualMachine({ isVirtual, product }: MachineFacts): Finding {
  const id = 'virtual-machine'
  if (/virtualbox/i.test(product)) {
    return warning(
      id,
      'This is a VirtualBox machine, whose virtual disks ignore flushes unless told otherwise.',
      'Set IgnoreFlush to 0 for each virtual disk (VBoxManage setextradata), or do not keep ' +
        'data here that matters.',
    )
  }
  if (isVirtual === undefined) {
    return note(id, 'Whether this is a virtual machine could not be found out.')
  }
  if (!isVirtual) return good(id, 'No hypervisor was found: flushes go to the hardware.')
  const name = product === '' ? '' : ` (${product})`
  return note(
    id,
    `This is a virtual machine${name}: a flush ends at the host, and whether the host hands it ` +
      'on to ' +
      'a drive cannot be seen from in here.',
    'Ask the provider, or look at the host: the disk must not use a cache mode such as ' +
      'cache=unsafe. Only a power cut of the host proves it (seawall rig).',
  )
}

export function checkProcessors(
  { processors }: MachineFacts,
  { processors: quota }: ControlGroupFacts,
): Finding {
  const id = 'processors'
  if (quota !== undefined && quota < 2) {
    return note(
      id,
      `The control group allows ${quota.toFixed(1)} of ${processors} processors: when the ` +
        'quota of a ' +
        'period is used up, commits wait for the next one.',
      'Allow two processors or more where commit latency matters.',
    )
  }
  if (processors < 2) {
    return note(
      id,
      'There is one processor: JavaScript and the thread that writes the log take turns.',
      'With two or more, commits and your own code run side by side.',
    )
  }
  return good(id, `JavaScript and the log's thread have ${processors} processors to run on.`)
}

export function checkHugePages({ hugePages }: MachineFacts): Finding {
  const id = 'huge-pages'
  const chosen = /\[(.+?)\]/.exec(hugePages)?.[1]
  if (chosen === undefined) {
    return note(id, 'Whether the kernel has large memory pages could not be found out.')
  }
  if (chosen !== 'never') return good(id, `Buffers may lie in large memory pages (${chosen}).`)
  return note(
    id,
    'Large memory pages are switched off: large writes of the log cost more processor time.',
    'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled',
  )
}

export function checkContainer({ container }: MachineFacts, fileSystem: string): Finding {
  const id = 'container'
  if (container === '') return good(id, 'No sign of a container was found.')
  if (fileSystem === 'overlay') {
    return warning(
      id,
      `This is a container (${container}), and the directory is part of its own layers: it goes ` +
        'away with the container.',
      'Put the log on a volume.',
    )
  }
  return good(id, `This is a container (${container}); the directory is not in its overlay.`)
}
