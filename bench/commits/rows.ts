import { limitRow, ratioRow } from '../cases/targets.ts'
import { rocksdbName } from '../install/rocksdb-packages.ts'
import { detailOf, type Samples, valuesOf } from '../measure/rounds.ts'
import { ratioOf, type Spread, spreadOf } from '../measure/spread.ts'
import type { Row, Target } from '../result/row.ts'
import { type CommitEngine, cellInWords } from './engine.ts'
import { fioEveryGroup, fioEveryWrite } from './fio-engines.ts'
import type { MeasuredCell } from './measure-cells.ts'

export const ownName = 'Seawall'
const smallBytes = 128
const largeBytes = 64 * 1024
const groupCommitters = 64
const manyCommitters = 1024
const groupFactors = { lmdb: 3, [rocksdbName]: 5 }
const manyPerSecond = 1_000_000
const bandwidthFactor = 0.95
const copiedFirst =
  'a record is copied into the buffer (58 us for 1 MiB) and checksummed (33 us) before its write ' +
  'begins, and a lone committer has nothing else under way meanwhile (docs/decisions/0007)'

export function detailSpread(samples: Samples, name: string, detail: string): Spread {
  return spreadOf((samples.get(name) ?? []).map(({ details }) => Number(details?.[detail])))
}

function noteOf(samples: Samples, name: string): string {
  const detail = (key: string): number => detailOf(samples, name, key)
  const parts = [
    ['p50', 'p50Us', 0, 'us'],
    ['p99', 'p99Us', 0, 'us'],
    ['CPU', 'cpuSecondsPerMillion', 1, 's per million'],
    ['flushes', 'flushesPerCommit', 3, 'per commit'],
    ['device bytes', 'writeAmplification', 1, 'per byte'],
    ['memory', 'memoryGrowthMib', 0, 'MiB more'],
  ] as const
  return parts
    .filter(([, key]) => Number.isFinite(detail(key)))
    .map(([word, key, digits, unit]) => `${word} ${detail(key).toFixed(digits)} ${unit}`)
    .join(', ')
}

function peersIn({ samples }: MeasuredCell, engines: readonly CommitEngine[]): string[] {
  return engines
    .filter(({ role, name }) => role === 'peer' && samples.has(name))
    .map(({ name }) => name)
}

/** Rounds of both that were measured: a peer may have had fewer. */
function commonRounds(a: Spread, b: Spread): Spread {
  return a.values.length <= b.values.length ? a : spreadOf(a.values.slice(0, b.values.length))
}

function against(samples: Samples, label: string, peer: string, factor: number): Row {
  const measured = valuesOf(samples, ownName)
  const reference = { label: peer, measured: valuesOf(samples, peer) }
  const ratio = ratioOf(commonRounds(measured, reference.measured), reference.measured)
  const target: Target = { text: `>= ${factor} x ${peer}`, met: ratio.median >= factor }
  return { label, measured, unit: '/s', reference, ratio, target }
}

/** Ahead of the best peer there, and what every engine did. */
function rateRows(cell: MeasuredCell, engines: readonly CommitEngine[]): Row[] {
  const { samples } = cell
  const [best] = peersIn(cell, engines).sort(
    (a, b) => valuesOf(samples, b).median - valuesOf(samples, a).median,
  )
  const label = cellInWords(cell)
  const note = noteOf(samples, ownName)
  const own: Row =
    best === undefined
      ? { label, measured: valuesOf(samples, ownName), unit: '/s', note }
      : { ...against(samples, label, best, 1), note }
  const others = engines
    .filter(({ name }) => name !== ownName && samples.has(name))
    .map(({ name }): Row => {
      const row = {
        label: `  ${label}: ${name}`,
        measured: valuesOf(samples, name),
        unit: '/s' as const,
      }
      return { ...row, note: noteOf(samples, name), isDetail: true }
    })
  return [own, ...others]
}

function bandwidthOf({ samples, bodyBytes }: MeasuredCell, name: string): Spread {
  return spreadOf(valuesOf(samples, name).values.map((value) => (value * bodyBytes) / 1e6))
}

/** The drive's bandwidth: wanted against a sync for every write; one for every group beside it. */
function bandwidthRows(cell: MeasuredCell): Row[] {
  const row = (name: string, factor?: number): Row => {
    const base = {
      label: `${cellInWords(cell)}, bandwidth against ${name}`,
      measured: bandwidthOf(cell, ownName),
      unit: 'MB/s' as const,
      reference: { label: name, measured: bandwidthOf(cell, name) },
    }
    return ratioRow(base, factor, cell.committers === 1 ? copiedFirst : undefined)
  }
  if (!cell.samples.has(fioEveryWrite)) return []
  const rows = [row(fioEveryWrite, bandwidthFactor)]
  if (cell.samples.has(fioEveryGroup)) rows.push(row(fioEveryGroup))
  return rows
}

/** CPU time for a commit: below that of the peer that needs least. */
function cpuRow(cell: MeasuredCell, engines: readonly CommitEngine[]): Row[] {
  const spread = (name: string): Spread => detailSpread(cell.samples, name, 'cpuSecondsPerMillion')
  const [least] = peersIn(cell, engines)
    .filter((name) => Number.isFinite(spread(name).median))
    .sort((a, b) => spread(a).median - spread(b).median)
  if (least === undefined) return []
  const measured = spread(ownName)
  const reference = { label: least, measured: spread(least) }
  const ratio = ratioOf(commonRounds(measured, reference.measured), reference.measured)
  const target: Target = { text: `<= 1 x ${least}`, met: ratio.median <= 1 }
  const label = `${cellInWords(cell)}, CPU time per million commits`
  return [{ label, measured, unit: 's per million', reference, ratio, target }]
}

function groupRows(cell: MeasuredCell): Row[] {
  return Object.entries(groupFactors)
    .filter(([peer]) => cell.samples.has(peer))
    .map(([peer, factor]) =>
      against(cell.samples, `${cellInWords(cell)}, against ${peer}`, peer, factor),
    )
}

/** What is wanted, first; then every number. */
export function commitRows(
  cells: readonly MeasuredCell[],
  engines: readonly CommitEngine[],
): Row[] {
  const goals: Row[] = []
  for (const cell of cells) {
    const { bodyBytes, committers, samples } = cell
    if (bodyBytes === smallBytes && committers === groupCommitters) goals.push(...groupRows(cell))
    if (bodyBytes === smallBytes && committers === manyCommitters) {
      const measured = valuesOf(samples, ownName)
      const row = { label: `${cellInWords(cell)}, rate`, measured, unit: '/s' as const }
      goals.push(limitRow(row, '>=', manyPerSecond, '1 M/s'))
    }
    if (bodyBytes >= largeBytes) goals.push(...bandwidthRows(cell))
    if (committers >= groupCommitters) goals.push(...cpuRow(cell, engines))
  }
  return [...goals, ...cells.flatMap((cell) => rateRows(cell, engines))]
}
