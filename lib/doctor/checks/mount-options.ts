import type { MountFacts } from '../facts.ts'
import { type Finding, good, problem, warning } from '../finding.ts'

/** Options that take durability away. */
const unsafe: readonly { option: string; only: RegExp; what: string }[] = [
  { option: 'nobarrier', only: /./, what: 'no flush is sent to the drive' },
  { option: 'barrier=0', only: /./, what: 'no flush is sent to the drive' },
  { option: 'fsync_mode=nobarrier', only: /^f2fs$/, what: 'no flush is sent to the drive' },
  { option: 'volatile', only: /^overlay$/, what: 'no flush is passed on' },
  { option: 'fsync=volatile', only: /^overlay$/, what: 'no flush is passed on' },
  { option: 'nostrictsync', only: /^(cifs|smb3)$/, what: 'no flush is sent to the server' },
  { option: 'journal_flush_disabled', only: /^bcachefs$/, what: 'flushes do nothing' },
  { option: 'norecovery', only: /./, what: 'the journal is not applied after a crash' },
]

/** Options that cost, or that can surprise. */
const costly: readonly { option: string; only: RegExp; what: string; advice: string }[] = [
  {
    option: 'data=journal',
    only: /^ext[34]$/,
    what: 'everything is written twice, and direct I/O goes through the page cache',
    advice: 'Mount with data=ordered: the log brings its own protection against torn writes.',
  },
  {
    option: 'soft',
    only: /^nfs/,
    what:
      'a slow server makes writes fail, and a failed write ends the log until it is opened ' +
      'again',
    advice: 'Mount with hard.',
  },
  {
    option: 'nolock',
    only: /^nfs/,
    what: 'locks are not seen by other machines: two of them could write one log',
    advice: 'Mount without nolock.',
  },
  {
    option: 'sync',
    only: /./,
    what: 'every single write waits for the drive, also those that need not',
    advice: 'Mount without sync: the log flushes when it has to.',
  },
  {
    option: 'notreelog',
    only: /^btrfs$/,
    what: 'every flush writes out a whole transaction of the file system',
    advice: 'Mount without notreelog.',
  },
]

export function checkMountOptions(mount: MountFacts | undefined): Finding[] {
  const at = 'mount-options'
  if (mount === undefined) return []
  const { fileSystem: type, options, point } = mount
  const findings: Finding[] = []
  if (options.includes('ro')) {
    findings.push(
      problem(
        'read-only',
        `${point} is mounted read-only: no log can be written here. File systems also do this ` +
          'by themselves after an error.',
        'Look at the kernel messages (dmesg); mount it for writing.',
      ),
    )
  }
  for (const { option, only, what } of unsafe) {
    if (!options.includes(option) || !only.test(type)) continue
    const advice =
      `Mount ${point} without ${option}. Until then a power cut can lose what was ` +
      'acknowledged.'
    findings.push(problem(at, `${point} is mounted with ${option}: ${what}.`, advice))
  }
  for (const { option, only, what, advice } of costly) {
    if (!options.includes(option) || !only.test(type)) continue
    findings.push(warning(at, `${point} is mounted with ${option}: ${what}.`, advice))
  }
  if (findings.length > 0) return findings
  return [good(at, `No mount option stands in the way (${options.join(',')}).`)]
}
