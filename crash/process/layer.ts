import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { Failure, Layer, LayerContext, LayerResult } from '../layer.ts'
import { nativeRoot } from '../../simulation/native-root.ts'
import { Campaign } from './campaign.ts'
import { availableBackends } from './backends.ts'
import { ProcessPool } from './child-process.ts'
import { prepareProgram } from './prepared-program.ts'
import { repeat } from './repeat.ts'

const addon = join(nativeRoot(), 'native/build/Release/seawall.node')
// Processes that wait while others run: one for each lane, and one that starts.
const waitingMax = 3

/** L4: a real process with real I/O, killed with SIGKILL. */
export const layer: Layer = {
  name: 'L4',
  title:
    'a process with the real addon is killed with SIGKILL, at random and at named points, again ' +
    'and again (sees no missing sync: what was written outlives a process)',

  unavailable(): Promise<string | undefined> {
    const reason =
      process.platform !== 'linux'
        ? 'Linux only'
        : existsSync(addon)
          ? undefined
          : 'the addon is not built (npm run setup)'
    return Promise.resolve(reason)
  },

  run: (context) => withCampaign(context, false, (campaign) => campaign.run()),
  canary: (context) => withCampaign(context, true, (campaign) => campaign.runCanary()),

  async replay(failure: Failure): Promise<Failure | undefined> {
    const workDirectory = mkdtempSync(join(tmpdir(), 'seawall-replay-'))
    try {
      return await repeat(failure, workDirectory)
    } finally {
      rmSync(workDirectory, { recursive: true, force: true })
    }
  },
}

async function withCampaign(
  context: LayerContext,
  acknowledgesEarly: boolean,
  run: (campaign: Campaign) => Promise<LayerResult>,
): Promise<LayerResult> {
  const { workDirectory } = context
  const backends = await availableBackends(workDirectory)
  const program = await prepareProgram(workDirectory)
  const pool = new ProcessPool(program.script, waitingMax)
  try {
    return await run(
      new Campaign(context, { program, pool, workDirectory }, backends, acknowledgesEarly),
    )
  } finally {
    await pool.close()
  }
}
