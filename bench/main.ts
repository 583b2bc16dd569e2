// `npm run bench`.
import { endWithReader } from '../programs/end-with-reader.ts'
import { runBench } from './bench.ts'

endWithReader()
process.exitCode = await runBench(process.argv.slice(2), 'npm run bench --')
