// The result of a run that never was, with values as a small cloud machine gives them: something of
// each kind that a report has to show.
import { ratioOf, type Spread, spreadOf } from '../../../bench/measure/spread.ts'
import type { Line, Plot, Role } from '../../../bench/result/plot.ts'
import {
  type BenchResult,
  type FinishedCase,
  resultFormat,
} from '../../../bench/result/result-file.ts'
import type { Row, Target, Unit } from '../../../bench/result/row.ts'
import { readSettings } from '../../../bench/settings.ts'
import { Random } from '../../support/random.ts'

const rounds = 5
const random = new Random(7)

/** Rounds around a value, a few percent apart. */
export function around(value: number, deviation = 0.05): Spread {
  const shares = Array.from({ length: rounds }, () => random.below(2001) / 1000 - 1)
  return spreadOf(shares.map((share) => value * (1 + share * deviation)))
}

function line(label: string, role: Role, points: readonly (readonly [number, number])[]): Line {
  return { label, role, points: points.map(([x, y]) => ({ x, y: around(y) })) }
}

function measuredRow(label: string, value: number, unit: Unit, note?: string): Row {
  return { label, measured: around(value), unit, ...(note === undefined ? {} : { note }) }
}

function against(row: Row, reference: Row, target?: Target): Row {
  const ratio = ratioOf(row.measured, reference.measured)
  const { label, measured } = reference
  const compared = { ...row, reference: { label, measured }, ratio }
  return target === undefined ? compared : { ...compared, target }
}

const met = (text: string): Target => ({ text, met: true })
const missed = (text: string, because?: string): Target =>
  because === undefined ? { text, met: false } : { text, met: false, because }

const fio = measuredRow('fio, 4 KiB write + fdatasync', 9580, '/s')
const commitLone: FinishedCase = {
  title: 'One awaited committer, 128 B',
  seconds: 41.2,
  rows: [
    fio,
    against(
      measuredRow('commit()', 7410, '/s', 'p50 114 us, p99 188 us'),
      fio,
      missed(
        '>= 0.85 x',
        'waking the thread of JavaScript takes 21 us of the 135 that a commit takes (row "native core, writer-thread")',
      ),
    ),
    against(measuredRow('commitSync()', 10_590, '/s', 'p50 92 us, p99 151 us'), fio, met('>= 1 x')),
    against(measuredRow('commit(), threads backend', 6890, '/s'), fio),
    against(measuredRow('native core, flush-sync', 10_820, '/s'), fio),
    against(measuredRow('lmdb', 2110, '/s', 'p50 451 us, p99 902 us'), fio),
    against(measuredRow('better-sqlite3', 3950, '/s', 'p50 238 us, p99 511 us'), fio),
  ],
  skipped: ['classic-level: no binary for this Node'],
}

const committers = [1, 4, 16, 64, 256, 1024]
const growth = (first: number, last: number): (readonly [number, number])[] =>
  committers.map((count, i) => [count, first * (last / first) ** (i / (committers.length - 1))])

const throughput: Plot = {
  name: 'throughput',
  title: 'Commits per second against committers, 128 B',
  caption:
    'Group commit makes one write of all commits that wait. The drive and the body are the same for all.',
  x: { label: 'awaited committers', scale: 'log' },
  y: { label: 'commits per second', unit: '/s', scale: 'log' },
  lines: [
    line('Seawall, commit()', 'own', growth(8000, 905_000)),
    line('Seawall, 1 KiB', 'own', growth(7600, 310_000)),
    line('fio, 4 KiB + fdatasync', 'limit', [[1, 9580]]),
    line('lmdb', 'peer', growth(2110, 61_000)),
    line('better-sqlite3', 'peer', growth(3950, 4100)),
    line('classic-level', 'peer', growth(3300, 24_000)),
  ],
}

function cumulative(label: string, role: Role, medianUs: number, width: number): Line {
  const points = Array.from({ length: 60 }, (_, i) => {
    const share = (i + 0.5) / 60
    const us = medianUs * Math.exp(width * Math.log(share / (1 - share)))
    return {
      x: us,
      y: spreadOf([0.985 * share * 100, share * 100, Math.min(100, 1.015 * share * 100)]),
    }
  })
  return { label, role, points }
}

const latency: Plot = {
  name: 'latency',
  title: 'Latency of commits, 64 committers',
  caption:
    'How many of the commits are durable after which time. A steep line is a predictable store.',
  x: { label: 'latency', unit: 'us', scale: 'log' },
  y: { label: 'commits that are durable', unit: '%', scale: 'linear' },
  lines: [
    cumulative('commit(), io_uring', 'own', 180, 0.16),
    cumulative('commit(), threads', 'own', 231, 0.2),
    cumulative('fio, 4 KiB + fdatasync', 'limit', 98, 0.1),
    cumulative('lmdb, 64 committers', 'peer', 1100, 0.24),
    cumulative('PostgreSQL 15, 64 clients', 'peer', 2400, 0.31),
  ],
}

const commitGroup: FinishedCase = {
  title: 'Many awaited committers',
  seconds: 132,
  rows: [
    {
      ...against(
        measuredRow(
          'commit(), 64 committers, 128 B',
          322_000,
          '/s',
          'p50 181 us, p99 402 us, 58 records a flush',
        ),
        measuredRow('lmdb, 64 committers', 31_000, '/s'),
        met('>= min(400 k, 3 x peer)'),
      ),
    },
    measuredRow('commit(), 64 committers, 128 B, log only grows', 251_000, '/s'),
    measuredRow('lmdb, 64 committers', 31_000, '/s'),
    measuredRow('  CPU', 4.1, 's per million', 'user and system, all threads'),
  ],
  plots: [throughput, latency],
}

const restart: Plot = {
  name: 'restart-time',
  title: 'Restart time against log size',
  caption:
    'Engine.open after SIGKILL. The time grows with the log since the checkpoint and with nothing else.',
  x: { label: 'log since the checkpoint', unit: 'MiB', scale: 'linear' },
  y: { label: 'Engine.open', unit: 'ms', scale: 'linear' },
  lines: [
    line('32 MiB of pages', 'own', [
      [32, 190],
      [64, 330],
      [128, 590],
      [256, 1150],
    ]),
    line('256 MiB of pages', 'own', [
      [32, 260],
      [64, 420],
      [128, 700],
      [256, 1290],
    ]),
  ],
}

const opened = (mebibytes: number, ms: number): Row =>
  measuredRow(`Engine.open, ${mebibytes} MiB since the checkpoint`, ms, 'ms')
const redo: FinishedCase = {
  title: 'Restart after SIGKILL, 100-byte updates of random pages',
  seconds: 78,
  rows: [
    {
      ...measuredRow('redo of 256 MiB of log, 64 MiB of pages', 231, 'MB/s'),
      target: missed('>= 250 MB/s'),
    },
    { ...measuredRow('  Engine.open', 1.31, 's') },
    opened(32, 190),
    against(opened(64, 330), opened(32, 190), met('<= 3.00 x')),
    against(opened(128, 590), opened(64, 330), met('<= 3.00 x')),
  ],
  plots: [restart],
}

const memory: FinishedCase = {
  title: 'Memory, and what a <script>alert("&")</script> in a title does',
  seconds: 12,
  rows: [
    { ...measuredRow('resident after 10 M records', 61.2, 'MiB'), target: met('<= 80 MiB') },
    measuredRow('write amplification', 1.37, 'bytes/byte', 'a note with <b>markup</b> & "quotes"'),
    {
      label: 'writes',
      measured: spreadOf([1.002]),
      unit: 'per commit',
      target: met('<= 1, or as fio'),
    },
    measuredRow('overhead of checkpoints', 6.2, '%'),
  ],
}

export const sampleResult: BenchResult = {
  format: resultFormat,
  date: '2026-03-14T09:26:53.589Z',
  machine: {
    kernel: '6.8.0-57-generic',
    cpu: 'AMD EPYC 7763 64-Core Processor',
    cpus: 2,
    load: 1.6,
    memoryGiB: 16,
    node: 'v20.20.2',
    fileSystem: 'ext4   rw,relatime,discard,errors=remount-ro',
    device: 'nvme0n1, write back, FUA 1, scheduler none',
    commit: 'a3b302f',
  },
  settings: readSettings(
    ['--seed', '7', '--rounds', `${rounds}`],
    '/home/user/seawall',
    '/home/user',
  ),
  disk: { pauses: 1, repeats: 2, bestProbeMs: 0.09 },
  seconds: 264,
  cases: { 'commit-lone': commitLone, 'commit-group': commitGroup, redo, memory },
}
