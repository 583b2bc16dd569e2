import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { Tally } from '../block-device/tally.ts'
import type { Failure } from '../layer.ts'
import type { JudgedLife } from './life.ts'
import { judgeImage } from './recover.ts'
import { ScenarioRun } from './run-scenario.ts'
import { type Scenario, scenarioName } from './scenario.ts'
import { decodeImage } from './sparse-image.ts'

interface Parameters {
  readonly scenario: Scenario
  readonly lives?: readonly JudgedLife[]
  readonly image?: string
}

const imagesOfReplay = 60

/** The same image again; without one the same machine, which may take another course. */
export async function replayFailure(
  failure: Failure,
  directory: string,
): Promise<Failure | undefined> {
  const { scenario, lives, image } = failure.parameters as unknown as Parameters
  if (lives === undefined || image === undefined) {
    const { seed } = failure
    const tally = new Tally()
    const where = { seed, workDirectory: directory, images: imagesOfReplay, tally }
    await new ScenarioRun(scenario, { ...where, writeThrough: false }).run()
    return tally.violations[0]
  }
  const path = join(directory, 'image')
  const mountPoint = join(directory, 'mount')
  mkdirSync(mountPoint)
  decodeImage(image, path)
  const { fileSystem, sectorBytes } = scenario
  const where = { image: path, mountPoint, fileSystem, sectorBytes }
  const verdict = await judgeImage(where, lives)
  if (verdict.kind !== 'violation') return undefined
  const message = `${scenarioName(scenario)}: ${verdict.message}`
  return { ...failure, oracle: verdict.oracle, message }
}
