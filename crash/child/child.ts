// One task with one layer in a process of its own, so that a layer that aborts, hangs or leaks
// takes nobody with it, and so that a mutant is on from the first module on. Started by run-task.ts.
import type { Failure, Layer } from '../layer.ts'
import { loadLayer } from '../registry.ts'
import { shrink } from '../shrink/shrink.ts'
import type { ChildMessage, ReplayTask, RunTask, ShrinkTask, Task } from './messages.ts'

function tell(message: ChildMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, (error: Error | null) => (error === null ? resolve() : reject(error)))
  })
}

function tellSoon(message: ChildMessage): void {
  process.send?.(message)
}

async function run(layer: Layer, task: RunTask): Promise<void> {
  const { seed, budgetCpuSeconds, workDirectory } = task
  const result = await layer[task.kind]({
    seed,
    budgetCpuSeconds,
    workDirectory,
    progress: (counts) => tellSoon({ kind: 'counts', counts }),
  })
  await tell({ kind: 'result', result })
}

async function replay(layer: Layer, task: ReplayTask): Promise<void> {
  await tell({ kind: 'replayed', failure: await layer.replay(task.failure) })
}

async function shrinkIn(layer: Layer, task: ShrinkTask): Promise<void> {
  const until = performance.now() + 1000 * task.secondsMax
  const replayIt = (failure: Failure): Promise<Failure | undefined> => layer.replay(failure)
  const { failure, reproduced } = await shrink(task.failure, replayIt, {
    attemptsMax: task.attemptsMax,
    isOver: () => performance.now() > until,
    onSmaller: (smaller) => tellSoon({ kind: 'smaller', failure: smaller }),
  })
  await tell({ kind: 'shrunk', failure, reproduced })
}

async function carryOut(task: Task): Promise<void> {
  const layer = await loadLayer(task.module)
  const unavailable = await layer.unavailable()
  if (task.kind === 'about') {
    await tell({ kind: 'about', about: { title: layer.title, unavailable } })
    return
  }
  tellSoon({ kind: 'title', title: layer.title })
  if (unavailable !== undefined) {
    await tell({ kind: 'unavailable', reason: unavailable })
    return
  }
  if (task.kind === 'replay') await replay(layer, task)
  else if (task.kind === 'shrink') await shrinkIn(layer, task)
  else await run(layer, task)
}

// The parent is gone: ends as if it had asked for it.
const onOrphaned = (): void => {
  process.kill(process.pid, 'SIGTERM')
}
process.once('disconnect', onOrphaned)

process.once('message', (task: Task) => {
  carryOut(task)
    .catch((error: unknown) => {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
      return tell({ kind: 'broken', reason })
    })
    .finally(() => {
      process.off('disconnect', onOrphaned)
      process.disconnect()
    })
})
