// The process that holds the lab's log in a real directory, until it is killed. When the lab itself
// is gone, so is its directory.
import { rmSync } from 'node:fs'

import { Log, SeawallError } from '../index.ts'
import type { FromHolder, ToHolder } from './holder-messages.ts'
import { scratchLog } from './lab-store.ts'
import { recordBody } from './record-body.ts'
import { foundIn } from './simulated-store.ts'

const directory = process.argv[2] ?? ''
let log: Log | undefined

function tell(message: FromHolder): void {
  process.send?.(message)
}

function problem(kind: 'refused' | 'failed', error: unknown): FromHolder {
  const code = error instanceof SeawallError ? error.code : 'ERR_SEAWALL_IO'
  return { kind, code, detail: error instanceof Error ? error.message : String(error) }
}

async function open(): Promise<void> {
  try {
    log = await Log.open(directory, scratchLog)
    tell({ kind: 'opened', report: log.recovery })
  } catch (error) {
    tell(problem('refused', error))
  }
}

async function commit(to: Log, message: ToHolder & { do: 'commit' }): Promise<void> {
  const { number, bytes, durability } = message
  try {
    const lsn = to.endLSN
    const committed = to.commit(recordBody(number, bytes), { durability })
    tell({ kind: 'appended', number, lsn })
    await committed
    tell({ kind: 'acknowledged', number, flushedLSN: to.flushedLSN })
  } catch (error) {
    tell(problem('failed', error))
  }
}

function state(of: Log): FromHolder {
  const { flushedLSN, endLSN, flushes, deviceWrites, deviceSyncs } = of.stats()
  return { kind: 'state', state: { flushedLSN, endLSN, flushes, deviceWrites, deviceSyncs } }
}

async function answer(message: ToHolder): Promise<void> {
  if (message.do === 'open') return open()
  if (log === undefined) return
  if (message.do === 'commit') return commit(log, message)
  tell(message.do === 'tick' ? state(log) : { kind: 'records', records: await foundIn(log) })
}

process.on('message', (message) => void answer(message as ToHolder))
process.on('disconnect', () => {
  rmSync(directory, { recursive: true, force: true })
  process.exit(0)
})
// Ctrl-C goes to everyone in the terminal; the lab decides.
process.on('SIGINT', () => {})
