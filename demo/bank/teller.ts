// The child: opens the bank, tells what it finds, and runs the clients. It may be killed at any
// moment.
import { Engine, type EngineOptions } from '../../lib/index.ts'
import { accountBytes } from './account-pages.ts'
import { readCatalog } from './catalog.ts'
import { Clients } from './clients.ts'
import { fillBank } from './fill.ts'
import type { ObserverMessage, OpeningPhase, TellerMessage, TellerRequest } from './messages.ts'
import { Numbers } from './numbers.ts'
import { readBank } from './read-bank.ts'

const pageBytes = 8192
const mib = 1024 * 1024
const checkpointPauseMs = 400

function tell(message: TellerMessage): void {
  process.send?.(message)
}

/** The next message of this kind. */
function hear<Kind extends ObserverMessage['kind']>(
  kind: Kind,
): Promise<Extract<ObserverMessage, { kind: Kind }>> {
  return new Promise((resolve) => {
    const take = (message: ObserverMessage): void => {
      if (message.kind !== kind) return
      process.off('message', take)
      resolve(message as Extract<ObserverMessage, { kind: Kind }>)
    }
    process.on('message', take)
  })
}

// Half of the accounts fit into memory, so that pages with changes of transactions that still run
// are written to make room. Little log, so that checkpoints have to let go of it.
function engineOptions({ accounts, clients }: TellerRequest): EngineOptions {
  const pagesPerClient = 8
  return {
    pageSize: pageBytes,
    bufferPoolBytes: Math.max((accounts * accountBytes) / 2, clients * pagesPerClient * pageBytes),
    segmentBytes: mib,
    maxWalBytes: 8 * mib,
    maxLogBytes: 64 * mib,
  }
}

async function openStore(request: TellerRequest): Promise<Engine> {
  let last: OpeningPhase = 'log'
  tell({ kind: 'phase', phase: last })
  const engine = await Engine.open(request.directory, {
    ...engineOptions(request),
    onProgress: ({ phase }) => {
      if (phase === last) return
      last = phase
      tell({ kind: 'phase', phase })
    },
  })
  const { backend, directIO } = engine.stats().log
  tell({ kind: 'opened', recovery: engine.recovery, backend, directIO })
  return engine
}

async function takeCheckpoints(engine: Engine, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    await new Promise((resolve) => setTimeout(resolve, checkpointPauseMs))
    await engine.checkpoint()
  }
}

async function run(request: TellerRequest): Promise<void> {
  const engine = await openStore(request)
  const { seed, accounts, clients } = request
  const catalogPageId =
    request.catalogPageId ??
    (await fillBank(engine, accounts, clients, (made) => tell({ kind: 'filling', accounts: made })))
  const startedMs = performance.now()
  const catalog = await readCatalog(engine, catalogPageId, clients)
  const { content, lastJournalPages } = await readBank(engine, catalog, accounts, (read) =>
    tell({ kind: 'reading', accounts: read }),
  )
  const readMs = performance.now() - startedMs
  let isOver = false
  const stopped = hear('stop').then(() => {
    isOver = true
  })
  const started = hear('start')
  tell({ kind: 'observed', catalogPageId, content, readMs })

  const message = await Promise.race([started, stopped])
  if (message !== undefined) {
    const numbers = new Numbers(message.numbersFrom, message.numbersTo, () =>
      tell({ kind: 'more' }),
    )
    process.on('message', (more: ObserverMessage) => {
      if (more.kind === 'numbers') numbers.extend(more.numbersTo)
      if (more.kind === 'stop') numbers.end()
    })
    const work = new Clients(engine, { seed, accounts, catalog, lastJournalPages }, numbers, tell)
    await Promise.all([work.run(), takeCheckpoints(engine, () => isOver)])
  }
  await engine.close()
}

// Ctrl-C is the observer's affair.
process.on('SIGINT', () => {})
// Without an observer nobody is told anything.
process.once('disconnect', () => process.exit(1))
hear('open')
  .then(({ request }) => run(request))
  .then(
    () => tell({ kind: 'closed' }),
    (error: unknown) => {
      const message = error instanceof Error ? (error.stack ?? error.message) : String(error)
      tell({ kind: 'failed', message })
    },
  )
