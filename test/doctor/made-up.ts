import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import type {
  BlockLayer,
  DirectoryFacts,
  Facts,
  MachineFacts,
  Measurement,
  MountFacts,
} from '../../lib/doctor/facts.ts'
import type { Finding } from '../../lib/doctor/finding.ts'
import type { System } from '../../lib/doctor/gather/system.ts'
import { temporaryDirectory } from '../support/temporary-directory.ts'

/** A machine made of files; values that begin with '->' are symbolic links. */
export function systemOf(
  files: Record<string, string>,
  tools: Record<string, string> = {},
): System {
  const root = temporaryDirectory()
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    if (text.startsWith('->')) symlinkSync(text.slice(2), join(root, path))
    else writeFileSync(join(root, path), text)
  }
  return {
    sys: join(root, 'sys'),
    proc: join(root, 'proc'),
    root,
    run: (command, args) => tools[[command, ...args].join(' ')] ?? '',
  }
}

export const machine: MachineFacts = {
  kernel: '6.8.0-31-generic',
  node: 'v20.0.0',
  processors: 8,
  isVirtual: false,
  product: 'Dell Inc. PowerEdge R650',
  container: '',
  hugePages: 'always [madvise] never',
}

export const mount: MountFacts = {
  number: '259:1',
  point: '/data',
  fileSystem: 'ext4',
  source: '/dev/nvme0n1p1',
  options: ['rw', 'relatime'],
}

export const drive: BlockLayer = {
  name: 'nvme0n1',
  number: '259:0',
  kind: 'disk',
  model: 'ACME 980',
  serial: 'S1',
  writeCache: 'write back',
  deviceCache: 'volatile',
  deviceCacheSource: 'the drive (nvme id-ctrl)',
  fua: true,
  logicalBlockBytes: 512,
  physicalBlockBytes: 4096,
  atomicMinBytes: 0,
  atomicMaxBytes: 0,
  atomicBoundaryBytes: 0,
  isRotational: false,
  isRemovable: false,
  scheduler: 'none',
  startBytes: undefined,
  detail: '',
  below: [],
}

export const directory: DirectoryFacts = {
  path: '/data/log',
  isReadable: true,
  leftovers: [],
  log: undefined,
}

export function row(id: string, p50Us: number, p99Us = p50Us * 2): Measurement {
  const operationsPerSecond = Math.round(1e6 / p50Us)
  const head = { id, method: id, writeBytes: 4096, operations: 100, skipped: '' }
  return { ...head, operationsPerSecond, p50Us, p99Us, maxUs: p99Us }
}

/** A machine with nothing to find fault with. */
export const facts: Facts = {
  directory,
  machine,
  ioUring: { disabled: '0', seccomp: '0' },
  addon: { hasIoUring: true },
  limits: { lockedMemoryBytes: 8_388_608, fileBytes: 'unlimited', openFiles: 1024 },
  mount,
  fileSystem: { hasJournal: true, errors: 0, zfsSync: '' },
  space: { freeBytes: 2 ** 38, totalBytes: 2 ** 39, freeFiles: 1e6, totalFiles: 2e6 },
  layers: [
    {
      ...drive,
      name: 'nvme0n1p1',
      number: '259:1',
      kind: 'partition',
      writeCache: '',
      deviceCache: '',
      startBytes: 1_048_576,
      below: ['nvme0n1'],
    },
    drive,
  ],
  controlGroup: { writeLimits: [], processors: undefined },
  measured: {
    notMeasured: '',
    isRefused: false,
    trial: { backend: 'io_uring', backendReason: '', directIO: true, ioAlignmentBytes: 512 },
    rows: [
      row('fdatasync', 900),
      row('grow', 2000),
      row('direct-write', 40),
      row('direct-fdatasync', 800),
      row('commit-1', 820),
      row('commit-64', 900),
    ],
  },
}

/** `level id: sentence -> advice`, one finding a line. */
export function inLines(found: Finding | readonly Finding[]): string {
  const findings = Array.isArray(found) ? (found as readonly Finding[]) : [found as Finding]
  return findings
    .map(({ level, id, sentence, advice }) => `${level} ${id}: ${sentence} -> ${advice ?? ''}`)
    .join('\n')
}
