// What a lone commit costs the drive, exactly: a write and a flush. Where the file system writes
// metadata of its own now and then (the time of the last change), fio shows how much of it no
// program can avoid.
import type { BenchContext } from '../bench-case.ts'
import { limitRow } from '../cases/targets.ts'
import { countsOf } from '../measure/device-counts.ts'
import { runSubject } from '../measure/run-subject.ts'
import { spreadOf } from '../measure/spread.ts'
import type { Row } from '../result/row.ts'
import type { DeviceMeter } from './device-meter.ts'

const bodyBytes = 128
// Others may use the disk too, so counts are not exact.
const tolerance = 0.02
/** In each run. */
const commits = 1000

/** Per commit, or per synced write. */
interface Cost {
  readonly writes: number
  readonly flushes: number
}

/** Others only add to what is counted. */
function leastOf(costs: readonly Cost[], key: keyof Cost): number {
  return Math.min(...costs.map((cost) => cost[key]))
}

/** The least of some runs of each; no rows where the disk cannot be told, or without fio. */
export async function deviceCostRows(context: BenchContext, meter: DeviceMeter): Promise<Row[]> {
  const { device, emptyWritesPerFlush: empty } = meter
  const { guard, fio, settings } = context
  if (device === undefined || fio === undefined) return []
  const runs = settings.full ? 5 : 3
  const costOf = (counts: Cost): Cost => ({
    writes: (counts.writes - empty * counts.flushes) / commits,
    flushes: counts.flushes / commits,
  })
  const directory = context.directoryFor('commits-device')
  const config = { directory, recycle: false, bodyBytes, commits, runs }
  await guard.waitUntilFast()
  const ofFio: Cost[] = []
  for (let i = 0; i < runs; i++) {
    ofFio.push(costOf(await countsOf(device, () => fio.overwrite(commits))))
  }
  const { value: writes, details } = await runSubject('log-device', config)
  const ofCommit = costOf({ writes, flushes: Number(details?.flushes) })
  context.remove(directory)
  const carried = empty > 0 ? 'without the empty write requests that carry flushes' : undefined
  const row = (key: keyof Cost, label: string, note?: string): Row => {
    const limit = leastOf(ofFio, key)
    const reference = {
      label: 'fio, for a 4 KiB overwrite and its fdatasync',
      measured: spreadOf([limit]),
    }
    const measured = spreadOf([ofCommit[key]])
    const base = { label, measured, unit: 'per commit' as const, reference }
    const noted = note === undefined ? base : { ...base, note }
    return limitRow(noted, '<=', Math.max(1, limit) + tolerance, '1, or as fio')
  }
  return [
    row('writes', 'writes that reach the drive for a lone commit', carried),
    row('flushes', 'flushes of the drive for a lone commit'),
  ]
}
