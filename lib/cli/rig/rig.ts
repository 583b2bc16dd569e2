import { RigError } from '../../rig/rig-error.ts'
import { type Command, dispatch } from '../commands.ts'
import { UsageError } from '../usage-error.ts'

const commands = {
  agent: {
    summary: 'runs on the machine under test: writes, acknowledges, recovers',
    load: async () => (await import('./agent.ts')).command,
  },
  observer: {
    summary: 'runs on another machine: keeps the ledger, cuts the power, judges',
    load: async () => (await import('./observer.ts')).command,
  },
  selftest: {
    summary: 'checks the rig itself against simulated devices; needs no hardware',
    load: async () => (await import('./selftest.ts')).command,
  },
}

/** `seawall rig`. */
export const command: Command = {
  summary: 'the power-loss rig',
  run: async (args, self) => {
    try {
      return await dispatch('seawall rig', commands, args, self)
    } catch (error) {
      // 1 and 2 are verdicts here: a call that was wrong is inconclusive.
      if (error instanceof UsageError) throw new RigError(error.message)
      throw error
    }
  },
}
