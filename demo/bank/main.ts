// `npm run demo:bank`.
import { runBank } from './bank.ts'

process.exitCode = await runBank(process.argv.slice(2), 'npm run demo:bank --')
