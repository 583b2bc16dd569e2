import { execFile, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

import { nativeRoot } from '../../simulation/native-root.ts'

/** What crash_log prints, one JSON object a line. */
export type Line =
  | ({ readonly type: 'progress' | 'result' } & Readonly<Record<string, number | string>>)
  | {
      readonly type: 'fault'
      readonly fault: string
      readonly survived: number
      readonly detected: number
      readonly missed: number
    }
  | {
      readonly type: 'violation' | 'replay'
      /** Empty: a replay without a violation. */
      readonly oracle: string
      readonly message: string
      readonly device?: string
      readonly setup?: number
      readonly lying?: number
      readonly faults?: number
      readonly choices?: readonly number[]
    }

const noViolation = 0
const aViolation = 3
const outputTailCharacters = 2000

let isPrepared = false

/** Builds the program unless it is there; crash/mutants/build.mjs builds the ones with bugs. */
async function pathOfProgram(): Promise<string> {
  const isMutated = (process.env.SEAWALL_MUTANT ?? '') !== ''
  if (!isPrepared && !isMutated) {
    const script = fileURLToPath(new URL('build.mjs', import.meta.url))
    await promisify(execFile)(process.execPath, [script])
    isPrepared = true
  }
  return join(nativeRoot(), 'build/native-none/crash_log')
}

/** Runs crash_log to its end. Throws when it ends in another way than with its verdict. */
export async function runProgram(
  args: readonly string[],
  onLine: (line: Line) => void,
): Promise<void> {
  const program = spawn(await pathOfProgram(), args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | string>((resolve, reject) => {
    program.once('error', reject)
    program.once('close', (code, signal) => resolve(code ?? signal ?? 'no exit code'))
  })
  // The program must not outlive a layer that is stopped.
  const stop = (): void => void program.kill('SIGKILL')
  process.once('exit', stop)
  let complaints = ''
  program.stderr.on('data', (text: Buffer) => {
    complaints = (complaints + text.toString()).slice(-outputTailCharacters)
  })
  for await (const text of createInterface({ input: program.stdout }))
    onLine(JSON.parse(text) as Line)
  const how = await ended
  process.removeListener('exit', stop)
  if (how !== noViolation && how !== aViolation)
    throw new Error(`crash_log ended with ${how}: ${complaints.trim()}`)
}
