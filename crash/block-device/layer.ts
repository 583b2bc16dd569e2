import type { Layer, LayerContext, LayerResult } from '../layer.ts'
import { type Lie, LayerRun } from './layer-run.ts'
import { removeLeftovers } from './leftovers.ts'
import { whyUnavailable } from './programs.ts'
import { replayImage } from './replay-image.ts'
import { layerName } from './crash-session.ts'

const lies: readonly Lie[] = [
  { name: 'flushes dropped by the device', tell: (device) => device.dropEveryFlush(1) },
  { name: 'every second flush dropped', tell: (device) => device.dropEveryFlush(2) },
  {
    name: 'flushes never sent (write through)',
    tell: (device) => Promise.resolve(device.hideVolatileCache()),
  },
]

/**
 * L5 and L5b: the addon as it is shipped, on the kernel's own XFS and ext4, on a loop device over a
 * user-space device that records every write and flush.
 */
export const layer: Layer = {
  name: layerName,
  title: 'real addon on real XFS and ext4: power cuts, device errors and shutdowns below them',

  unavailable: () => Promise.resolve(whyUnavailable()),

  async run(context: LayerContext): Promise<LayerResult> {
    removeLeftovers()
    const run = new LayerRun(context)
    await run.honestSessions()
    const { tally } = run
    return run.result([
      'What is written, and when, depends on threads and the kernel: a seed repeats the kind of ' +
        'run only; a failure carries the image that it was found on.',
      `${tally.get('unmountable')} images could not be mounted and ` +
        `${tally.get('damagedFileSystems')} had a damaged file system; they were not judged.`,
      'Sectors are never torn: the journals of both file systems rely on that.',
    ])
  },

  async canary(context: LayerContext): Promise<LayerResult> {
    removeLeftovers()
    const run = new LayerRun(context)
    const silent: string[] = []
    for (const lie of lies) {
      if (!(await run.lyingSessions(lie))) silent.push(`${lie.name}: nothing was lost`)
    }
    const result = run.result(silent)
    // One that does not sing counts as none.
    return silent.length === 0 ? result : { ...result, violations: [] }
  },

  replay: replayImage,
}
