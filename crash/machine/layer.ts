// L6: a whole machine. The production addon and the engine run in an emulated machine (QEMU
// without KVM) under another kernel: on virtio-blk whose writes and flushes are recorded, and
// crashed afterwards at many points; on NVMe that fails; on NVMe with 4 KiB sectors, the machine
// killed. The machine tells the host what it is about to do and what it promised before it goes on;
// the host keeps the ledger and judges, with its own kernel, what is on the disk.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'

import { deviceDirectory, removeLeftovers } from '../block-device/leftovers.ts'
import { Tally } from '../block-device/tally.ts'
import type { Failure, Layer, LayerContext, LayerResult } from '../layer.ts'
import { cpuSecondsUsed } from '../cpu-time.ts'
import { replayFailure } from './replay.ts'
import { ScenarioRun } from './run-scenario.ts'
import { type Scenario, scenarios } from './scenario.ts'

const imagesPerRecording = 60
const imagesOfCanary = 12
const progressMs = 500
const setupScript = fileURLToPath(new URL('../../scripts/setup-machine.mjs', import.meta.url))

let reason: string | undefined
let isChecked = false

export const layer: Layer = {
  name: 'L6',
  title: 'emulated machine: recorded virtio-blk, failing NVMe, kill; XFS and ext4',

  async unavailable() {
    if (!isChecked) reason = whyUnavailable()
    isChecked = true
    return reason
  },

  /** One pass over all scenarios, whatever the budget; then further ones, as far as it goes. */
  async run(context) {
    return inLayer(context, async (tally, isOver) => {
      for (let at = 0; at < scenarios.length || !isOver(); at++) {
        const scenario = scenarios[at % scenarios.length] as Scenario
        await runScenario(scenario, context, at, imagesPerRecording, false, tally)
      }
    })
  },

  async canary(context) {
    return inLayer(context, (tally) =>
      runScenario(scenarios[0] as Scenario, context, 0, imagesOfCanary, true, tally),
    )
  },

  async replay(failure: Failure) {
    const directory = deviceDirectory(tmpdir())
    mkdirSync(directory, { recursive: true })
    try {
      return await replayFailure(failure, directory)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  },
}

function whyUnavailable(): string | undefined {
  if (process.getuid?.() !== 0) return 'mounting needs root'
  if (!existsSync('/dev/loop-control')) return 'there is no /dev/loop-control'
  try {
    execFileSync(process.execPath, [setupScript], { stdio: ['ignore', 'ignore', 'pipe'] })
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer }
    return `the machine cannot be made: ${String(stderr ?? error)
      .trim()
      .slice(-300)}`
  }
  return undefined
}

async function runScenario(
  scenario: Scenario,
  { seed, workDirectory }: LayerContext,
  at: number,
  images: number,
  writeThrough: boolean,
  tally: Tally,
): Promise<void> {
  const options = { seed: (seed + at) % 2 ** 32, workDirectory, images, writeThrough, tally }
  await new ScenarioRun(scenario, options).run()
}

async function inLayer(
  { budgetCpuSeconds, progress }: LayerContext,
  work: (tally: Tally, isOver: () => boolean) => Promise<void>,
): Promise<LayerResult> {
  removeLeftovers()
  const tally = new Tally()
  const before = cpuSecondsUsed()
  const timer = setInterval(() => progress(tally.counts), progressMs)
  try {
    await work(tally, () => cpuSecondsUsed() - before >= budgetCpuSeconds)
  } finally {
    clearInterval(timer)
  }
  progress(tally.counts)
  const { counts, faults, violations } = tally
  const notes = [
    'the record of QEMU lists writes as they complete: one that was issued after a flush and ' +
      'completed before it counts as flushed (L5 tells them apart)',
    'timing decides what happens in the machine: a violation is replayed from its image',
  ]
  return { counts, faults, violations, notes, cpuSeconds: cpuSecondsUsed() - before }
}
