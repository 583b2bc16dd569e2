import { existsSync } from 'node:fs'

import { nearestName } from '../../util/nearest-name.ts'
import { type Command, type CommandGroup, type CommandTable, dispatch } from '../commands.ts'
import { UsageError } from '../usage-error.ts'

export const demoCommands: CommandTable = {
  ingest: {
    summary: 'put a file into a log, be killed twice, and compare the log with the file',
    load: async () => {
      const { runDemo } = await import('../../../demo/demo.ts')
      return { run: (args) => runDemo(args, 'seawall demo ingest') }
    },
  },
  bank: {
    summary: 'run transfers, be killed again and again, and hold every balance against the books',
    load: async () => {
      const { runBank } = await import('../../../demo/bank/bank.ts')
      return { run: (args) => runBank(args, 'seawall demo bank') }
    },
  },
}

const group: CommandGroup = {
  name: 'seawall demo',
  commands: demoCommands,
  about: [
    '`seawall demo [FILE]` is `seawall demo ingest`.',
    'Exit code 0: all was as it must be; 1: it was not; 2: it could not begin.',
  ],
}

// A name with a slip in it would be taken for a file.
function checkName(word: string): void {
  const names = ['help', ...Object.keys(demoCommands)]
  const nearest = nearestName(word, names)
  if (names.includes(word) || word.startsWith('-') || nearest === undefined) return
  throw new UsageError(`there is no file '${word}'; did you mean 'seawall demo ${nearest}'?`)
}

/** `seawall demo`: it runs in this process, so that signals and exit codes are its own. */
export const command: Command = {
  run: (args, self) => {
    const [first] = args
    if (first !== undefined && !existsSync(first)) checkName(first)
    const isNamed = first !== undefined && Object.hasOwn(demoCommands, first)
    const isAsking = first === 'help' || first === '--help' || first === '-h'
    return dispatch(group, isNamed || isAsking ? args : ['ingest', ...args], self)
  },
}
