// `seawall dump` as its users start it, and directories for it to look at.
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

import { Engine, type EngineOptions, type Operation } from '../../../lib/index.ts'

const root = new URL('../../..', import.meta.url).pathname
const self = ['--import', 'tsx', join(root, 'lib/cli/main.ts')]

export interface Dumped {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
  /** Without the names of the columns. */
  readonly lines: readonly string[]
}

/** Runs it to its end. */
export function dump(directory: string, ...options: string[]): Dumped {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...self, 'dump', directory, ...options],
    { cwd: root, encoding: 'utf8', timeout: 120_000, maxBuffer: 1 << 30 },
  )
  return { status, stdout, stderr, lines: stdout.split('\n').slice(1, -1) }
}

/** The objects that `--json` prints. */
export function dumpValues(directory: string, ...options: string[]): Record<string, unknown>[] {
  const { stdout } = dump(directory, '--json', ...options)
  return valuesOf(stdout)
}

export function valuesOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** A dump that goes on. */
export class RunningDump {
  readonly #process: ChildProcessByStdio<null, Readable, Readable>
  readonly #exited: Promise<unknown[]>
  #stdout = ''
  stderr = ''

  constructor(directory: string, ...options: string[]) {
    this.#process = spawn(process.execPath, [...self, 'dump', directory, ...options], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#exited = once(this.#process, 'exit')
    this.#process.stdout.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text))
    this.#process.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text))
  }

  /** What it has printed, up to the last whole line. */
  get stdout(): string {
    return this.#stdout.slice(0, this.#stdout.lastIndexOf('\n') + 1)
  }

  /** Resolves when what was printed is as it should be. */
  async until(what: string, isSo: (stdout: string) => boolean, limitMs = 60_000): Promise<void> {
    const endMs = performance.now() + limitMs
    while (!isSo(this.stdout)) {
      if (performance.now() > endMs || this.#process.exitCode !== null) {
        throw new Error(`${what}: not so; printed ${this.stdout.slice(-2000)}${this.stderr}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }

  /** @returns the exit code */
  async interrupt(): Promise<number | null> {
    this.#process.kill('SIGINT')
    await this.#exited
    return this.#process.exitCode
  }

  /** @returns the exit code */
  async exited(): Promise<number | null> {
    await this.#exited
    return this.#process.exitCode
  }

  /** It does nothing until `goOn`. */
  stop(): void {
    this.#process.kill('SIGSTOP')
  }

  goOn(): void {
    this.#process.kill('SIGCONT')
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }
}

/** Another process that runs `source`, a module beside the tests. */
export function startModule(source: string): ChildProcessByStdio<null, Readable, null> {
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', source], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

const add: Operation = {
  name: 'add',
  redo(body, payload) {
    body[100] = ((body[100] ?? 0) + (payload[0] ?? 0)) & 0xff
  },
  undo: (payload) => ({ operation: 64, payload: Uint8Array.of(256 - (payload[0] ?? 0)) }),
}

const storeOptions: EngineOptions = {
  pageSize: 4096,
  segmentBytes: 256 * 1024,
  bufferBytes: 64 * 1024,
  tornPages: 'fullPageImages',
  idleMarkMs: 1,
  operations: { 64: add },
}

/**
 * A small store whose log has something of everything: two transactions that interleave, a
 * rollback, a checkpoint between, page images, slotted records, an operation of the user's, a
 * nested top action. Left open: its owner closes it.
 */
export async function makeStore(directory: string): Promise<Engine> {
  const engine = await Engine.open(directory, storeOptions)
  const [first, second] = await engine.transaction(async (tx) => {
    const pages = [await tx.allocatePage(), await tx.allocatePage()] as const
    tx.write(pages[0], 0, Buffer.from('base'))
    return [pages[0].id, pages[1].id] as const
  })
  const loser = await engine.begin()
  const winner = await engine.begin()
  const losersPage = await loser.page(first)
  const winnersPage = await winner.page(second)
  loser.write(losersPage, 0, Buffer.from('lost'))
  const slot = winner.records.insert(winnersPage, Buffer.from('record'))
  loser.apply(losersPage, 64, Uint8Array.of(3))
  await engine.checkpoint()
  winner.records.update(winnersPage, slot, Buffer.from('RECORD'))
  await loser.rollback()
  await winner.nestedTopAction(async (actions) => {
    actions.apply(await actions.page(second), 64, Uint8Array.of(1))
  })
  await winner.commit()
  return engine
}

/** What tells whether anything was changed: content, size and time of every file. */
export function fingerprint(directory: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(directory, name)
    const { mtimeNs, ctimeNs, size, mode } = statSync(path, { bigint: true })
    hash.update(`${name} ${mtimeNs} ${ctimeNs} ${size} ${mode}\n`)
    if (statSync(path).isFile()) hash.update(readFileSync(path))
  }
  return hash.digest('hex')
}
