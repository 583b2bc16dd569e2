// `npm run demo`.
import { endWithReader } from '../programs/end-with-reader.ts'
import { runDemo } from './demo.ts'

endWithReader()
process.exitCode = await runDemo(process.argv.slice(2), 'npm run demo --')
