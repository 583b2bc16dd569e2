import type { LogTrial, MountFacts } from '../facts.ts'
import { type Finding, good, note, warning } from '../finding.ts'
import { isInMemory } from './file-system.ts'

/** Whether writes go around the page cache. */
export function checkDirectIO(trial: LogTrial | undefined, mount: MountFacts | undefined): Finding {
  const at = 'direct-io'
  if (trial === undefined) {
    return note(at, 'Whether the file system takes direct I/O was not tried.')
  }
  const { directIO, ioAlignmentBytes } = trial
  if (directIO) {
    return good(at, `Direct I/O is accepted; writes are aligned to ${ioAlignmentBytes} bytes.`)
  }
  const sentence = 'The file system refuses direct I/O: the log goes through the page cache'
  if (isInMemory(mount)) return note(at, `${sentence}, which is no loss in memory.`)
  return warning(
    at,
    `${sentence}, which costs processor time and memory and makes commit times less even.`,
    'ext4 (without data=journal) and XFS take direct I/O.',
  )
}
