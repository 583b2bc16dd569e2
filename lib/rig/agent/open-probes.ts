import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from 'node:fs'
import { mkdir, open, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { frameType } from '../protocol/frame.ts'
import type {
  BlockShape,
  Fingerprint,
  PowerCounters,
  ProbeHello,
  ProbeKind,
  ResumeEnd,
  WriteMode,
} from '../protocol/messages.ts'
import { RigError } from '../rig-error.ts'
import { isRigBlock, runBytes, writeBlock } from '../workload/block-content.ts'
import type { AgentProbe } from './agent-probe.ts'
import { BlockProbe } from './block-probe.ts'
import type { BlockTarget } from './block-target.ts'
import { FileTarget } from './file-target.ts'
import { deviceFingerprint, mountFingerprint, powerCounters } from './fingerprint.ts'
import { checkDevice } from './safety.ts'
import { signatureBytes } from './signatures.ts'
import { SimulatedTarget } from './simulated-target.ts'
import { type BlockDevice, blockDevice, deviceNumber, textOf } from './system-files.ts'

/** What to test, as the command line says. */
export interface ProbeOptions {
  readonly device?: string | undefined
  readonly file?: string | undefined
  readonly engine?: string | undefined
  /** Bytes of the device and of the file that are used. */
  readonly bytes: number
  readonly mode: WriteMode
  readonly depth: number
  readonly maxWriteBytes: number
  /** Default: the physical block size. */
  readonly atomicBytes?: number | undefined
  readonly serial?: string | undefined
  readonly lanes: number
  /** How long a target that is not there is waited for: devices appear late after a boot. */
  readonly deviceTimeoutMs: number
}

const simulatedPrefix = 'sim:'
const markerName = 'seawall-rig'
const pagesPerLane = 8
const openRetryMs = 100
// What is known of each block must fit into one entry of the ledger.
const blocksMax = 1024 * 1024
const zeroBytes = 1024 * 1024
const defaultBlockBytes = 512
// sysfs counts in these, whatever the device.
const sectorBytes = 512
const noRun = '00000000-0000-0000-0000-000000000000'

/** Opens everything for one session. What cannot be opened is a probe that says why. */
export async function openProbes(options: ProbeOptions): Promise<AgentProbe[]> {
  const probes: AgentProbe[] = []
  const { device, file, engine } = options
  if (device !== undefined) {
    probes.push(await blockProbe('device', device, options, () => openDevice(device, options)))
  }
  if (file !== undefined) {
    probes.push(await blockProbe('file', file, options, () => openFile(file, options)))
  }
  if (engine !== undefined) probes.push(await engineProbe(engine, options))
  return probes
}

async function blockProbe(
  kind: ProbeKind,
  path: string,
  options: ProbeOptions,
  openTarget: () => Promise<BlockTarget>,
): Promise<AgentProbe> {
  let target: BlockTarget
  let block: BlockShape
  try {
    target = await openPatiently(openTarget, options.deviceTimeoutMs)
    block = shapeOf(target, options)
  } catch (error) {
    return failedProbe({ kind, target: path, fingerprint: {}, error: (error as Error).message })
  }
  const { fingerprint, counters } = target
  const hello: ProbeHello = { kind, target: path, block, fingerprint }
  return new BlockProbe(target, block, counters === undefined ? hello : { ...hello, counters })
}

// A refusal stays one; what the system refuses may be there a little later.
async function openPatiently(
  openTarget: () => Promise<BlockTarget>,
  timeoutMs: number,
): Promise<BlockTarget> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    try {
      return await openTarget()
    } catch (error) {
      if (error instanceof RigError || Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, openRetryMs))
    }
  }
}

function shapeOf(target: BlockTarget, options: ProbeOptions): BlockShape {
  const { blockBytes } = target
  const blocks = Math.floor(Math.min(target.bytes, options.bytes) / blockBytes)
  const atomicBytes = Math.max(blockBytes, options.atomicBytes ?? target.wholeUnitBytes)
  if (blocks > blocksMax) {
    throw new RigError(`${blocks} blocks of ${blockBytes} bytes are too many: lower --bytes`)
  }
  const maxWriteBytes = Math.max(blockBytes, Math.min(options.maxWriteBytes, blocks * blockBytes))
  const { mode, depth } = options
  return { blockBytes, blocks, atomicBytes, maxWriteBytes, mode, depth }
}

/** Says why its target cannot be used. */
function failedProbe(hello: ProbeHello): AgentProbe {
  return {
    hello,
    resume: async ({ link, probe }) => {
      const { error = 'gone' } = hello
      link.sendJson(frameType.resumeEnd, { error, durationMs: 0 } satisfies ResumeEnd, probe)
    },
    start: () => {},
    confirmed: () => {},
    pause: async () => {},
    stop: async () => {},
  }
}

async function openDevice(path: string, options: ProbeOptions): Promise<BlockTarget> {
  if (path.startsWith(simulatedPrefix)) {
    return SimulatedTarget.open(path.slice(simulatedPrefix.length))
  }
  const info = statSync(path)
  if (!info.isBlockDevice()) {
    throw new RigError(`${path} is not a block device; a file is tested with --file`)
  }
  const device = blockDevice(deviceNumber(info.rdev))
  if (device === undefined) throw new RigError(`${path} is not in sysfs`)
  checkDevice(path, device, headOf(path, signatureBytes), options.serial)
  const sectors = Number(textOf(join(device.directory, 'size')))
  return FileTarget.open(path, {
    bytes: sectors * sectorBytes,
    isDevice: true,
    blockBytes: blockSizeOf(device),
    wholeUnitBytes: wholeUnitOf(device),
    ...identityOf(device),
  })
}

function identityOf(device: BlockDevice | undefined): {
  fingerprint: Fingerprint
  counters: PowerCounters | undefined
} {
  if (device === undefined) return { fingerprint: {}, counters: undefined }
  return { fingerprint: deviceFingerprint(device), counters: powerCounters(device) }
}

function queueNumber(device: BlockDevice | undefined, file: string): number {
  return device === undefined ? 0 : Number(textOf(join(device.disk, 'queue', file)))
}

function blockSizeOf(device: BlockDevice | undefined): number {
  return queueNumber(device, 'logical_block_size') || defaultBlockBytes
}

// A partition that begins in the middle of a physical block has no unit that is written whole.
function wholeUnitOf(device: BlockDevice): number {
  const unit = queueNumber(device, 'physical_block_size') || blockSizeOf(device)
  const startBytes = Number(textOf(join(device.directory, 'start'))) * sectorBytes
  const offsetBytes = Number(textOf(join(device.disk, 'alignment_offset')))
  return (startBytes + offsetBytes) % unit === 0 ? unit : blockSizeOf(device)
}

async function openFile(path: string, options: ProbeOptions): Promise<BlockTarget> {
  if (!existsSync(path)) await createFile(path, options.bytes)
  const info = statSync(path)
  if (!info.isFile()) throw new RigError(`${path} is refused: it is not a regular file`)
  if (!isRigBlock(headOf(path, 512))) {
    throw new RigError(`${path} is refused: it exists, and the rig has not made it`)
  }
  const number = deviceNumber(info.dev)
  const device = blockDevice(number)
  const identity = identityOf(device)
  return FileTarget.open(path, {
    bytes: info.size,
    isDevice: false,
    blockBytes: blockSizeOf(device),
    // Where in the device a file's blocks lie is not known, nor what they share a unit with.
    wholeUnitBytes: blockSizeOf(device),
    ...identity,
    fingerprint: { ...mountFingerprint(path, number), ...identity.fingerprint },
  })
}

// Written with zeros, so that later writes change no metadata; under another name until it is
// whole, and marked as the rig's own.
async function createFile(path: string, bytes: number): Promise<void> {
  const temporary = `${path}.seawall-rig-new`
  const file = await open(temporary, 'w')
  const zeros = Buffer.alloc(zeroBytes)
  writeBlock(zeros, 0, 512, { seed: 0, run: runBytes(noRun) }, { block: 0, seq: 0, previous: 0 })
  for (let at = 0; at < bytes; at += zeroBytes) {
    await file.write(zeros, 0, Math.min(zeroBytes, bytes - at), at)
    zeros.fill(0)
  }
  await file.sync()
  await file.close()
  await rename(temporary, path)
  const directory = await open(dirname(path), 'r')
  await directory.sync()
  await directory.close()
}

function headOf(path: string, bytes: number): Buffer {
  const head = Buffer.alloc(bytes)
  const file = openSync(path, 'r')
  try {
    return head.subarray(0, readSync(file, head, 0, bytes, 0))
  } finally {
    closeSync(file)
  }
}

async function engineProbe(path: string, { lanes }: ProbeOptions): Promise<AgentProbe> {
  const fail = (error: string): AgentProbe =>
    failedProbe({ kind: 'engine', target: path, fingerprint: {}, error })
  try {
    await mkdir(path, { recursive: true })
    const entries = readdirSync(path)
    if (entries.length > 0 && !entries.includes(markerName)) {
      return fail(`${path} is refused: it is not empty, and the rig has not made it`)
    }
    await writeFile(join(path, markerName), 'Made by seawall rig agent.\n')
    // Only an agent that tests the engine loads the addon.
    const { EngineProbe, engineBodyBytes } = await import('./engine-probe.ts')
    const engine = { lanes, pagesPerLane, bodyBytes: engineBodyBytes }
    const number = deviceNumber(statSync(path).dev)
    const { fingerprint, counters } = identityOf(blockDevice(number))
    const hello: ProbeHello = {
      kind: 'engine',
      target: path,
      engine,
      fingerprint: { ...mountFingerprint(path, number), ...fingerprint },
      ...(counters === undefined ? {} : { counters }),
    }
    return new EngineProbe(path, engine, hello)
  } catch (error) {
    return fail((error as Error).message)
  }
}
