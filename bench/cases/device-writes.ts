// What a lone commit costs the drive. More than one write and one flush means that the file system writes metadata.
import { BlockDevice } from '../block-device.ts'
import type { BenchCase } from '../bench-case.ts'
import type { Sample } from '../rounds.ts'
import { runSubject } from '../run-subject.ts'
import { spreadOf } from '../spread.ts'
import { limitRow } from './targets.ts'

const bodyBytes = 128
const commits = 400
const repeats = 7
// Others may use the disk; nobody can make it count less than there was, except by stopping in between.
const tolerance = 0.02

export const deviceWrites: BenchCase = {
  name: 'device-writes',
  title: 'Device writes and flushes per lone commit',
  async run(context) {
    const directory = context.directoryFor('device')
    if (BlockDevice.of(context.settings.directory) === undefined) {
      return { rows: [], skipped: ['device-writes: the file system is not on one disk'] }
    }
    const samples: Sample[] = []
    for (let i = 0; i < repeats; i++) {
      await context.guard.waitUntilFast()
      samples.push(
        await runSubject('log-device', { directory, recycle: false, bodyBytes, commits }),
      )
    }
    context.remove(directory)
    const quietest = samples.reduce((a, b) => (a.value <= b.value ? a : b))
    const flushes = Number(quietest.details?.flushes)
    const note = `the quietest of ${repeats} runs of ${commits} commits`
    const sectors = Number(quietest.details?.sectors).toFixed(1)
    return {
      rows: [
        limitRow(
          {
            label: 'writes',
            measured: spreadOf([quietest.value]),
            unit: 'per commit',
            note: `${note}; ${sectors} sectors`,
          },
          '<=',
          1 + tolerance,
          '1',
        ),
        limitRow(
          { label: 'flushes', measured: spreadOf([flushes]), unit: 'per commit', note },
          '<=',
          1 + tolerance,
          '1',
        ),
      ],
    }
  },
}
