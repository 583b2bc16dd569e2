import type { BenchResult } from '../result/result-file.ts'

type Condition = readonly [name: string, of: (result: BenchResult) => string | number]

const conditions: readonly Condition[] = [
  ['processors', ({ machine }) => `${machine.cpus} x ${machine.cpu}`],
  ['memory', ({ machine }) => `${machine.memoryGiB} GiB`],
  ['kernels', ({ machine }) => machine.kernel],
  ['versions of Node', ({ machine }) => machine.node],
  ['file systems', ({ machine }) => machine.fileSystem.replace(/\s+/, ', ')],
  ['drives', ({ machine }) => machine.device],
  ['selections', ({ settings }) => (settings.full ? 'full' : 'quick')],
  ['numbers of rounds', ({ settings }) => settings.rounds],
  ['seconds per subject', ({ settings }) => settings.seconds],
]

function doubtsAbout(which: string, { machine, disk }: BenchResult): string[] {
  const doubts: string[] = []
  if (machine.load > machine.cpus / 2) {
    doubts.push(`others used the machine during the run ${which} (load ${machine.load.toFixed(1)})`)
  }
  if (disk.pauses > 0) {
    doubts.push(`the drive was throttled during the run ${which} (${disk.pauses} pauses)`)
  }
  return doubts
}

/** What else than the program may have changed the numbers. */
export function warningsFor(before: BenchResult, after: BenchResult): string[] {
  const different = conditions.flatMap(([name, of]) => {
    const [a, b] = [of(before), of(after)]
    return a === b ? [] : [`different ${name}: ${a} before, ${b} after`]
  })
  return [...different, ...doubtsAbout('before', before), ...doubtsAbout('after', after)]
}
