// `npm run bench`.
import { runBench } from './bench.ts'

process.exitCode = await runBench(process.argv.slice(2), 'npm run bench --')
