import { exitCodes, RigError } from '../../rig/rig-error.ts'
import { type Command, type CommandGroup, type CommandTable, dispatch } from '../commands.ts'

export const rigCommands: CommandTable = {
  agent: {
    summary: 'run on the machine under test: write, acknowledge, recover',
    load: async () => (await import('./agent.ts')).command,
  },
  observer: {
    summary: 'run on another machine: keep the ledger, cut the power, judge',
    load: async () => (await import('./observer.ts')).command,
  },
  selftest: {
    summary: 'check the rig itself against simulated devices; needs no hardware',
    load: async () => (await import('./selftest.ts')).command,
  },
}

const group: CommandGroup = {
  name: 'seawall rig',
  commands: rigCommands,
  failedCode: exitCodes.inconclusive,
  about: [
    'Exit code 0: nothing was lost; 1: the engine lost data; 2: the device or the file system did; ' +
      '3: inconclusive, and whatever could not be done. docs/POWER-LOSS-RIG.md',
  ],
}

/** `seawall rig`. */
export const command: Command = {
  run: async (args, self) => {
    try {
      return await dispatch(group, args, self)
    } catch (error) {
      if (error instanceof RigError) throw error
      // 1 and 2 are verdicts here: whatever went wrong is inconclusive.
      throw new RigError((error as Error).message, exitCodes.inconclusive, error)
    }
  },
}
