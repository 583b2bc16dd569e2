import type { Command } from '../commands.ts'

const programs = {
  ingest: async () => (await import('../../../demo/demo.ts')).runDemo,
  bank: async () => (await import('../../../demo/bank/bank.ts')).runBank,
} as const

const whatThereIs = `seawall demo [ingest] [FILE] [OPTIONS]
                       a process puts a file into a log and is killed twice; then what recovery
                       found, and whether the log is the file, byte for byte
seawall demo bank [OPTIONS]
                       processes that run transfers are killed, also while they recover; every
                       time what is in the store is held against what was acknowledged

seawall demo ingest --help and seawall demo bank --help say more.`

/** `seawall demo`: it runs in this process, so that signals and exit codes are its own. */
export const command: Command = {
  summary: 'kill a writer in the middle, and see what recovery finds',
  run: async ([first, ...rest]) => {
    if (first === '--help' || first === '-h') {
      console.log(whatThereIs)
      return 0
    }
    const isNamed = first === 'ingest' || first === 'bank'
    const name = isNamed ? first : 'ingest'
    const args = isNamed || first === undefined ? rest : [first, ...rest]
    const run = await programs[name]()
    return run(args, `seawall demo ${name}`)
  },
}
