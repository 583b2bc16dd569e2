import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { deviceName, diskArguments, type DiskOptions } from './machine-disk.ts'
import { encodePlan, type MachinePlan } from './plan/machine-plan.ts'

const folder = fileURLToPath(new URL('../../build/crash/machine', import.meta.url))
const memoryMiB = 512

export interface MachineOptions {
  readonly plan: MachinePlan
  readonly disk: DiskOptions
  readonly fileSystem: 'xfs' | 'ext4'
  /** The kernel believes that the disk has no volatile cache, and never flushes it. */
  readonly writeThrough: boolean
  /** Times that the NVMe driver tries again. Default: the driver's. */
  readonly nvmeRetries: number | undefined
  /** For the socket and the console's output. */
  readonly directory: string
  readonly secondsMax: number
  /** A line from the machine. */
  onLine(line: string, machine: { kill(): void }): void
}

export interface MachineOutcome {
  readonly how: 'ended' | 'killed' | 'too slow' | 'broken'
  /** What QEMU, the kernel and the programs said. */
  readonly console: string
}

/** Boots a machine, lets it do what the plan says, and returns when it is off. */
export async function runMachine(options: MachineOptions): Promise<MachineOutcome> {
  const { directory, secondsMax } = options
  const socketPath = join(directory, 'wire')
  const consolePath = join(directory, 'console')
  const lines = new LineReader((line) => options.onLine(line, { kill: () => stop('killed') }))
  const server = createServer((socket) => lines.read(socket))
  server.listen(socketPath)
  await once(server, 'listening')
  const output = openSync(consolePath, 'w')
  const qemu = start(options, socketPath, output)
  closeSync(output)
  let how: MachineOutcome['how'] = 'ended'
  const stop = (why: MachineOutcome['how']): void => {
    how = why
    qemu.kill('SIGKILL')
  }
  const timer = setTimeout(() => stop('too slow'), 1000 * secondsMax)
  try {
    const [code] = (await once(qemu, 'exit')) as [number | null]
    // What it said is still in the socket.
    await lines.ended()
    if (how === 'ended' && code !== 0) how = 'broken'
  } finally {
    clearTimeout(timer)
    server.close()
  }
  return { how, console: readFileSync(consolePath, 'latin1') }
}

function start(options: MachineOptions, socketPath: string, output: number): ChildProcess {
  // It must not outlive this process, whatever ends it.
  const program = ['--pdeathsig', 'KILL', 'nice', '-n', '10', 'qemu-system-x86_64']
  const disk = { driver: 'file', filename: join(folder, 'node.img'), 'node-name': 'node-image' }
  const args = [
    ...['-machine', 'q35,accel=tcg', '-cpu', 'max', '-m', String(memoryMiB), '-smp', '1'],
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot'],
    ...['-serial', 'stdio', '-monitor', 'none'],
    ...['-kernel', join(folder, 'vmlinuz'), '-initrd', join(folder, 'initramfs.gz')],
    ...['-append', kernelCommandLine(options)],
    ...['-blockdev', JSON.stringify({ ...disk, 'read-only': true })],
    ...['-device', 'virtio-blk-pci,drive=node-image'],
    ...diskArguments(options.disk),
    ...['-chardev', `socket,id=wire,path=${socketPath}`],
    ...['-device', 'virtio-serial-pci', '-device', 'virtserialport,chardev=wire'],
  ]
  return spawn('setpriv', [...program, ...args], { stdio: ['ignore', output, output] })
}

function kernelCommandLine(options: MachineOptions): string {
  const { plan, disk, fileSystem, writeThrough, nvmeRetries } = options
  return [
    'console=ttyS0 quiet panic=-1 nokaslr mitigations=off random.trust_cpu=on',
    ...(nvmeRetries === undefined ? [] : [`nvme_core.max_retries=${nvmeRetries}`]),
    `DEVICE=${deviceName(disk)} FILE_SYSTEM=${fileSystem} MOUNT_OPTIONS=noatime`,
    ...(writeThrough ? ['WRITE_CACHE=through'] : []),
    `PLAN=${encodePlan(plan)}`,
  ].join(' ')
}

class LineReader {
  readonly #onLine: (line: string) => void
  readonly #ends: Promise<unknown>[] = []
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  read(socket: Socket): void {
    this.#ends.push(new Promise((resolve) => socket.on('close', resolve)))
    socket.on('error', () => {})
    socket.on('data', (data: Buffer) => {
      const lines = (this.#rest + data.toString('latin1')).split('\n')
      this.#rest = lines.pop() ?? ''
      for (const line of lines) this.#onLine(line)
    })
  }

  async ended(): Promise<void> {
    await Promise.all(this.#ends)
  }
}
