import type { Command } from '../commands.ts'

/** `seawall bench`: it runs in this process, so that signals and exit codes are its own. */
export const command: Command = {
  run: async (args) => {
    const { runBench } = await import('../../../bench/bench.ts')
    return runBench(args, 'seawall bench')
  },
}
