import { execFileSync } from 'node:child_process'
import { rmSync, truncateSync, writeFileSync } from 'node:fs'

export type FileSystem = 'xfs' | 'ext4'

const mib = 2 ** 20
const makers = {
  xfs: { bytes: 320 * mib, command: 'mkfs.xfs', args: ['-q', '-f', '-K'] },
  ext4: {
    bytes: 96 * mib,
    command: 'mkfs.ext4',
    args: [
      ...['-q', '-F', '-b', '4096', '-J', 'size=8'],
      ...['-E', 'nodiscard,lazy_itable_init=0,lazy_journal_init=0'],
    ],
  },
} as const

/** A disk with an empty file system. */
export function makeDisk(path: string, fileSystem: FileSystem, sectorBytes: 512 | 4096): void {
  const { bytes, command, args } = makers[fileSystem]
  rmSync(path, { force: true })
  writeFileSync(path, '')
  truncateSync(path, bytes)
  const sector = fileSystem === 'xfs' ? ['-s', `size=${sectorBytes}`] : []
  // A torn superblock (1 KiB) of ext4 would not be mounted for its checksum.
  const isTearable = fileSystem === 'ext4' && sectorBytes === 512
  const features = isTearable ? ['-O', '^metadata_csum'] : []
  execFileSync(command, [...args, ...sector, ...features, path], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}
