// Resident memory of an engine: bounded by the buffer pool and the log buffer, however much data
// there is.
import type { BenchCase } from '../bench-case.ts'
import type { Row } from '../result/row.ts'
import { runSubject } from '../measure/run-subject.ts'
import { spreadOf } from '../measure/spread.ts'
import { limitRow } from './targets.ts'

const mib = 2 ** 20
const pageBytes = 8192
const bufferMiB = 16
const dataFactor = 20
const quickRun = { bufferPoolMiB: 8, transactions: 20_000 }
const fullRun = { bufferPoolMiB: 16, transactions: 60_000 }
// V8's young generation grows to three times 16 MiB beside what it had; the rest is for the copies
// of pages that are being written, and for the threads.
const constantMiB = 48

export const engineMemory: BenchCase = {
  name: 'engine-memory',
  title: `Memory of an engine with ${dataFactor} times more data than buffer pool`,
  async run(context) {
    await context.guard.waitUntilFast()
    const { bufferPoolMiB, transactions } = context.settings.full ? fullRun : quickRun
    const pageCount = (dataFactor * bufferPoolMiB * mib) / pageBytes
    const directory = context.directoryFor('engine-memory')
    await runSubject('engine-fill', { directory, pageCount })
    const config = {
      directory,
      options: {
        bufferPoolBytes: bufferPoolMiB * mib,
        bufferBytes: bufferMiB * mib,
        maxWalBytes: 32 * mib,
      },
      range: { firstPage: 2, pageCount },
      clients: 32,
      transactions,
      seed: context.settings.seed,
    }
    const { value, details } = await runSubject('engine-memory', config, ['--expose-gc'])
    context.remove(directory)
    const detail = (key: string): string => Number(details?.[key]).toFixed(0)
    const row: Row = {
      label: `peak above the loaded library, ${transactions / 1000} k transactions`,
      measured: spreadOf([value]),
      unit: 'MiB',
      note:
        `${detail('baseMiB')} MiB before, ${detail('firstMiB')} MiB after a twentieth, ` +
        `${detail('lastMiB')} MiB at the end, ${detail('heapGrowthMiB')} of it the growth of V8's heap; ` +
        `${detail('perSecond')} transactions/s, ` +
        `${detail('pagesRead')} pages read, ${detail('pagesWritten')} written`,
    }
    const limitMiB = bufferPoolMiB + bufferMiB + constantMiB
    const text = `pool (${bufferPoolMiB}) + buffer (${bufferMiB}) + ${constantMiB}`
    return { rows: [limitRow(row, '<=', limitMiB, text)] }
  },
}
