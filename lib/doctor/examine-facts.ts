import {
  checkDirectory,
  checkFileSize,
  checkFreeFiles,
  checkOpenFiles,
  checkSpace,
} from './checks/directory.ts'
import { checkAtomicWrites, checkBlocks } from './checks/blocks.ts'
import { checkDevices, checkWriteLimits } from './checks/drive.ts'
import { checkDirectIO } from './checks/direct-io.ts'
import { checkFileSystem } from './checks/file-system.ts'
import { checkMountOptions } from './checks/mount-options.ts'
import { checkAddon, checkIoUring, checkLockedMemory } from './checks/io-uring.ts'
import { checkLatency } from './checks/latency.ts'
import {
  checkContainer,
  checkHugePages,
  checkKernel,
  checkProcessors,
  checkVirtualMachine,
} from './checks/machine.ts'
import { checkWriteCache } from './checks/write-cache.ts'
import type { Facts } from './facts.ts'
import type { Finding } from './finding.ts'

export interface FindingGroup {
  readonly heading: string
  readonly findings: readonly Finding[]
}

/** Every check, in the order of the report. */
export function examineFacts(facts: Facts): FindingGroup[] {
  const { machine, ioUring, addon, limits, mount, fileSystem, space, layers, controlGroup } = facts
  const { directory, measured } = facts
  return [
    {
      heading: 'Machine',
      findings: [
        checkKernel(machine),
        checkAddon(addon),
        checkIoUring(ioUring, addon, measured.trial, machine.kernel),
        checkProcessors(machine, controlGroup),
        checkHugePages(machine),
        checkVirtualMachine(machine),
        checkContainer(machine, mount?.fileSystem ?? ''),
      ],
    },
    {
      heading: 'Limits of this process',
      findings: [
        checkLockedMemory(limits, machine.kernel),
        checkOpenFiles(limits),
        checkFileSize(limits, directory),
      ],
    },
    {
      heading: 'Directory and file system',
      findings: [
        ...checkDirectory(directory),
        ...checkFileSystem(mount, fileSystem),
        ...checkMountOptions(mount),
        checkDirectIO(measured.trial, mount),
        checkSpace(space, directory),
        checkFreeFiles(space),
      ],
    },
    {
      heading: 'Drive',
      findings: [
        ...checkDevices(layers, mount, machine),
        ...(layers.length === 0 ? [] : checkWriteCache(layers)),
        ...(layers.length === 0 ? [] : checkBlocks(layers)),
        ...checkAtomicWrites(layers),
        ...checkWriteLimits(controlGroup, layers),
      ],
    },
    { heading: 'Measured', findings: checkLatency({ measured, mount, layers, machine }) },
  ]
}
