import type { FileSystemFacts, MountFacts } from '../facts.ts'
import { type Finding, good, note, problem, warning } from '../finding.ts'

const id = 'file-system'

/** Whether nothing on it survives a power cut, whatever is flushed. */
export function isInMemory(mount: MountFacts | undefined): boolean {
  return mount !== undefined && judgementOf(mount.fileSystem) === ofMemory
}

/** What the kind of file system means for a log. */
export function checkFileSystem(mount: MountFacts | undefined, facts: FileSystemFacts): Finding[] {
  if (mount === undefined) {
    return [note(id, 'Which file system holds the directory could not be found out.')]
  }
  const { fileSystem: type, point } = mount
  const { errors } = facts
  const findings = [judgementOf(type)(`${type} on ${point}`, facts)]
  if (errors !== undefined && errors > 0) {
    findings.push(
      problem(
        'file-system-errors',
        `${type} on ${point} has recorded ${errors} errors since it was last checked.`,
        'Look at the kernel messages (dmesg), unmount it and run e2fsck; suspect the drive.',
      ),
    )
  }
  return findings
}

function judgementOf(type: string): Judgement {
  return judgements.find(([types]) => types.test(type))?.[1] ?? unknown
}

type Judgement = (where: string, facts: FileSystemFacts) => Finding

/** The first that matches a file system's type judges it. */
const judgements: readonly (readonly [RegExp, Judgement])[] = [
  [/^(tmpfs|ramfs|devtmpfs|hugetlbfs)$/, ofMemory],
  [/^overlay$/, ofOverlay],
  [/^(nfs4?|cifs|smb3|ceph|glusterfs|lustre|afs|9p|virtiofs)$/, ofRemote],
  [/^fuse/, ofProgram],
  [/^(ext2|vfat|exfat|msdos|minix)$/, (where) => withoutJournal(where, 'Use ext4 or XFS.')],
  [/^ext4$/, ofExt4],
  [/^(ext3|xfs)$/, inPlace],
  [/^zfs$/, ofZfs],
  [/^btrfs$/, ofBtrfs],
  [/^bcachefs$/, (where) => note(id, copyOnWrite(where), 'ext4 and XFS write in place.')],
  [/./, unknown],
]

function ofMemory(where: string): Finding {
  return problem(
    id,
    `${where} is memory: nothing in it survives a restart, whatever was flushed.`,
    'Put the log on a file system with a drive below it. For tests this is fine.',
  )
}

function ofOverlay(where: string): Finding {
  return warning(
    id,
    `${where} is put together from layers; which file system and drive take the writes cannot be ` +
      'seen from here.',
    'Put the log on a mount of its own (a volume), and ask the doctor about that.',
  )
}

function ofRemote(where: string): Finding {
  return warning(
    id,
    `${where} is kept by another machine or by the host: commits are as durable as that one ` +
      'makes ' +
      'them, and its locks may not keep a second writer out.',
    'Put the log on a local file system, or make sure that the server flushes when it is asked ' +
      'to ' +
      '(NFS: export with sync, mount hard).',
  )
}

function ofProgram(where: string): Finding {
  return warning(
    id,
    `${where} is kept by a program, which decides what a flush means.`,
    'Put the log on a file system of the kernel, unless you know that the program hands ' +
      'flushes on.',
  )
}

function withoutJournal(where: string, advice: string): Finding {
  return warning(
    id,
    `${where} has no journal: after a power cut its directories and free space must be repaired ` +
      'before it can be trusted.',
    advice,
  )
}

function ofExt4(where: string, { hasJournal }: FileSystemFacts): Finding {
  if (hasJournal !== false) return inPlace(where)
  return withoutJournal(where, 'Unmount it and run tune2fs -O has_journal.')
}

function inPlace(where: string): Finding {
  return good(id, `${where} writes in place, which is what a log wants.`)
}

function copyOnWrite(where: string): string {
  return (
    `${where} writes every block to a new place (copy on write), which makes each commit several ` +
    'times as expensive.'
  )
}

function ofBtrfs(where: string): Finding {
  return note(
    id,
    copyOnWrite(where),
    "Make the log's directory with chattr +C before the log is created, so that its files are " +
      'written in place (the mount option nodatacow does it for all); the log has checksums of ' +
      'its own.',
  )
}

function unknown(where: string): Finding {
  return note(
    id,
    `${where} is one that the doctor knows nothing about.`,
    'ext4 and XFS write in place and obey flushes.',
  )
}

function ofZfs(where: string, { zfsSync: sync }: FileSystemFacts): Finding {
  if (sync === 'disabled') {
    return problem(
      id,
      `${where} has sync=disabled: it acknowledges flushes without doing anything.`,
      'zfs set sync=standard for this data set.',
    )
  }
  if (sync === '') {
    return note(
      id,
      `${where} writes every block to a new place, and whether it obeys flushes (property ` +
        'sync) could not be found out.',
      'zfs get sync must say standard or always.',
    )
  }
  return note(
    id,
    `${where} obeys flushes (sync=${sync}) and writes every block to a new place, its intent ` +
      'log first.',
    'A fast separate log device (SLOG) with power-loss protection decides the commit latency.',
  )
}
