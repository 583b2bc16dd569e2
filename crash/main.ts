// Looks for lost or invented data after crashes: `npm run crash`.
import { fileURLToPath } from 'node:url'

import { corpusDirectory } from './corpus.ts'
import { type RunSettings, readCommandLine, usage } from './command-line.ts'
import { list } from './list.ts'
import { mutants } from './mutants/table.ts'
import { Progress } from './progress.ts'
import { layerSources } from './registry.ts'
import { replayFile, shrinkFile } from './replay/replay.ts'
import { writeReport } from './report/write-report.ts'
import { run } from './run.ts'
import { summary } from './summary.ts'

const cannot = 2
const interruptedBySignal = 130

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

async function runAll(settings: RunSettings, signal: AbortSignal): Promise<number> {
  const { seed, output } = settings
  say(`seed ${seed}, ${settings.budgetCpuSeconds} CPU seconds for each layer`)
  const report = await run(settings, {
    seed,
    sources: layerSources,
    mutants,
    corpusDirectory,
    output,
    progress: new Progress(process.stdout),
    signal,
  })
  const page = writeReport(output, report)
  say('')
  for (const line of summary(report)) say(line)
  say(`report: ${page}`)
  if (signal.aborted) return interruptedBySignal
  return report.problems.length === 0 ? 0 : 1
}

async function main(signal: AbortSignal): Promise<number> {
  const callerDirectory = process.env.SEAWALL_CALLER_DIRECTORY ?? process.cwd()
  const settings = readCommandLine(process.argv.slice(2), callerDirectory)
  switch (settings.command) {
    case 'help':
      say(usage)
      return 0
    case 'list':
      await list(layerSources, mutants, say)
      return 0
    case 'replay':
      return replayFile(settings.file, layerSources, signal, say)
    case 'shrink':
      return shrinkFile(settings.file, settings.output, layerSources, signal, say)
    case 'run':
      return runAll(settings, signal)
  }
}

// What runs is asked to stop, so that it leaves nothing behind; a second signal does not wait.
const interruption = new AbortController()
process.once('SIGINT', () => interruption.abort())
process.once('SIGTERM', () => interruption.abort())
process.chdir(fileURLToPath(new URL('..', import.meta.url)))
try {
  process.exitCode = await main(interruption.signal)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = cannot
}
