import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { Engine, type EngineOptions, Log, type LogOptions, SeawallError } from '../../lib/index.ts'
import { BrokenPromise } from '../block-device/subject.ts'
import { nativeRoot } from '../../simulation/native-root.ts'
import { engineViolation, type FoundPages } from './judge-engine.ts'
import { logViolation } from './judge-log.ts'
import type { JudgedLife } from './life.ts'
import type { FileSystem } from './make-disk.ts'
import type { EnginePlan, LogPlan } from './plan/machine-plan.ts'

const run = promisify(execFile)
const nativeBinding = join(nativeRoot(), 'native/build/Release/seawall.node')
// What the kernel says when the file system itself is damaged: EIO, EBADMSG, EUCLEAN.
const fileSystemDamage = new Set([5, 74, 117])
const mountOptions = { xfs: 'noatime,nouuid', ext4: 'noatime' } as const

export type Verdict =
  | { readonly kind: 'good' }
  /** The file system did not survive, so that nothing can be said about the store. */
  | { readonly kind: 'unmountable' }
  | { readonly kind: 'violation'; readonly oracle: string; readonly message: string }

export interface ImageOptions {
  readonly image: string
  readonly mountPoint: string
  readonly fileSystem: FileSystem
  readonly sectorBytes: number
}

/** Mounts the image, lets the store in it recover, twice, and judges what it shows. */
export async function judgeImage(
  options: ImageOptions,
  lives: readonly JudgedLife[],
): Promise<Verdict> {
  const { image, mountPoint, fileSystem, sectorBytes } = options
  const attach = ['-f', '--show', '--direct-io=on', '--sector-size', String(sectorBytes), image]
  const loop = (await run('losetup', attach)).stdout.trim()
  try {
    try {
      await run('mount', ['-t', fileSystem, '-o', mountOptions[fileSystem], loop, mountPoint])
    } catch {
      return { kind: 'unmountable' }
    }
    try {
      return withoutPath(await judgeStore(join(mountPoint, 'store'), lives), mountPoint)
    } finally {
      await run('umount', [mountPoint])
    }
  } finally {
    await run('losetup', ['-d', loop])
  }
}

/** A replay takes place in another folder, and must come to the same message. */
function withoutPath(verdict: Verdict, mountPoint: string): Verdict {
  if (verdict.kind !== 'violation') return verdict
  return { ...verdict, message: verdict.message.replaceAll(`${mountPoint}/`, '') }
}

async function judgeStore(directory: string, lives: readonly JudgedLife[]): Promise<Verdict> {
  try {
    // The second time shows whether the first has left a store behind (I11, I13).
    for (let times = 0; times < 2; times++) {
      const isLog = lives[0]?.plan.workload === 'log'
      const violation = isLog
        ? await recoverLog(directory, lives[0] as JudgedLife)
        : await recoverEngine(directory, lives)
      if (violation !== undefined) throw violation
    }
    return { kind: 'good' }
  } catch (error) {
    if (error instanceof BrokenPromise) {
      return { kind: 'violation', oracle: error.oracle, message: error.message }
    }
    if (!(error instanceof SeawallError)) throw error
    if (error.errno !== undefined && fileSystemDamage.has(error.errno)) {
      return { kind: 'unmountable' }
    }
    return { kind: 'violation', oracle: 'I1', message: error.message }
  }
}

async function recoverEngine(
  directory: string,
  lives: readonly JudgedLife[],
): Promise<BrokenPromise | undefined> {
  const ids = lives.flatMap(({ promised }) => promised.pages?.flat() ?? [])
  if (ids.length === 0 && !existsSync(directory)) return undefined
  const { options } = (lives[0] as JudgedLife).plan
  const engine = await Engine.open(directory, { ...options, nativeBinding } as EngineOptions)
  try {
    const pages = await readPages(engine, ids)
    for (const { plan, promised } of lives) {
      const violation = engineViolation(plan as EnginePlan, promised, pages)
      if (violation !== undefined) return violation
    }
    return undefined
  } finally {
    await engine.close()
  }
}

async function readPages(engine: Engine, ids: readonly number[]): Promise<FoundPages> {
  const pages = new Map<number, Uint8Array>()
  const readOnly = true
  await engine.transaction(
    async (tx) => {
      for (const id of ids) {
        try {
          const page = await tx.page(id)
          pages.set(id, Buffer.from(page.body))
          page.release()
        } catch (error) {
          if ((error as SeawallError).code !== 'ERR_SEAWALL_UNKNOWN_PAGE') throw error
        }
      }
    },
    { readOnly },
  )
  return pages
}

async function recoverLog(
  directory: string,
  { plan, promised }: JudgedLife,
): Promise<BrokenPromise | undefined> {
  const log = await Log.open(directory, { ...plan.options, nativeBinding } as LogOptions)
  try {
    const bodies: Uint8Array[] = []
    for await (const { body } of log.read()) bodies.push(Buffer.from(body))
    return logViolation(plan as LogPlan, promised, bodies)
  } finally {
    await log.close()
  }
}
