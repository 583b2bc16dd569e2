// What a lone commit costs the drive: a write and a flush. Where the file system writes metadata of
// its own now and then (the time of the last change), fio shows how much of it no program can
// avoid.
import type { BenchCase, BenchContext } from '../bench-case.ts'
import { BlockDevice } from '../measure/block-device.ts'
import { countsOf, emptyWritesPerFlush } from '../measure/device-counts.ts'
import type { Row } from '../result/row.ts'
import { runSubject } from '../measure/run-subject.ts'
import { spreadOf } from '../measure/spread.ts'
import { limitRow } from './targets.ts'

const bodyBytes = 128
const commits = 2000
const repeats = 3
// Others may use the disk too, so counts are not exact.
const tolerance = 0.02

/** Per commit, or per synced write. */
interface Cost {
  readonly writes: number
  readonly flushes: number
}

async function costOfFio(context: BenchContext, device: BlockDevice, empty: number): Promise<Cost> {
  const { writes, flushes } = await countsOf(device, () => context.fio.overwrite(commits))
  return { writes: (writes - empty * flushes) / commits, flushes: flushes / commits }
}

async function costOfCommit(directory: string, empty: number): Promise<Cost> {
  const config = { directory, recycle: false, bodyBytes, commits }
  const { value, details } = await runSubject('log-device', config)
  const flushes = Number(details?.flushes)
  return { writes: (value - empty * flushes) / commits, flushes: flushes / commits }
}

function quietest(costs: readonly Cost[]): Cost {
  return costs.reduce((a, b) => (a.writes <= b.writes ? a : b))
}

export const deviceWrites: BenchCase = {
  name: 'device-writes',
  title: `Device writes and flushes per lone commit (the quietest of ${repeats} runs of ${commits})`,
  async run(context) {
    const { settings, guard } = context
    const device = BlockDevice.of(settings.directory)
    if (device === undefined) {
      return { rows: [], skipped: ['device-writes: the file system is not on one disk'] }
    }
    const directory = context.directoryFor('device')
    const empty = await emptyWritesPerFlush(device, settings.directory)
    const ofFio: Cost[] = []
    const ofCommit: Cost[] = []
    for (let i = 0; i < repeats; i++) {
      await guard.waitUntilFast()
      ofFio.push(await costOfFio(context, device, empty))
      ofCommit.push(await costOfCommit(directory, empty))
    }
    context.remove(directory)
    const row = (key: keyof Cost, label: string, note?: string): Row => {
      const reference = quietest(ofFio)[key]
      return limitRow(
        {
          label,
          measured: spreadOf([quietest(ofCommit)[key]]),
          unit: 'per commit',
          reference: {
            label: 'fio, per 4 KiB overwrite + fdatasync',
            measured: spreadOf([reference]),
          },
          ...(note === undefined ? {} : { note }),
        },
        '<=',
        Math.max(1, reference) + tolerance,
        '1, or as fio',
      )
    }
    const carried = empty > 0 ? 'without the empty write requests that carry flushes' : undefined
    return { rows: [row('writes', 'writes', carried), row('flushes', 'flushes')] }
  },
}
