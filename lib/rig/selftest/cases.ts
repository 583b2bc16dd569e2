import type { CutLabel } from '../judge/proof.ts'
import type { Verdict } from '../judge/verdict.ts'
import type { WriteMode } from '../protocol/messages.ts'
import { exitCodes } from '../rig-error.ts'
import type { DeviceFault, DeviceShape } from './simulated-device.ts'

/** A row of the selftest: what is under test, what is wrong with it, what must be reported. */
export interface SelftestCase {
  readonly name: string
  readonly device?: DeviceShape & { fault: DeviceFault; mode: WriteMode; depth: number }
  /** The real engine in a temporary directory; its agent is killed instead of a power cut. */
  readonly engine?: true
  readonly cycles: number
  readonly cuts?: string
  /** Between the cuts, what is done to the observer. */
  readonly observer?: 'kill' | 'demand-more'
  readonly expect: {
    readonly exitCode: number
    /** At least one of these; an empty list: nothing may be reported. */
    readonly verdict?: Verdict
    readonly label?: CutLabel
    readonly validCuts?: number
  }
}

const mib = 1024 * 1024
const blocks4k: DeviceShape = { bytes: 8 * mib, blockBytes: 4096, atomicBytes: 4096 }
const blocks512: DeviceShape = { bytes: 2 * mib, blockBytes: 512, atomicBytes: 4096 }

function broken(name: string, fault: DeviceFault, verdict: Verdict, more = {}): SelftestCase {
  return {
    name,
    device: { ...blocks4k, fault, mode: 'mixed', depth: 8, ...more },
    cycles: 4,
    expect: { exitCode: exitCodes.device, verdict },
  }
}

export const selftestCases: readonly SelftestCase[] = [
  {
    name: 'honest device, flushes, depth 32',
    device: { ...blocks4k, fault: 'none', mode: 'flush', depth: 32 },
    cycles: 3,
    expect: { exitCode: exitCodes.clean, label: 'power cut', validCuts: 3 },
  },
  {
    name: 'honest device, FUA, 512-byte blocks',
    device: { ...blocks512, fault: 'none', mode: 'fua', depth: 4 },
    cycles: 2,
    cuts: 'ack,idle',
    expect: { exitCode: exitCodes.clean, label: 'power cut', validCuts: 2 },
  },
  {
    name: 'honest device, mixed, cut in recovery',
    device: { ...blocks512, fault: 'none', mode: 'mixed', depth: 16 },
    cycles: 4,
    cuts: 'recovery,flush',
    expect: { exitCode: exitCodes.clean, label: 'power cut' },
  },
  {
    name: 'honest device, observer killed -9',
    device: { ...blocks4k, fault: 'none', mode: 'mixed', depth: 8 },
    cycles: 2,
    observer: 'kill',
    expect: { exitCode: exitCodes.clean, label: 'power cut', validCuts: 2 },
  },
  broken('flush does nothing', 'flush-dropped', 'FLUSH_LOST', { mode: 'flush' }),
  broken('FUA is ignored', 'through-ignored', 'FUA_LOST', { mode: 'fua' }),
  broken('4 KiB unit of 512-byte blocks is torn', 'torn-unit', 'TORN', {
    ...blocks512,
    mode: 'flush',
  }),
  broken('4 KiB block is torn', 'shorn-block', 'SHORN_BLOCK', { mode: 'flush' }),
  broken('write lands elsewhere', 'misdirected', 'MISDIRECTED'),
  broken('block goes back to an older version', 'old-version', 'OLD_VERSION', { bytes: 2 * mib }),
  broken('bits flip', 'bit-rot', 'CORRUPT'),
  broken('neighbours are damaged', 'neighbours', 'COLLATERAL', { depth: 1 }),
  broken('block cannot be read', 'unreadable', 'UNREADABLE'),
  broken('device does not come back', 'gone', 'DEVICE_GONE'),
  {
    name: 'reset that keeps the cache, flush does nothing',
    device: { ...blocks4k, fault: 'warm-reset', mode: 'flush', depth: 8 },
    cycles: 2,
    expect: { exitCode: exitCodes.inconclusive, label: 'reset only', validCuts: 0 },
  },
  {
    name: 'engine, SIGKILL',
    engine: true,
    cycles: 3,
    cuts: 'uniform,ack,checkpoint,recovery',
    expect: { exitCode: exitCodes.inconclusive, label: 'process kill', validCuts: 0 },
  },
  {
    name: 'engine, ledger that demands more',
    engine: true,
    cycles: 1,
    observer: 'demand-more',
    expect: { exitCode: exitCodes.engine, verdict: 'ACK_LOST' },
  },
]
