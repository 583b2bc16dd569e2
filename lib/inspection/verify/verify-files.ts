import { basename, join } from 'node:path'

import { lsnMax } from '../../format/layout.ts'
import type { LSN } from '../../format/lsn.ts'
import type { DirectoryFiles } from '../survey/directory-files.ts'
import type { Findings } from './finding.ts'
import type { LogLayout, MasterRecord, SegmentFile } from '../survey/survey-types.ts'

/** Checks that the files are there, and that each is what its name says. */
export function verifyFiles(
  directory: string,
  files: DirectoryFiles,
  layout: LogLayout,
  findings: Findings,
): void {
  for (const name of files.leftovers) {
    const path = join(directory, name)
    findings.add('leftover-file', `${name} was not finished by whoever wrote it`, { path })
  }
  for (const name of [...files.foreign, ...files.own.filter((own) => isTooFar(own, layout))]) {
    const path = join(directory, name)
    findings.add('foreign-file', `${name} is no file of a log`, { path })
  }
  for (const name of files.irregular) {
    const path = join(directory, name)
    findings.add('file-irregular', `${name} is no regular file`, { path })
  }
  for (const number of layout.missingSegments) {
    const sentence = `segment ${number} is missing: the master record says that it is there`
    const endLSN = (number + 1) * (layout.segmentBytes - layout.blockBytes)
    findings.add('segment-missing', sentence, lastByteBefore(endLSN))
  }
  for (const segment of layout.segments) {
    const { number, path, problem, endLSN } = segment
    if (problem === undefined || !isOfTheLog(segment, layout)) continue
    const sentence = `the header of segment ${number} is not good: ${problem}`
    findings.add('segment-damaged', sentence, { path, ...lastByteBefore(endLSN) })
  }
}

// No log goes on as far as the segment that it would be.
function isTooFar(name: string, { segmentBytes, blockBytes }: LogLayout): boolean {
  const isSegment = name.endsWith('.wal')
  return isSegment && Number(basename(name, '.wal')) > lsnMax / (segmentBytes - blockBytes)
}

// A segment is let go with its last byte.
function lastByteBefore(endLSN: number): { lsn: LSN } {
  return { lsn: (endLSN - 1) as LSN }
}

// Others wait to be used again, or are left from an open that did not come to its end: what stands
// in them does not matter.
function isOfTheLog({ number, endLSN }: SegmentFile, { master, oldestLSN }: LogLayout): boolean {
  return endLSN > oldestLSN && number <= (master?.lastSegment ?? Infinity)
}

/** Checks the two slots of the master record, against each other and against themselves. */
export function verifyMaster(layout: LogLayout, findings: Findings): void {
  const { slots, master } = layout
  const problems = slots.map(({ problem }) => problem)
  if (master === undefined) {
    const sentence = `neither slot of the master record is whole: ${problems.join('; ')}`
    findings.add('master-damaged', sentence)
    return
  }
  const damaged = problems.findIndex((problem) => problem !== undefined)
  // A log whose first open was interrupted has only one.
  if (damaged >= 0 && master.sequence > 0) {
    const sentence =
      `slot ${damaged} of the master record is not whole (${problems[damaged]}); ` +
      `the other one holds`
    findings.add('master-slot-damaged', sentence)
  }
  for (const problem of contradictions(master)) findings.add('master-contradiction', problem)
  const [first, second] = slots.map(({ record }) => record)
  if (first === undefined || second === undefined) return
  for (const problem of slotContradictions(first, second)) {
    findings.add('master-contradiction', problem)
  }
}

function contradictions(master: MasterRecord): string[] {
  const { oldestLSN, promiseLSN, checkpointLSN, lastSegment, segmentBytes, blockBytes } = master
  const problems: string[] = []
  if (oldestLSN > promiseLSN) {
    problems.push(`the log begins at LSN ${oldestLSN}, but is durable only to ${promiseLSN}`)
  }
  if (checkpointLSN !== 0 && checkpointLSN < oldestLSN) {
    problems.push(`the checkpoint at LSN ${checkpointLSN} lies before the log, at ${oldestLSN}`)
  }
  const filesEndLSN = (lastSegment + 1) * (segmentBytes - blockBytes)
  if (promiseLSN > filesEndLSN) {
    problems.push(
      `all below LSN ${promiseLSN} is durable, but the last segment ends at ${filesEndLSN}`,
    )
  }
  return problems
}

function slotContradictions(first: MasterRecord, second: MasterRecord): string[] {
  const [older, newer] = first.sequence < second.sequence ? [first, second] : [second, first]
  const fixed = ['logId', 'segmentBytes', 'blockBytes', 'createdAtMs'] as const
  const growing = [
    'incarnation',
    'incarnationStartLSN',
    'promiseLSN',
    'oldestLSN',
    'lastSegment',
    'checkpointLSN',
  ] as const
  const problems = fixed
    .filter((field) => older[field] !== newer[field])
    .map((field) => `${field} is not the same in both slots`)
  for (const field of growing) {
    if (older[field] > newer[field]) problems.push(`${field} is less in the newer slot`)
  }
  if (newer.sequence - older.sequence !== 1 || first.sequence % 2 !== 0) {
    problems.push(`the slots have the sequences ${first.sequence} and ${second.sequence}`)
  }
  return problems
}
