// `npm run demo:bank`.
import { endWithReader } from '../../programs/end-with-reader.ts'
import { runBank } from './bank.ts'

endWithReader()
process.exitCode = await runBank(process.argv.slice(2), 'npm run demo:bank --')
