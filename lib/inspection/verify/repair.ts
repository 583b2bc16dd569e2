// The only thing in this directory that changes anything, and only when it was told so by name.
//
// What is repaired is a torn tail, and unfinished files. Why that is safe:
// - It is decided by the rules of an open (docs/FORMAT.md, "Finding the end"): what is cut off was never
//   promised to be durable, so nobody was ever told that it is. Whatever else is found is refused.
// - It is done by an ordinary open for writing, which takes the lock, decides again, and makes its
//   decision durable before it changes the log. There is no second implementation that could differ.
// - Before that, every file that the open may change is copied and synced. Putting the copies back
//   leaves the directory as it was.
// - It is no more than what the next open for writing does anyway.
import { constants } from 'node:fs'
import { access, copyFile, mkdir, open, realpath, rm, stat, statfs } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'

import { SeawallError } from '../../errors.ts'
import { Log } from '../../log/log.ts'
import type { RecoveryReport } from '../../log/recovery-report.ts'
import { directoryFiles } from '../survey/directory-files.ts'
import { fileError } from '../survey/file-error.ts'
import { findingKinds } from './finding.ts'
import { LogSurvey } from '../survey/log-survey.ts'
import { verify, type VerifyProgress, type VerifyReport } from './verify.ts'

export interface RepairReport {
  /**
   * - `repaired`: `after` is what a verification says now;
   * - `nothing to repair`: nothing was changed or copied;
   * - `refused`: there is damage that cannot be made good; nothing was changed or copied.
   */
  readonly outcome: 'repaired' | 'nothing to repair' | 'refused'
  readonly before: VerifyReport
  readonly after?: VerifyReport
  /** Why it was refused. */
  readonly reason?: string
  /** Where the copies are. */
  readonly copy?: string
  readonly copiedFiles?: readonly string[]
  /** What the open did. */
  readonly recovery?: RecoveryReport
}

export interface RepairOptions {
  /** Where the copies go; must not exist. Default: beside the directory, with the time in its name. */
  readonly copyTo?: string
  readonly nowMs?: number
  readonly progress?: VerifyProgress
}

// The copy is not the last thing that the file system has room for.
const freeBytesMin = 1024 * 1024

/**
 * Cuts off a torn tail and removes unfinished files, with a copy of what changes kept.
 *
 * @durability the copies are durable before anything is changed
 * @throws ERR_SEAWALL_LOCKED when a process has it open, ERR_SEAWALL_INVALID_ARGUMENT when there is
 * something at `copyTo`, ERR_SEAWALL_NO_SPACE, and what `verify` and `Log.open` throw
 */
export async function repair(
  directory: string,
  options: RepairOptions = {},
): Promise<RepairReport> {
  const path = resolve(directory)
  const before = await verify(path, options.progress)
  if (before.use.state === 'writer' || before.use.state === 'readers') {
    const detail = before.use.holders.map(({ pid }) => `process ${pid}`).join(', ')
    throw new SeawallError('ERR_SEAWALL_LOCKED', { path, detail })
  }
  const reason = whyNot(before)
  if (reason !== undefined) return { outcome: 'refused', before, reason }
  if (!isRepairable(before)) return { outcome: 'nothing to repair', before }
  await checkWritable(path)
  const copy = resolve(options.copyTo ?? copyName(path, options.nowMs ?? Date.now()))
  const copiedFiles = await copyUnderLock(path, copy, before)
  const log = await Log.open(path, {
    onProgress: ({ done, total }) => options.progress?.('log', done, total),
  })
  const { recovery } = log
  await log.close()
  const after = await verify(path, options.progress)
  return { outcome: 'repaired', before, after, copy, copiedFiles, recovery }
}

function isRepairable({ tail, found }: VerifyReport): boolean {
  return tail.verdict === 'torn' || found.some(({ code }) => code === 'leftover-file')
}

/** Undefined: it can be repaired, or needs no repair. */
function whyNot({ damage, found }: VerifyReport): string | undefined {
  if (damage === 0) return undefined
  const kinds = found.filter(({ severity }) => severity === 'damage')
  const [first] = kinds
  const what = kinds.map(({ code, count }) => `${count} x ${code}`).join(', ')
  const remedy = first === undefined ? '' : findingKinds[first.code].remedy
  return `only a torn tail and unfinished files can be repaired, and there is damage (${what}): ${remedy}`
}

function copyName(directory: string, nowMs: number): string {
  const time = new Date(nowMs).toISOString().replace(/[:.]/g, '-')
  return `${directory}-before-repair-${time}`
}

// Before a copy is made in vain.
async function checkWritable(path: string): Promise<void> {
  try {
    await access(path, constants.W_OK)
  } catch (error) {
    throw fileError(error, path)
  }
}

// A reader's lock: nobody writes to what is being copied.
async function copyUnderLock(path: string, copy: string, before: VerifyReport): Promise<string[]> {
  const reader = await Log.open(path, { readOnly: true })
  try {
    return await copyWhatChanges(path, copy, before)
  } finally {
    await reader.close()
  }
}

async function copyWhatChanges(
  directory: string,
  copy: string,
  before: VerifyReport,
): Promise<string[]> {
  const parent = await realPathOf(dirname(copy))
  if (isWithin(join(parent, basename(copy)), await realPathOf(directory))) {
    const detail = `the copy must not lie in ${directory} itself: ${copy}`
    throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail })
  }
  const files = await filesThatChange(directory, before)
  await checkFreeSpace(directory, dirname(copy), files)
  try {
    await mkdir(copy)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(error, copy)
    const detail = `there is something at ${copy} already; give another place for the copy`
    throw new SeawallError('ERR_SEAWALL_INVALID_ARGUMENT', { detail })
  }
  try {
    if (files.some((file) => dirname(file) !== '.')) await mkdir(join(copy, 'wal'))
    for (const file of files) await copyDurably(join(directory, file), join(copy, file))
    await sync(join(copy, 'wal')).catch(() => {})
    await sync(copy)
    await sync(dirname(copy))
  } catch (error) {
    // Half a copy is of no use, and nothing was changed.
    await rm(copy, { recursive: true, force: true }).catch(() => {})
    throw fileError(error, copy)
  }
  return files
}

async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    throw fileError(error, path)
  }
}

function isWithin(path: string, directory: string): boolean {
  const way = relative(directory, path)
  return way !== '..' && !way.startsWith(`..${sep}`)
}

/**
 * The master record, unfinished files, and every segment but those that the log fills and keeps:
 * segments below its beginning and behind its last one are used again.
 */
async function filesThatChange(directory: string, { tail }: VerifyReport): Promise<string[]> {
  await using survey = await LogSurvey.open(directory)
  const { segments, oldestLSN, master } = survey.layout
  const lastSegment = master?.lastSegment ?? 0
  const kept = new Set(
    segments
      .filter(({ number, startLSN, endLSN }) => {
        const isOfTheLog = endLSN > oldestLSN && number <= lastSegment
        return isOfTheLog && startLSN < tail.endLSN && endLSN <= tail.endLSN
      })
      .map(({ path }) => relative(directory, path)),
  )
  const untouched = new Set(['LOCK', 'pages', 'doublewrite'])
  const { own, leftovers } = await directoryFiles(directory)
  return [...own.filter((file) => !untouched.has(file) && !kept.has(file)), ...leftovers]
}

async function checkFreeSpace(
  directory: string,
  target: string,
  files: readonly string[],
): Promise<void> {
  try {
    let bytes = 0
    for (const file of files) bytes += (await stat(join(directory, file))).size
    const { bavail, bsize } = await statfs(target)
    if (bavail * bsize >= bytes + freeBytesMin) return
    const detail = `the copies need ${bytes} bytes, ${bavail * bsize} are free`
    throw new SeawallError('ERR_SEAWALL_NO_SPACE', { path: target, detail })
  } catch (error) {
    throw fileError(error, target)
  }
}

async function copyDurably(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL)
  await sync(to)
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
