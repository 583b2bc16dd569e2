import { realpathSync, statfsSync } from 'node:fs'
import { basename, join } from 'node:path'

import { loadBinding } from '../../native/load.ts'
import type { AddonFacts, Facts, FileSystemFacts, MountFacts, SpaceFacts } from '../facts.ts'
import { layersOf } from './block-layers.ts'
import { controlGroupFacts } from './control-group.ts'
import { directoryFacts } from './directory.ts'
import { ioUringFacts, limitFacts, machineFacts } from './machine.ts'
import { mountOf } from './mount.ts'
import { entriesOf, numberOf, type System, textOf } from './system.ts'

/** Everything that can be known without writing. */
export function gather(directory: string, system: System): Omit<Facts, 'measured'> {
  const path = realpathSync(directory)
  const mount = mountOf(path, system)
  const layers = layersOf(mount, system)
  return {
    directory: directoryFacts(path, system),
    machine: machineFacts(system),
    ioUring: ioUringFacts(system),
    addon: addonFacts(),
    limits: limitFacts(system),
    mount,
    fileSystem: fileSystemFacts(mount, layers[0]?.name, system),
    space: spaceOf(path),
    layers,
    controlGroup: controlGroupFacts(system),
  }
}

function addonFacts(): AddonFacts {
  try {
    return { hasIoUring: loadBinding().hasIoUring }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

export function fileSystemFacts(
  mount: MountFacts | undefined,
  device: string | undefined,
  system: System,
): FileSystemFacts {
  const type = mount?.fileSystem ?? ''
  const directory = join(system.sys, 'fs/ext4', device ?? basename(mount?.source ?? ''))
  const names = type === 'ext4' ? entriesOf(directory) : []
  const task = names.length === 0 ? '' : textOf(join(directory, 'journal_task'))
  const asked = ['get', '-H', '-o', 'value', 'sync', mount?.source ?? '']
  return {
    // The process number of the journal's thread.
    hasJournal: task === '' ? undefined : task !== '<none>',
    errors: names.length === 0 ? undefined : numberOf(join(directory, 'errors_count')),
    zfsSync: type === 'zfs' ? system.run('zfs', asked).trim() : '',
  }
}

function spaceOf(path: string): SpaceFacts {
  const { bsize, blocks, bavail, files, ffree } = statfsSync(path)
  return {
    freeBytes: bavail * bsize,
    totalBytes: blocks * bsize,
    freeFiles: ffree,
    totalFiles: files,
  }
}
