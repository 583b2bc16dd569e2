// The process that is killed. It is started before it is needed, and waits for its command.
import { runEngine } from './engine-clients.ts'
import { runLog } from './log-clients.ts'
import { receiveCommand, report } from './reporter.ts'

const command = receiveCommand()
if (command === undefined) process.exit(0)
try {
  if (command.kind === 'log') await runLog(command)
  else await runEngine(command)
} catch (error) {
  report(['failed', error instanceof Error ? describe(error) : String(error)])
  process.exit(1)
}

function describe(error: Error): string {
  const { code = '' } = error as { code?: string }
  const cause = error.cause instanceof Error ? `; cause: ${error.cause.message}` : ''
  return `${code} ${error.message}${cause}\n${error.stack ?? ''}`
}
