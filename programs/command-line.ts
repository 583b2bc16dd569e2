// How the programs beside the library read their options: as `seawall`, of which they are part.
export { CommandLine, type OptionRule } from '../lib/cli/command-line.ts'
export { usageColumns } from '../lib/cli/usage-text.ts'
export { visible } from '../lib/cli/terminal/visible.ts'
export { wrapped } from '../lib/cli/terminal/wrapped.ts'
export { exitCode, UsageError } from '../lib/cli/usage-error.ts'
