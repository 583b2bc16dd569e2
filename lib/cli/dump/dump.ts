import { CommandLine } from '../command-line.ts'
import type { Command } from '../commands.ts'
import { exitCode } from '../usage-error.ts'
import { dumpLog } from './dump-log.ts'
import { dumpOptions, dumpRules } from './dump-options.ts'
import { followLog } from './follow-log.ts'

/** `seawall dump`. */
export const command: Command = {
  run: async (args) => {
    const line = new CommandLine(
      'seawall dump',
      'Prints the records of the log in DIR, one a line. Takes no lock and changes nothing: it may\n' +
        'be run on a log that is in use, and on a damaged one: it goes on behind the damage.\n' +
        'TYPES, LSNS, PAGES and NAMES are lists with commas. A record must pass every filter.\n' +
        'Exit code 0: no damage was seen; 1: damage, standard error says what; 2: it could not be\n' +
        'read.',
      dumpRules,
      args,
      ['DIR'],
    )
    if (line.isHelp) {
      console.log(line.usage)
      return exitCode.good
    }
    const options = dumpOptions(line)
    const directory = line.word(0) as string
    return options.isFollow
      ? followLog(directory, line, options)
      : dumpLog(directory, line, options)
  },
}
