import { spawn } from 'node:child_process'

import { runAgent } from '../../rig/agent/agent.ts'
import type { ProbeOptions } from '../../rig/agent/open-probes.ts'
import { RigError } from '../../rig/rig-error.ts'
import { CommandLine, type OptionRule } from '../command-line.ts'
import type { Command } from '../commands.ts'
import { toolVersion } from '../tool-version.ts'

const mib = 1024 * 1024
// Flushes, both files of a target and Node itself need threads, too.
const spareThreads = 8
const depthMax = 64
const forwarded = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const rules: Record<string, OptionRule> = {
  observer: { value: 'HOST:PORT', help: 'needed: where the observer listens' },
  device: { value: 'PATH', help: 'probe A: a raw block device, which is OVERWRITTEN' },
  file: { value: 'PATH', help: 'probe C: a file, which is created' },
  engine: { value: 'DIR', help: 'probe B: a directory for a Seawall engine' },
  serial: { value: 'TEXT', help: 'serial number of the device, if it holds anything' },
  bytes: { value: 'N', help: 'how much of the device and the file is used (default 64M)' },
  mode: { value: 'MODE', help: 'flush, fua or mixed (default mixed)' },
  depth: { value: 'N', help: 'writes in flight, 1 to 64 (default 16)' },
  'max-write-bytes': { value: 'N', help: 'largest write, up to 1M (default 1M)' },
  'atomic-bytes': { value: 'N', help: 'what a power cut may not tear (default: physical block)' },
  lanes: { value: 'N', help: 'transactions side by side, 1 to 32 (default 32)' },
  'device-timeout-ms': {
    value: 'N',
    help: 'how long a missing target is waited for (default 10000)',
  },
  'connect-timeout-ms': {
    value: 'N',
    help: 'how long the observer is looked for (default: a day)',
  },
  json: { help: 'print why it ended as JSON' },
}

function probeOptions(line: CommandLine): ProbeOptions {
  const [device, file, engine] = [line.text('device'), line.text('file'), line.text('engine')]
  if (device === undefined && file === undefined && engine === undefined) {
    throw new RigError('there is nothing to test: give --device, --file or --engine')
  }
  const maxWriteBytes = line.bytes('max-write-bytes', mib)
  if (maxWriteBytes > mib || (maxWriteBytes & (maxWriteBytes - 1)) !== 0) {
    throw new RigError(`--max-write-bytes must be a power of two up to 1M, not ${maxWriteBytes}`)
  }
  return {
    device,
    file,
    engine,
    bytes: line.bytes('bytes', 64 * mib),
    mode: line.choice('mode', 'mixed', ['flush', 'fua', 'mixed']),
    depth: line.integer('depth', 16, 1, depthMax),
    maxWriteBytes,
    atomicBytes:
      line.text('atomic-bytes') === undefined ? undefined : line.bytes('atomic-bytes', 0),
    serial: line.text('serial'),
    lanes: line.integer('lanes', 32, 1, 32),
    deviceTimeoutMs: line.integer('device-timeout-ms', 10_000, 0, 3_600_000),
  }
}

// Node starts its threads before any of our code runs: too few of them, and writes would wait for
// each other.
function withThreads(
  threads: number,
  args: readonly string[],
  self: readonly string[],
): Promise<number> {
  const [program = process.execPath, ...first] = self
  const child = spawn(program, [...first, 'rig', 'agent', ...args], {
    stdio: 'inherit',
    env: { ...process.env, UV_THREADPOOL_SIZE: String(threads) },
  })
  for (const signal of forwarded) process.on(signal, () => child.kill(signal))
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 3)))
}

/** `seawall rig agent`. */
export const command: Command = {
  run: async (args, self) => {
    const line = new CommandLine(
      'seawall rig agent',
      'Works on the drive under test and says what it does, until the power is cut. Start it at ' +
        'boot. Needs --observer and at least one of --device, --file, --engine; ' +
        'docs/POWER-LOSS-RIG.md.\n' +
        'Exit code 0: the observer says that the run is over; 3: it could not work.',
      rules,
      args,
    )
    if (line.isHelp) {
      console.log(line.usage)
      return 0
    }
    const [, host, port] = /^(.+):(\d+)$/.exec(line.required('observer')) ?? []
    if (host === undefined || port === undefined) {
      throw new RigError('--observer must be HOST:PORT')
    }
    const options = probeOptions(line)
    const connectTimeoutMs = line.integer('connect-timeout-ms', 86_400_000, 0, 2 ** 31 - 1)
    const threads = options.depth + spareThreads
    if (Number(process.env.UV_THREADPOOL_SIZE ?? 4) < threads) {
      return withThreads(threads, args, self)
    }
    const reason = await runAgent({
      ...options,
      host,
      port: Number(port),
      connectTimeoutMs,
      tool: toolVersion(),
      say: (text) => console.error(text),
    })
    if (line.switch('json')) console.log(JSON.stringify({ reason }))
    else console.error(reason)
    return 0
  },
}
