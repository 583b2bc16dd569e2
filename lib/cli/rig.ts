import { type Command, dispatch } from './commands.ts'

const commands = {
  agent: {
    summary: 'runs on the machine under test: writes, acknowledges, recovers',
    load: async () => (await import('./rig-agent.ts')).command,
  },
  observer: {
    summary: 'runs on another machine: keeps the ledger, cuts the power, judges',
    load: async () => (await import('./rig-observer.ts')).command,
  },
  selftest: {
    summary: 'checks the rig itself against simulated devices; needs no hardware',
    load: async () => (await import('./rig-selftest.ts')).command,
  },
}

/** `seawall rig`. */
export const command: Command = {
  summary: 'the power-loss rig',
  run: (args, self) => dispatch('seawall rig', commands, args, self),
}
