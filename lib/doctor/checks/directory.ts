import type { DirectoryFacts, LimitFacts, SpaceFacts } from '../facts.ts'
import { type Finding, good, note, problem, warning } from '../finding.ts'
import { inWords } from './words.ts'

const mib = 1024 * 1024
const segmentBytesDefault = 64 * mib
// A log keeps one in use, and prepares the next ones ahead.
const segmentsMin = 3
const segmentsComfortable = 16
const openFilesMin = 256

function segmentBytesOf({ log }: DirectoryFacts): number {
  return log === undefined || log.segmentBytes === 0 ? segmentBytesDefault : log.segmentBytes
}

export function checkDirectory({ path, isReadable, leftovers, log }: DirectoryFacts): Finding[] {
  const findings: Finding[] = []
  if (!isReadable) {
    findings.push(
      problem(
        'directory',
        `This user may not read ${path}: what lies in it, a log for one, was not seen.`,
        'Run the doctor as the user that the log runs as, or give this user the right.',
      ),
    )
  } else if (log === undefined) {
    findings.push(good('directory', 'There is no Seawall log in the directory.'))
  } else {
    const what = log.isStore ? 'store (a log and pages)' : 'log'
    const use = log.isInUse
      ? 'in use right now: what is measured competes with it for the drive, and it with the ' +
        'measuring'
      : 'not in use by anyone who can be seen from here'
    findings.push(
      note(
        'directory',
        `The directory holds a Seawall ${what} of ${log.segments} segments, ${use}. Nothing of ` +
          'it was touched.',
      ),
    )
  }
  if (leftovers.length > 0) {
    findings.push(
      note(
        'leftovers',
        `An earlier doctor was killed, or runs at this moment, and left ${leftovers.join(', ')}.`,
        'If no doctor runs, remove it: nothing in it is needed.',
      ),
    )
  }
  return findings
}

export function checkSpace(space: SpaceFacts, directory: DirectoryFacts): Finding {
  const id = 'free-space'
  const segmentBytes = segmentBytesOf(directory)
  const free = `${inWords(space.freeBytes)} of ${inWords(space.totalBytes)} are free`
  const size = `segments of ${inWords(segmentBytes)}`
  const segments = Math.floor(space.freeBytes / segmentBytes)
  const advice =
    'Make room, choose smaller segments (segmentBytes) for a new log, and set maxLogBytes so ' +
    'that ' +
    'the log is full before the drive is.'
  if (segments < segmentsMin) {
    return problem(id, `${free}: not enough for ${segmentsMin} ${size}.`, advice)
  }
  if (segments < segmentsComfortable) {
    return warning(id, `${free}: room for ${segments} ${size}.`, advice)
  }
  return good(id, `${free}: room for ${segments} ${size}.`)
}

export function checkFreeFiles({ freeFiles, totalFiles }: SpaceFacts): Finding {
  const id = 'free-files'
  if (totalFiles === 0) return good(id, 'The file system sets no limit to the number of files.')
  if (freeFiles >= openFilesMin) return good(id, `${freeFiles} more files may be made.`)
  return warning(
    id,
    `Only ${freeFiles} more files may be made on this file system, however much space is free.`,
    'Remove files, or make the file system anew with more inodes.',
  )
}

export function checkFileSize({ fileBytes }: LimitFacts, directory: DirectoryFacts): Finding {
  const id = 'file-size'
  if (fileBytes === undefined) return note(id, 'The limit of file sizes could not be found out.')
  const segmentBytes = segmentBytesOf(directory)
  if (fileBytes === 'unlimited' || fileBytes >= segmentBytes) {
    return good(id, 'A segment fits into the limit of file sizes.')
  }
  return problem(
    id,
    `Files may have ${inWords(fileBytes)} at most, a segment has ${inWords(segmentBytes)}.`,
    'Raise the limit (ulimit -f, LimitFSIZE= of systemd), or choose smaller segments.',
  )
}

export function checkOpenFiles({ openFiles }: LimitFacts): Finding {
  const id = 'open-files'
  if (openFiles === undefined) return note(id, 'The limit of open files could not be found out.')
  if (openFiles === 'unlimited' || openFiles >= openFilesMin) {
    return good(
      id,
      `This process may open ${openFiles === 'unlimited' ? 'any number of' : openFiles} files.`,
    )
  }
  return warning(
    id,
    `This process may open ${openFiles} files only; a log and readers of it need some of their ` +
      'own.',
    'Raise the limit to 1024 or more (ulimit -n, LimitNOFILE= of systemd).',
  )
}
