import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

import { pathOf, type PostgresProgram } from '../install/postgres-packages.ts'

const execFileAsync = promisify(execFile)
const startTimeoutMs = 30_000
const pollMs = 50
const unprivilegedUser = 'postgres'

function isRoot(): boolean {
  return process.getuid?.() === 0
}

function isRunning({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid !== undefined && exitCode === null && signalCode === null
}

/**
 * A command line that runs `program` as somebody who is not root (PostgreSQL refuses root) and
 * sends it `deathSignal` when this process ends, however it ends.
 */
function commandLine(program: PostgresProgram, args: readonly string[], deathSignal: string) {
  const user = ['--reuid', unprivilegedUser, '--regid', unprivilegedUser, '--clear-groups']
  return [
    ...(isRoot() ? user : []),
    ...['--pdeathsig', deathSignal, '--', pathOf(program), ...args],
  ]
}

// Without PGHOST, PGOPTIONS and so on.
const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' }

function run(command: string, args: string[], environment: Record<string, string> = env): void {
  const options = { cwd: '/', env: environment, encoding: 'utf8' } as const
  const { status, stderr, error } = spawnSync(command, args, options)
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(stderr.trim() || `${command}: status ${status}`)
}

/**
 * A database cluster of its own in a directory of its own. The server is reached through an
 * abstract socket (no file, no limit to the length of the path), by the user that runs it only.
 * When this process exits, the server is stopped and the directory removed; when it dies by a signal
 * that nobody handles, the server dies too.
 */
export class PostgresServer {
  readonly #directory: string
  readonly #data: string
  readonly #log: string
  readonly #socket = `@seawall-bench-${process.pid}`
  readonly #onExit = (): void => this.#remove()
  #child: ChildProcess | undefined

  private constructor(directory: string) {
    this.#directory = directory
    this.#data = join(directory, 'data')
    this.#log = join(directory, 'server.log')
  }

  /** Rejects with an Error that says what the server, or initdb, had to say. */
  static async start(
    directory: string,
    settings: Readonly<Record<string, string>>,
  ): Promise<PostgresServer> {
    const server = new PostgresServer(directory)
    // Before other listeners, which may remove directories around this one.
    process.prependOnceListener('exit', server.#onExit)
    try {
      server.#initialize()
      await server.#listen(settings)
    } catch (error) {
      await server.stop()
      throw error
    }
    return server
  }

  get directory(): string {
    return this.#directory
  }

  /** Of the process that all others of the server are children of. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Blocks the thread, so that no signal handler removes the directory meanwhile. */
  #initialize(): void {
    rmSync(this.#directory, { recursive: true, force: true })
    mkdirSync(this.#directory, { recursive: true })
    if (isRoot()) run('chown', [`${unprivilegedUser}:`, this.#directory])
    this.runBlocking('initdb', ['-D', this.#data, '--auth=peer', '--encoding=UTF8', '--locale=C'])
  }

  async #listen(settings: Readonly<Record<string, string>>): Promise<void> {
    const all = { ...settings, listen_addresses: '', unix_socket_directories: this.#socket }
    const args = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const log = openSync(this.#log, 'a')
    // SIGQUIT is an immediate shutdown: nothing is written that will be removed anyway.
    const line = commandLine('postgres', ['-D', this.#data, ...args], 'QUIT')
    const stdio = ['ignore', log, log] as const
    const child = spawn('setpriv', line, { cwd: '/', env, stdio: [...stdio] })
    this.#child = child
    closeSync(log)
    // A child that could not be started has no pid, which is looked at below.
    child.on('error', () => {})
    const deadline = performance.now() + startTimeoutMs
    while (!this.#accepts()) {
      if (!isRunning(child) || performance.now() > deadline) {
        throw new Error(`the server did not start: ${this.#lastLogLine()}`)
      }
      await sleep(pollMs)
    }
  }

  #accepts(): boolean {
    const { status } = spawnSync(pathOf('pg_isready'), ['-h', this.#socket, '-q'], { env })
    return status === 0
  }

  #lastLogLine(): string {
    return readFileSync(this.#log, 'utf8').trim().split('\n').at(-1) ?? ''
  }

  /** Runs a client or initdb to its end. Throws when it fails. */
  runBlocking(program: PostgresProgram, args: readonly string[]): void {
    run('setpriv', commandLine(program, args, 'TERM'), this.#clientEnv)
  }

  /** Runs a client and returns what it printed. */
  async runClient(program: PostgresProgram, args: readonly string[]): Promise<string> {
    const options = { cwd: '/', env: this.#clientEnv }
    const { stdout } = await execFileAsync('setpriv', commandLine(program, args, 'TERM'), options)
    return stdout
  }

  get #clientEnv(): Record<string, string> {
    return { ...env, PGHOST: this.#socket, PGDATABASE: 'postgres' }
  }

  /** Stops the server and removes the directory. */
  async stop(): Promise<void> {
    const child = this.#child
    if (child !== undefined && isRunning(child)) {
      const exited = once(child, 'exit')
      child.kill('SIGQUIT')
      await exited
    }
    process.off('exit', this.#onExit)
    this.#remove()
  }

  /** Also while the server is still ending: then what it writes meanwhile is removed again. */
  #remove(): void {
    this.#child?.kill('SIGQUIT')
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
  }
}
