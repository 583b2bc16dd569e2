import { once } from 'node:events'
import { spawn } from 'node:child_process'

import { Inspector } from '../../inspector/inspector.ts'
import { CommandLine, type OptionRule } from '../command-line.ts'
import type { Command } from '../commands.ts'
import { exitCode } from '../usage-error.ts'

const rules: Record<string, OptionRule> = {
  port: { value: 'N', help: 'listen there (default: any port that is free)' },
  open: { help: 'open it in the browser; its address can then be seen in the list of processes' },
  json: { help: 'print the address as JSON' },
}

/** `seawall inspect`. */
export const command: Command = {
  run: async (args) => {
    const line = new CommandLine(
      'seawall inspect',
      'Shows a log or store in the browser: its records on a time line, transactions, pages, tables,\n' +
        'and a restart step by step; and the lab, where the power of a scratch log can be cut.\n' +
        'Without DIR there is only the lab. Reads without the lock and changes nothing. Only this\n' +
        'machine can reach the page, and only who knows its address. Ctrl-C ends it.',
      rules,
      args,
      ['[DIR]'],
    )
    if (line.isHelp) {
      console.log(line.usage)
      return exitCode.good
    }
    const directory = line.word(0)
    const port = line.integer('port', 0, 0, 65535)
    // From here on a signal is an orderly end, also while the log is being opened.
    const ended = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
    const inspector = await Inspector.open({
      port,
      ...(directory === undefined ? {} : { directory }),
    })
    const { address } = inspector
    console.log(line.switch('json') ? JSON.stringify({ address }) : address)
    if (line.switch('open')) openInBrowser(address)
    await ended
    await inspector.close()
    return exitCode.good
  },
}

function openInBrowser(address: string): void {
  const browser = spawn('xdg-open', [address], { stdio: 'ignore', detached: true })
  const sentence = 'seawall: no browser could be started (xdg-open); open the address by hand'
  browser.on('error', () => console.error(sentence))
  browser.on('exit', (code) => {
    if (code !== 0) console.error(sentence)
  })
  browser.unref()
}
