// Works on stores at random until it is killed. Arguments: seed, then directories.
import { Engine, type EngineOptions, type Operation, type Transaction } from '../../../lib/index.ts'
import { readContents } from '../../support/page-model.ts'
import { PageWorkload } from '../../support/page-workload.ts'
import { Random } from '../../support/random.ts'

const [seedText = '', ...directories] = process.argv.slice(2)
const seed = Number(seedText)

// Counts up; undone by counting down, wherever the counter is then.
const counter: Operation = {
  name: 'add',
  redo: (body, payload) => {
    body[body.length - 1] = ((body[body.length - 1] ?? 0) + (payload[0] ?? 0)) & 0xff
  },
  logicalUndo: async (actions, pageId, payload) => {
    const page = await actions.page(pageId)
    const taken = Uint8Array.of(256 - (payload[0] ?? 0))
    actions.compensate(page, 64, taken)
  },
}

/** The same for a directory each time, but for what may change from open to open. */
function optionsOf(directory: string, random: Random): EngineOptions {
  const fixed = new Random([...directory].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7))
  return {
    pageSize: fixed.pick([4096, 8192]),
    segmentBytes: fixed.pick([128, 256, 1024]) * 1024,
    maxLogBytes: 8 * 1024 * 1024,
    bufferBytes: 64 * 1024,
    bufferPoolBytes: random.pick([16, 64, 300]) * 8192,
    maxWalBytes: random.pick([64, 256, 2048]) * 1024,
    checkpointTimeoutMs: random.pick([10, 50, 300_000]),
    tornPages: random.pick(['doublewrite', 'fullPageImages', 'none']),
    consistencyChecks: random.chance(0.2),
    padToBlock: random.chance(0.2),
    idleMarkMs: random.pick([1, 20, 1000]),
    operations: { 64: counter },
  }
}

async function nestedWork(tx: Transaction, random: Random): Promise<void> {
  const page = await tx.allocatePage()
  tx.apply(page, 64, Uint8Array.of(1 + random.below(200)))
  await tx.nestedTopAction(async (actions) => {
    const own = await actions.page(page.id)
    actions.apply(own, 64, Uint8Array.of(3))
  })
  tx.apply(page, 64, Uint8Array.of(1 + random.below(200)))
}

// Never committed, so that it shows in no model.
async function rolledBack(engine: Engine, random: Random): Promise<void> {
  const tx = await engine.begin()
  try {
    await nestedWork(tx, random)
    if (random.chance(0.3)) await engine.checkpoint()
  } finally {
    await tx.rollback()
  }
}

async function work(directory: string, random: Random): Promise<void> {
  for (;;) {
    const engine = await Engine.open(directory, optionsOf(directory, random))
    for (let round = 1 + random.below(4); round > 0; round--) {
      const workload = new PageWorkload(random, await readContents(engine))
      await workload.run(engine, 1 + random.below(4), 10 + random.below(60))
      if (workload.mismatch !== undefined) throw new Error(workload.mismatch)
      if (random.chance(0.5)) await rolledBack(engine, random)
      if (random.chance(0.3)) await engine.checkpoint({ immediate: random.chance(0.5) })
    }
    await engine.close()
  }
}

process.stdout.write('ready\n')
await Promise.all(directories.map((directory, i) => work(directory, new Random(seed + i))))
