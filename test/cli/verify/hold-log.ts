// Has a log open for writing until it is killed. Argument: directory.
import { Log } from '../../../lib/index.ts'

await Log.open(process.argv[2] ?? '')
// Once nothing is written any more.
setTimeout(() => process.stdout.write('open\n'), 500)
setInterval(() => {}, 1000)
