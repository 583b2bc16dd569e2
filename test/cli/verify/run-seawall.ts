import { spawn } from 'node:child_process'
import { once } from 'node:events'

import { temporaryDirectory } from '../../support/temporary-directory.ts'

const root = new URL('../../..', import.meta.url).pathname

export interface Run {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

async function run(args: readonly string[], user?: number): Promise<Run> {
  const as = user === undefined ? {} : { uid: user, gid: user }
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], { cwd: root, ...as })
  const output = { stdout: '', stderr: '' }
  child.stdout.on('data', (text: Buffer) => (output.stdout += text.toString()))
  child.stderr.on('data', (text: Buffer) => (output.stderr += text.toString()))
  const [status] = (await once(child, 'close')) as [number | null]
  return { status, ...output }
}

/** Runs the program as a user would, from the checkout. */
export function runSeawall(...args: string[]): Promise<Run> {
  return run(['lib/cli/main.ts', ...args])
}

/** The same as another user. */
export function runSeawallAs(user: number | undefined, ...args: string[]): Promise<Run> {
  return run(['lib/cli/main.ts', ...args], user)
}

export type StoreKind = 'log' | 'killed-log' | 'store' | 'killed-store' | 'imaged-store'

/** A log or store of this kind (see make-store.ts) in a directory of its own. */
export async function makeStore(kind: StoreKind): Promise<string> {
  const directory = temporaryDirectory()
  const { status, stderr } = await run(['test/cli/verify/make-store.ts', kind, directory])
  if (stderr !== '' || status !== (kind === 'log' || kind === 'store' ? 0 : null)) {
    throw new Error(`making a ${kind} ended with ${status}: ${stderr}`)
  }
  return directory
}
